import { Command } from 'commander';
import { addCapture } from './capture/capture-main.ts';
import { addDecode } from './capture/decode-main.ts';
import { addReplay } from './capture/replay-main.ts';
import { addConformance } from './conformance/conformance-main.ts';
import { addRun } from './scenario/run-main.ts';

/**
 * `holdfast rig run|conformance|capture|decode|replay`: tools for whoever builds a camera or a dock. Resolves with the exit code; throws what
 * commander throws for a bad command line. Each subcommand is a file of its own that is added below.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const ended = (exitCode: number): void => {
    code = exitCode;
  };
  const rig = new Command('holdfast rig').description('tools for whoever builds a camera or a dock');
  addRun(rig.command('run'), ended);
  addConformance(rig.command('conformance'), ended);
  addCapture(rig.command('capture'), ended);
  addDecode(rig.command('decode'), ended);
  addReplay(rig.command('replay'), ended);
  for (const each of [rig, ...rig.commands]) each.exitOverride().showHelpAfterError();
  await rig.parseAsync([...argv], { from: 'user' });
  return code;
}

import { Command } from 'commander';
import { addConformance } from './conformance/command.ts';

/**
 * `holdfast rig conformance|…`: tools for whoever builds a camera or a dock. Resolves with the exit code; throws what
 * commander throws for a bad command line. Each subcommand is a file of its own that is added below.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const ended = (exitCode: number): void => {
    code = exitCode;
  };
  const rig = new Command('holdfast rig').description('tools for whoever builds a camera or a dock');
  addConformance(rig.command('conformance'), ended);
  for (const each of [rig, ...rig.commands]) each.exitOverride().showHelpAfterError();
  await rig.parseAsync([...argv], { from: 'user' });
  return code;
}

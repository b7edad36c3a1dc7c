import { join } from 'node:path';
import { Command, Option } from 'commander';
import { toHex } from '../proto/bytes.ts';
import { SystemClock } from './clock/system.ts';
import { AskError, askDock } from './keep/ask.ts';
import type { PassReport, ScrubStanding } from './keep/progress.ts';
import type { DockStatus } from './keep/status.ts';
import { damageInWords, passInWords, scrubInWords } from './keep/words.ts';
import { refuseTestData } from './keys/test-data.ts';
import { type Checked, checkAll } from './store/check.ts';
import type { Wound } from './store/examine.ts';

interface Flags {
  readonly data: string;
  readonly mirror?: string;
  readonly pause?: true;
  readonly resume?: true;
  readonly json?: true;
}

const LOOK_MS = 250;

/**
 * `holdfast dock scrub`. Returns 0 when everything is what it was, or was put right, 1 when something is not. Throws AskError,
 * StoreError and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const flags = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(flags.data);
  const act = actOf(flags);
  let begun: ScrubStanding;
  try {
    begun = await askScrub(flags.data, act);
  } catch (error) {
    // Whoever pauses a dock must not be told that all is well because none runs.
    if (act === 'pass' && error instanceof AskError && error.code === 'NOT_RUNNING')
      return readStopped(flags);
    throw error;
  }
  if (act === 'pass') return watchPass(begun, flags);
  for (const line of flags.json === true ? [JSON.stringify(begun)] : scrubInWords(begun)) print(line);
  return 0;
}

function actOf({ pause, resume }: Flags): 'pause' | 'resume' | 'pass' {
  if (pause === true) return 'pause';
  return resume === true ? 'resume' : 'pass';
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function askScrub(data: string, act: string): Promise<ScrubStanding> {
  // What a dock of this version answers.
  return (await askDock(join(data, 'control.sock'), 'scrub', { act })) as ScrubStanding;
}

/** Looks until the pass that was asked for has ended. */
async function watchPass(begun: ScrubStanding, flags: Flags): Promise<number> {
  const { data } = flags;
  const clock = new SystemClock();
  const wanted = begun.now?.pass ?? begun.begun + 1;
  for (let standing = begun; ; standing = await askScrub(data, 'look')) {
    const { now, last } = standing;
    show(standing);
    if (last !== undefined && last.pass >= wanted) return tellPass(last, flags);
    if (standing.begun >= wanted && now?.pass !== wanted)
      throw new AskError('REFUSED', 'the pass ended before it was through: the log of the dock says why', {
        retry: 'later',
      });
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve);
    });
  }
}

/** Only for somebody who looks on, and not among the results. */
function show({ state, now }: ScrubStanding): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\x1b[K${now === undefined ? state : `${state}: ${passInWords(now)}`}`);
}

async function tellPass(report: PassReport, { data, json }: Flags): Promise<number> {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const { damaged } = (await askDock(join(data, 'control.sock'), 'status')) as DockStatus;
  if (json === true) {
    for (const one of damaged) print(JSON.stringify({ ...one, event: 'damaged' }));
    print(JSON.stringify({ event: 'scrubbed', ...report }));
  } else {
    for (const one of damaged) print(`DAMAGED  ${damageInWords(one)}`);
    print(`${report.recordingsTotal} recordings, ${report.bytesTotal} bytes read, ${report.damaged} damaged`);
  }
  return report.damaged === 0 ? 0 : 1;
}

async function readStopped({ data, mirror, json }: Flags): Promise<number> {
  const total = { copies: 0, bytes: 0, damaged: 0 };
  for await (const checked of checkAll(data, mirror)) {
    total.copies += 1;
    total.bytes += checked.bytes;
    if (checked.wounds.length === 0) continue;
    total.damaged += 1;
    if (json === true) print(JSON.stringify({ event: 'damaged', ...plain(checked) }));
    else print(`DAMAGED  ${checked.copy} ${checked.recording} ${checked.wounds.map(nameOf).join(', ')}`);
  }
  const { copies, bytes, damaged } = total;
  if (json === true) print(JSON.stringify({ event: 'scrubbed', ...total }));
  else print(`${copies} copies of recordings, ${bytes} bytes read, ${damaged} damaged`);
  return damaged === 0 ? 0 : 1;
}

function plain({ recording, state, copy, wounds }: Checked): object {
  const pieces = wounds.map((wound) => ({
    piece: nameOf(wound),
    expected: toHex(wound.piece.expected),
    found: toHex(wound.found),
  }));
  return { recording, state, copy, pieces };
}

const nameOf = ({ piece }: Wound): string =>
  piece.what === 'chunk' ? `chunk ${piece.chunk.index}` : piece.what;

function command(): Command {
  return new Command('holdfast dock scrub')
    .description(
      'Reads everything that a dock holds and compares it. A running dock does it, at full speed while no camera uploads, and mends what it can; of a stopped one it only reads.',
    )
    .requiredOption('--data <dir>', 'data folder of the dock')
    .option('--mirror <dir>', 'mirror of a stopped dock, to be read too; a running one knows its own')
    .addOption(new Option('--pause', 'a running dock reads nothing from now on').conflicts('resume'))
    .addOption(new Option('--resume', 'it goes on where it was'))
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
A dock that runs does this by itself (--scrub-pass, --scrub-mib-s). A pause ends with the dock.
Exit code: 0 when everything is what it was or was put right, 1 when something is not.

Examples:
  holdfast dock scrub --data /var/lib/holdfast
  holdfast dock scrub --data /var/lib/holdfast --pause`,
    )
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}

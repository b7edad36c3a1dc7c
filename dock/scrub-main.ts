import { Command } from 'commander';
import { toHex } from '../proto/bytes.ts';
import { type Checked, checkAll } from './store/check.ts';
import type { Wound } from './store/examine.ts';

interface Flags {
  readonly data: string;
  readonly mirror?: string;
  readonly json?: true;
}

/** `holdfast dock scrub`. Returns 0 when everything is what it was, 1 when something is not. Throws StoreError and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, mirror, json } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
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
    .description('read everything that a stopped dock holds and compare it; changes nothing')
    .requiredOption('--data <dir>', 'data folder of the dock')
    .option('--mirror <dir>', 'its mirror, to be read too')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
A dock that runs does this by itself, again and again, and mends what it can (--scrub-mib-s).
Exit code: 0 when everything is what it was, 1 when something is not.`,
    )
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseCosignerVkey } from '../../proto/cosignature.ts';
import { ProofError } from '../../proto/errors.ts';
import { isRecordingId } from '../../proto/ids.ts';
import { parseVkey } from '../../proto/note.ts';
import { nodeChecker } from '../ledger/checker.ts';
import type { Finding } from '../ledger/verify/finding.ts';
import { readOwnBook } from './ledger/own-book.ts';
import { type Given, type Shown, whoOpened, type WhoOpened } from './ledger/who-opened.ts';

interface Flags {
  readonly before?: number;
  readonly data?: string;
  readonly ledger?: string;
  readonly vkey?: string;
  readonly witness: readonly string[];
  readonly quorum?: number;
  readonly since: readonly string[];
  readonly json?: true;
}

/**
 * `holdfast policy who-opened`. Returns 0 when the log holds, whatever it says, and 1 when it does not. Throws StoreError and TrustError
 * for a folder that cannot be read, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = command();
  const parsed = program.parse([...argv], { from: 'user' });
  const [recording = ''] = parsed.args;
  const { data, ledger, before, vkey, witness, quorum, since, json } = parsed.opts<Flags>();
  if (!isRecordingId(recording)) program.error('error: a recording is named by 32 hexadecimal digits');
  if ((data === undefined) === (ledger === undefined))
    program.error('error: give --data, the folder of a policy service, or --ledger, a copy of its log');
  if ((quorum ?? 0) > witness.length)
    program.error(`error: --quorum: ${quorum} of ${witness.length} witnesses can never be reached`);
  const report = await whoOpened({
    ...{ dir: ledger ?? join(data ?? '', 'ledger'), recording, since },
    witnesses: { witnesses: witness, quorum: quorum ?? witness.length },
    ...(before === undefined ? {} : { beforeUs: before }),
    ...(vkey === undefined ? {} : { vkey }),
    ...(data === undefined ? {} : { ownBook: () => readOwnBook(data, recording) }),
  });
  const lines = json === true ? [JSON.stringify(report)] : inWords(report);
  for (const line of lines) process.stdout.write(`${line}\n`);
  return report.ok ? 0 : 1;
}

function command(): Command {
  return new Command('holdfast policy who-opened')
    .description(
      'Says who was given keys of a recording, or that nobody was, from the ledger of a policy service; checks the whole of it first, without the service.',
    )
    .argument('<recording>', 'id of the recording, 32 hexadecimal digits')
    .option('--before <time>', 'only what was given before this moment (RFC 3339)', moment)
    .option('--data <dir>', 'folder of the policy service, running or not: people are named')
    .option('--ledger <dir>', 'a copy of its log: checkpoint and tile/; people have pseudonyms')
    .option(
      '--vkey <key>',
      'verifier key of the log, or a file with it, from a place you trust (default: the one found there)',
      logKey,
    )
    .option(
      '--witness <vkey>',
      'verifier key of a witness, or a file with it; repeat for more',
      witnesses,
      [],
    )
    .option('--quorum <n>', 'how many of them must have cosigned (default: all that are named)', count)
    .option(
      '--since <file>',
      'another checkpoint of this log, older or newer: the two must be of one history; repeat for more',
      also,
      [],
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}

const EXAMPLES = `
Exit code: 0 when the log holds, whether or not somebody was given keys; 1 when it does not; 2 for a bad command line.

Examples:
  Could the officer have seen it before the report was filed?
    holdfast policy who-opened 00112233445566778899aabbccddeeff --before 2026-11-21T10:02:00Z --data ./policy
  The same from a copy of the log, trusting nobody but a witness:
    holdfast policy who-opened 00112233445566778899aabbccddeeff --before 2026-11-21T10:02:00Z \\
      --ledger ./copy --vkey policy.vkey --witness w1.vkey
`;

function inWords(report: WhoOpened): readonly string[] {
  const { ledger, findings, unlisted } = report;
  const shown = (severity: Finding['severity']): readonly string[] =>
    findings.filter((one) => one.severity === severity).flatMap(findingInWords);
  return [
    `ledger    ${ledger.origin ?? 'unknown origin'}, ${ledger.size ?? 'unknown number of'} entries, ${ledger.dir}`,
    `key       ${ledger.vkey ?? 'none'}${ledger.pinned ? '' : ' (not pinned)'}`,
    ...report.given.flatMap(givenInWords),
    ...report.shown.map(shownInWords),
    ...shown('failure'),
    ...shown('note'),
    ...(unlisted > 0 ? [`          and ${unlisted} more findings`] : []),
    `answer    ${answerOf(report)}`,
  ];
}

function answerOf(report: WhoOpened): string {
  const { ok, recording, before, given, ledger } = report;
  if (!ok) return `${silenceOf(report)}: it says nothing for or against`;
  const when = before === null ? '' : ` before ${before}`;
  const published = given.filter((one) => one.published);
  const who = peopleIn(new Set(published.map(({ person }) => person)).size);
  const cosigned = ledger.cosigned.map(
    (name) => `${name} at ${ledger.cosignedAt[name] ?? 'an unknown time'}`,
  );
  const seen = cosigned.length === 0 ? 'cosigned by no known witness' : `cosigned by ${cosigned.join(', ')}`;
  const until = ledger.until === null ? '' : `; it speaks up to ${ledger.until}`;
  const idle = ledger.size === 0 ? 'nothing is in the log yet: ' : '';
  const waits = waitingIn(given.length - published.length);
  return `${idle}${who} given keys of ${recording}${when}${waits} (checkpoint of ${ledger.size ?? 0} entries, ${seen}${until})`;
}

/** Why there is no answer. A sound log that does not reach so far, and one with nothing in it, are no broken ones. */
function silenceOf({ before, ledger, findings }: WhoOpened): string {
  const failures = findings.filter(({ severity }) => severity === 'failure').map(({ code }) => code);
  const codes = [...new Set(failures)];
  if (codes.some((code) => code !== 'checkpoint-old')) return `THE LOG DOES NOT HOLD (${codes.join(', ')})`;
  if (ledger.size === 0)
    return `nothing is in the log yet, so it does not speak up to ${before ?? 'any time'}`;
  return `the log speaks only up to ${ledger.until ?? 'no time that is known'}, not up to ${before ?? 'any later'}`;
}

/** No key leaves before its entry is published; but a checkpoint that was rolled back looks the same, so nothing is promised of these. */
function waitingIn(count: number): string {
  if (count === 0) return '';
  const more = count === 1 ? '1 more giving is' : `${count} more givings are`;
  return ` by this checkpoint; ${more} in facts.db alone, which waits to be published, or the log was rolled back`;
}

function peopleIn(count: number): string {
  if (count === 0) return 'nobody was';
  return count === 1 ? 'one person was' : `${count} people were`;
}

function givenInWords(given: Given): readonly string[] {
  const { at, chunks, dock, page, decision = 'not named by this entry', rests } = given;
  const [start, end] = chunks;
  const rows =
    rests === null
      ? ''
      : `: keys ${rests.keys}, behind the grant decision ${rests.decision ?? 'none'}: ${rests.reason}`;
  return [
    `${given.published ? 'given     ' : 'written   '}${at} ${given.published ? 'to' : 'for'} ${whoIn(given)}: chunks ${start} to ${end - 1}, opened at ${dock} by page ${page} (${placeIn(given)})`,
    `          decision ${decision}${rows}`,
  ];
}

function shownInWords(shown: Shown): string {
  const { at, grantId, decision, page } = shown;
  return `shown     ${at} to ${whoIn(shown)}: decision ${decision} behind grant ${grantId}, to page ${page} (${placeIn(shown)})`;
}

const whoIn = ({ name, person }: Given | Shown): string => name ?? `somebody with the pseudonym ${person}`;
const placeIn = ({ index, published }: Given | Shown): string =>
  published ? `entry ${index}` : `entry ${index}, in facts.db and not in this checkpoint`;

function findingInWords({ severity, code, file, index, message, advice }: Finding): readonly string[] {
  const place = index === undefined ? file : `${file} [${index}]`;
  return [
    `${severity === 'failure' ? 'FAILURE  ' : 'note     '} ${code}: ${place} ${message}`,
    `          ${advice}`,
  ];
}

const also = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function moment(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isSafeInteger(ms * 1_000) && ms >= 0) return ms * 1_000;
  throw new InvalidArgumentError('must be a date and time with its zone, such as 2026-11-21T10:02:00Z');
}

function count(digits: string): number {
  if (/^\d{1,3}$/.test(digits)) return Number(digits);
  throw new InvalidArgumentError('must be a number');
}

const logKey = (given: string): string => keyIn(given, parseVkey);
const witnesses = (given: string, before: readonly string[]): readonly string[] =>
  also(keyIn(given, parseCosignerVkey), before);

/** A verifier key as it is, or on the one line of a file. */
function keyIn(given: string, parse: (vkey: string, sha: typeof nodeChecker.sha256) => unknown): string {
  const vkey = /^[^+]+\+[0-9a-f]{8}\+/.test(given) ? given : lineOf(given);
  try {
    parse(vkey, nodeChecker.sha256);
    return vkey;
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new InvalidArgumentError(cause.message);
  }
}

function lineOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new InvalidArgumentError('is neither a verifier key (name+hash+key) nor a file that can be read');
  }
}

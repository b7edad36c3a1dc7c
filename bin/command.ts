import { existsSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { FieldError } from '../proto/errors.ts';

/** What every program's main looks like: arguments after its command word in, exit code out. */
interface Program {
  main(argv: readonly string[]): Promise<number>;
}

/** A command of `holdfast`; `load` is called only when it is asked for, so each program loads only its own code. */
interface Command {
  readonly summary: string;
  load(argv: readonly string[]): Promise<Program>;
}

/** Exit codes of every command; the table for people is in docs/COMMANDS.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, bug: 70 } as const;

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  [
    'demo',
    {
      summary: 'the whole story on this machine, with three cameras',
      load: () => import('../sim/demo/main.ts'),
    },
  ],
  ['device', { summary: 'one simulated camera', load: () => import('../device/main.ts') }],
  ['dock', { summary: 'the docking-station daemon', load: () => import('../dock/main.ts') }],
  ['policy', { summary: 'the policy service and key custodian', load: policyProgram }],
  [
    'witness',
    { summary: 'a witness that cosigns ledgers of docks', load: () => import('../dock/witness/main.ts') },
  ],
  [
    'enrol',
    { summary: 'keys and identities of cameras, docks, people and fact sources', load: enrolProgram },
  ],
  [
    'rig',
    {
      summary: 'tests of outside cameras and docks over a real port or broker',
      load: () => import('../sim/rig/rig-main.ts'),
    },
  ],
  [
    'load',
    {
      summary: 'a dock under load: how much it takes, and how soon',
      load: () => import('../sim/fleet/load-main.ts'),
    },
  ],
  [
    'export',
    {
      summary: 'an evidence package of one recording, for anybody to check',
      load: () => import('../dock/export-main.ts'),
    },
  ],
  [
    'verify',
    {
      summary: 'offline check of a ledger or of an evidence package',
      load: () => import('../dock/verify-main.ts'),
    },
  ],
]);

/**
 * Cedar is WebAssembly, and V8 compiles what is used often once more with its slow compiler: a second of work at each start of the
 * service, while rules are checked, for decisions that take no less time after it. So it waits until a function has done much more.
 * V8 reads this number when the module is loaded.
 */
function policyProgram(): Promise<Program> {
  setFlagsFromString('--wasm-tiering-budget=1000000000');
  return import('../dock/policy/main.ts');
}

/** People and sources belong to the policy service, which another organisation runs; the rest to the dock. */
function enrolProgram(argv: readonly string[]): Promise<Program> {
  const isPolicys = argv[0] === 'person' || argv[0] === 'source';
  return isPolicys ? import('../dock/policy/enrol.ts') : import('../dock/keys/enrol.ts');
}

/** Runs one command line (without node and script) and returns the exit code; never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  const [word = '--help', ...rest] = argv;
  if (word === '--help' || word === '-h' || word === 'help') return print(process.stdout, help(), EXIT.ok);
  if (word === '--version' || word === '-V') return print(process.stdout, `${version()}\n`, EXIT.ok);
  const command = COMMANDS.get(word);
  if (command === undefined) {
    return print(process.stderr, `holdfast: unknown command "${word}"\n\n${help()}`, EXIT.usage);
  }
  if (word === 'enrol' && (rest.length === 0 || isHelp(rest[0]))) {
    return print(process.stdout, enrolHelp(), rest.length === 0 ? EXIT.usage : EXIT.ok);
  }
  try {
    return await (await command.load(rest)).main(rest);
  } catch (error) {
    return report(error);
  }
}

/**
 * Says what went wrong and picks the exit code. An error we expect to meet in the field is one line for a
 * person; anything else is a bug and comes with its stack.
 */
export function report(error: unknown, out: { write(text: string): unknown } = process.stderr): number {
  if (error instanceof FieldError) {
    const again = error.retry === 'later' ? ' (trying again later may help)' : '';
    const code = error.code === 'CONFIG' ? EXIT.usage : EXIT.failed;
    return print(out, `holdfast: ${error.message} [${error.code}]${again}\n`, code);
  }
  // commander has already printed its message or its help when it throws.
  if (isCommanderError(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return print(
    out,
    `holdfast: this is a bug in holdfast; please report it with the lines below.\n${detail}\n`,
    EXIT.bug,
  );
}

function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

function print(out: { write(text: string): unknown }, text: string, code: number): number {
  out.write(text);
  return code;
}

function help(): string {
  const rows = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`);
  return `Usage: holdfast <command> [options]

${rows.join('\n')}

  holdfast <command> --help   options and examples of one command
  holdfast --version

Examples:
  holdfast demo                     play the story and stay up; the viewer's address is printed
  holdfast demo --once --json       play it to its end and print one JSON summary
  holdfast verify DIR/dock/ledger   check a ledger without the dock that wrote it
`;
}

function enrolHelp(): string {
  return `Usage: holdfast enrol <camera|dock|trust|recovery|test-cameras|person|source> [options]

  camera       make a camera's key and put its identity in the docks' registries
  dock         make a dock's key and its ledger's key
  trust        make a camera trust a dock's receipts
  recovery     make an offline key that can open what cameras seal
  test-cameras make cameras for load tests, whose recordings a dock keeps apart
  person       add a person who may sign in at the policy service
  source       add a system that may send facts to the policy service

  holdfast enrol <kind> --help      options and examples of one kind

Example:
  holdfast enrol camera cam-1 --out keys/cam-1 --registry dock/registry
`;
}

/** The version in package.json, one folder up from the sources and two from the build. */
function version(): string {
  const path = ['../package.json', '../../package.json']
    .map((relative) => new URL(relative, import.meta.url))
    .find((url) => existsSync(url));
  if (path === undefined) return 'unknown';
  const { version: found } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return found;
}

import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import {
  badConfig,
  PEOPLE_FORMAT,
  PERSON,
  readPeople,
  readSources,
  readText,
  SOURCE_NAME,
  type StoredSource,
} from './config.ts';
import { writeDurably } from './custodian/file.ts';
import { randomToken } from './custodian/keys.ts';
import { hashPassword } from './custodian/password.ts';
import { ConfigError } from './errors.ts';
import { FACT_TYPES, OWN_SOURCE, ROLES } from './facts/fact.ts';

const EXIT_USAGE = 2;

interface PersonOptions {
  readonly name: string;
  readonly role: readonly string[];
  readonly org?: string;
  readonly people: string;
  readonly passwordFile: string;
  readonly json?: boolean;
}

interface SourceOptions {
  readonly may: StoredSource['may'];
  readonly sources: string;
  readonly tokenFile?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** `holdfast enrol person|source …`; `argv` begins with that word. Returns 2 when flags or files are wrong. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('holdfast enrol').exitOverride();
  program.addCommand(personCommand().exitOverride());
  program.addCommand(sourceCommand().exitOverride());
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`holdfast enrol: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

function personCommand(): Command {
  return new Command('person')
    .description(
      'Adds a person who may sign in at the policy service, or gives them a new password and new roles.',
    )
    .argument('<id>', 'the person as the records system names them, e.g. a badge number')
    .requiredOption('--name <name>', 'for people')
    .option('--role <role>', `one of ${ROLES.join(', ')}; may be repeated`, collect, [])
    .option('--org <name>', 'who employs them')
    .requiredOption('--people <file>', 'the accounts; made when missing')
    .requiredOption('--password-file <file>', 'file with the password, or - for standard input')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
Examples:
  echo 'correct horse' | holdfast enrol person 4411 --name "A. Ruiz" --role officer --people people.json --password-file -
`,
    )
    .action(enrolPerson);
}

function sourceCommand(): Command {
  return new Command('source')
    .description('Adds a system that may send facts to the policy service and makes its bearer token.')
    .argument('<name>', 'a dock must be called as the dock is')
    .requiredOption('--may <types...>', "fact types it may assert, or '*'")
    .requiredOption('--sources <file>', 'the sources; made when missing')
    .option('--token-file <file>', 'write the token there instead of printing it')
    .option('--replace', 'give an existing source a new token and these rights')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
Examples:
  holdfast enrol source records --may '*' --sources sources.json
  holdfast enrol source dock-1 --may recording.registered recording.destroyed --sources sources.json --token-file dock-1.token
`,
    )
    .action(enrolSource);
}

async function enrolPerson(person: string, options: PersonOptions): Promise<void> {
  if (!PERSON.test(person))
    throw badConfig(`"${person}" cannot name a person: 1 to 64 of A-Z a-z 0-9 . _ @ -`);
  const roles = ROLES.filter((role) => options.role.includes(role));
  const unknown = options.role.find((role) => !ROLES.some((known) => known === role));
  if (unknown !== undefined || roles.length === 0) {
    throw badConfig(
      `${unknown === undefined ? 'no --role given' : `no role "${unknown}"`}; there are: ${ROLES.join(', ')}`,
    );
  }
  const password = passwordIn(options.passwordFile);
  const before = existsSync(options.people) ? readPeople(options.people) : [];
  const account = {
    person,
    name: options.name,
    roles,
    ...(options.org === undefined ? {} : { org: options.org }),
    password: await hashPassword(password),
  };
  const people = [...before.filter((one) => one.person !== person), account];
  // Password hashes are for the service alone.
  writeDurably(options.people, `${JSON.stringify({ format: PEOPLE_FORMAT, people }, null, 2)}\n`, 0o600);
  const done = { person, roles, people: options.people };
  say(options, done, `enrolled ${person} as ${roles.join(', ')} in ${options.people}`);
}

function enrolSource(name: string, options: SourceOptions): void {
  if (!SOURCE_NAME.test(name) || name === OWN_SOURCE) throw badConfig(`"${name}" cannot name a source`);
  const unknown = options.may.find((type) => type !== '*' && !FACT_TYPES.includes(type));
  if (unknown !== undefined)
    throw badConfig(`no fact type "${unknown}"; there are: ${FACT_TYPES.join(', ')}`);
  const before = existsSync(options.sources) ? readSources(options.sources) : [];
  if (before.some((one) => one.name === name) && options.replace !== true) {
    throw badConfig(`${options.sources} already has ${name}; --replace gives it a new token`);
  }
  const token = randomToken();
  const sources = [...before.filter((one) => one.name !== name), { name, token, may: options.may }];
  writeDurably(options.sources, `${JSON.stringify(sources, null, 2)}\n`, 0o600);
  if (options.tokenFile === undefined) return say(options, { source: name, token }, token);
  writeDurably(options.tokenFile, `${token}\n`, 0o600);
  const done = { source: name, tokenFile: options.tokenFile };
  say(options, done, `enrolled ${name}; its token is in ${options.tokenFile}`);
}

function passwordIn(path: string): string {
  const text = path === '-' ? readFileSync(0, 'utf8') : readText(path);
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw badConfig('the password is empty');
  return password;
}

function say({ json }: { readonly json?: boolean }, fields: object, sentence: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(fields) : sentence}\n`);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

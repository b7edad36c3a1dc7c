import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { badConfig, readText, type StoredSource } from './config.ts';
import { enrolPerson, enrolSource } from './enrolling.ts';
import { ConfigError } from './errors.ts';
import { ROLES } from './facts/fact.ts';

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
    .action(addPerson);
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
    .action(addSource);
}

async function addPerson(person: string, options: PersonOptions): Promise<void> {
  const { name, org, people } = options;
  const roles = await enrolPerson({
    ...{ person, name, people, roles: options.role },
    ...(org === undefined ? {} : { org }),
    password: () => passwordIn(options.passwordFile),
  });
  say(options, { person, roles, people }, `enrolled ${person} as ${roles.join(', ')} in ${people}`);
}

function addSource(name: string, options: SourceOptions): void {
  const { may, sources, tokenFile } = options;
  const token = enrolSource({
    ...{ name, may, sources, replace: options.replace === true },
    ...(tokenFile === undefined ? {} : { tokenFile }),
  });
  if (tokenFile === undefined) return say(options, { source: name, token }, token);
  say(options, { source: name, tokenFile }, `enrolled ${name}; its token is in ${tokenFile}`);
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

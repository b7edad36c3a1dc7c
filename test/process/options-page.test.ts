import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../device/firmware/command.ts';

// Goal: what the page of commands says of commands, options and defaults is what each `--help` says, so neither drifts. Method: ask every
// command that any help names for its own, make the tables anew and compare; with HOLDFAST_UPDATE=1 the page is written first.

const PAGE = new URL('../../docs/COMMANDS.md', import.meta.url);
const BEGIN =
  '<!-- options: begin. Made from each --help: HOLDFAST_UPDATE=1 npx vitest run --project programs options-page -->\n';
const END = '<!-- options: end -->\n';

interface Help {
  readonly words: readonly string[];
  readonly text: string;
}

/** A row of a help: an option or an argument, what it is for, and its default. */
interface Row {
  readonly name: string;
  readonly what: string;
  readonly otherwise: string;
}

const helps: Help[] = [];

beforeAll(async () => {
  let waiting: readonly (readonly string[])[] = [[], ['policy', '--fixture', 'FILE']];
  while (waiting.length > 0) {
    const found = await helpsOf(waiting);
    helps.push(...found);
    waiting = found.flatMap(({ words, text }) => below(words, text));
  }
});

// Loading a program costs more than asking it, so one process asks many.
const ASK = `
const [, command, asked] = process.argv;
const { run } = await import(command);
const say = process.stdout.write.bind(process.stdout);
const all = [];
for (const words of JSON.parse(asked)) {
  let text = '';
  process.stdout.write = (more) => ((text += more), true);
  const code = await run([...words, '--help']);
  all.push({ words, text: code === 0 ? text : '' });
}
say(JSON.stringify(all));
`;

async function helpsOf(asked: readonly (readonly string[])[]): Promise<readonly Help[]> {
  const command = new URL('../../dist/bin/command.js', import.meta.url).href;
  const argv = ['--input-type=module', '-e', ASK, command, JSON.stringify(asked)];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: 60_000 });
  const found = JSON.parse(stdout) as readonly Help[];
  for (const { words, text } of found) expect(text, words.join(' ')).not.toBe('');
  return found;
}

/** The commands that a help names: in a list after its usage, in commander's own list, or in full. */
function below(words: readonly string[], text: string): readonly (readonly string[])[] {
  if (words.includes('--fixture')) return [];
  const full = ['holdfast', ...words, ''].join(' ');
  const others = text.split('\nOther commands')[1]?.matchAll(new RegExp(`^  ${full}([a-z-]+) `, 'gm')) ?? [];
  const own = /^Usage: holdfast (?:enrol )?<[^\n]*\n\n((?:  .*\n)+)/.exec(text)?.[1] ?? '';
  const [, listed = ''] = /^Commands:\n((?:  .*\n)+)/m.exec(text) ?? [];
  const names = [...others, ...`${own}${listed}`.matchAll(/^  ([a-z][a-z-]*) /gm)].map(
    ([, name = '']) => name,
  );
  return [...new Set(names)].filter((name) => name !== 'help').map((name) => [...words, name]);
}

/** Every option and argument, whatever heading it stands under; commander breaks its lines, which is undone. */
function rowsOf(text: string): readonly Row[] {
  const rows: { name: string; what: string }[] = [];
  let heading = '';
  let row: { name: string; what: string } | undefined;
  for (const line of text.split('\n')) {
    const [, name = '', what = ''] = /^ {2}(\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
    if (/^\S.*:$/.test(line)) heading = line;
    if (line === '' || /^\S/.test(line)) row = undefined;
    else if (heading === 'Arguments:' || (/^ {2}-/.test(line) && !heading.startsWith('Examples'))) {
      if (/^ {4}/.test(line) && row !== undefined) row.what += ` ${line.trim()}`;
      else rows.push((row = { name, what }));
    } else if (row !== undefined) row.what += ` ${line.trim()}`;
  }
  return rows
    .filter(({ name }) => name !== '-h, --help')
    .map(({ name, what }) => withDefault(name, what.trim()));
}

function withDefault(name: string, text: string): Row {
  const [, what = text, value = ''] = /^(.*?) ?\(default: (.*)\)$/.exec(text) ?? [];
  return { name, what, otherwise: value.replaceAll('"', '') };
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/<(?=[a-z])/g, '&lt;');
}

function tables(): string {
  return helps
    .filter(({ text }) => rowsOf(text).length > 0)
    .toSorted((one, other) => (one.words.join(' ') < other.words.join(' ') ? -1 : 1))
    .map(({ words, text }) => {
      const rows = rowsOf(text).map(
        ({ name, what, otherwise }) =>
          `| \`${name.replaceAll('|', '\\|')}\` | ${cell(what)} | ${otherwise === '' ? '' : `\`${cell(otherwise)}\``} |`,
      );
      return `### holdfast ${words.join(' ')}\n\n| option | what it is | default |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    })
    .join('\n');
}

const flagsOf = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^ {2}(?:-\w, )?(--[a-z][a-z-]*)/gm)].map(([, flag = '']) => flag));

/** Lines that somebody may type, continued ones joined, with the help of the command that each is of. */
function typed(text: string): readonly { readonly line: string; readonly help: Help }[] {
  return [...text.replaceAll(/ ?\\\n\s*/g, ' ').matchAll(/holdfast((?: [a-z][a-z-]*)+)([^\n`;|]*)/g)].flatMap(
    ([line, words = '']) => {
      const given = [
        ...words.trim().split(' '),
        ...(line.includes(' --fixture ') ? ['--fixture', 'FILE'] : []),
      ];
      const help = helps
        .filter((one) => one.words.length > 0 && one.words.every((word, at) => word === given[at]))
        .toSorted((one, other) => other.words.length - one.words.length)[0];
      return help === undefined ? [] : [{ line, help }];
    },
  );
}

describe('the page of commands', () => {
  it('has the options and defaults of every --help', () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest = ''] = page.split(BEGIN);
    const [, after] = rest.split(END);
    expect(after, 'the page has both of its markers').toBeDefined();
    const made = `${before}${BEGIN}${tables()}${END}${after}`;
    if (process.env['HOLDFAST_UPDATE'] === '1') writeFileSync(PAGE, made);
    expect(readFileSync(PAGE, 'utf8')).toBe(made);
  });

  // The crawl itself: what is known to be there was found, with its defaults.
  it('is about everything there is', () => {
    const found = helps.map(({ words }) => words.join(' '));
    expect(found.length).toBeGreaterThan(35);
    const known = ['device', 'dock', 'dock mirror-init', 'policy keys rotate', 'rig run', 'enrol person'];
    expect(found).toEqual(expect.arrayContaining([...known, 'policy --fixture FILE']));
    const device = rowsOf(helps.find(({ words }) => words[0] === 'device')?.text ?? '');
    expect(device).toContainEqual({
      name: '--undocked',
      what: 'it is out of its bay: talk to no dock before the command dock',
      otherwise: '',
    });
    expect(device.find(({ name }) => name.startsWith('--file-limit'))?.otherwise).toBe('14400');
  });

  it('names every command in its first table', () => {
    const [table = ''] = readFileSync(PAGE, 'utf8').split('\nStdout carries');
    for (const { words } of helps.filter((one) => one.words.length === 1 || one.words.length === 2)) {
      const [first = '', second = first] = words;
      const rows = table.split('\n').filter((row) => row.startsWith(`| \`holdfast ${first}`));
      expect(
        rows.some((row) => new RegExp(`[\` ]${second}[\` ]`).test(row)),
        words.join(' '),
      ).toBe(true);
    }
  });

  it('names every command that a camera takes', () => {
    const [, section = ''] = readFileSync(PAGE, 'utf8').split('\n## Driving a camera\n');
    const [text = ''] = section.split('\n## ');
    for (const [usage] of COMMANDS)
      for (const word of usage.split(/ \| |, /).filter((one) => /^[a-z]/.test(one) && one !== 'off'))
        expect(text, usage).toMatch(new RegExp(`[\`| ]${word.split(' ')[0]}[\`| ]`));
  });

  // Goal: an example that is typed as it stands is understood. Method: each flag of each example is one of its command, on the page
  // and in every help.
  it('has examples with flags that there are, as has every help', () => {
    const [prose = ''] = readFileSync(PAGE, 'utf8').split(BEGIN);
    const examples = [prose, ...helps.map(({ text }) => text)].flatMap(typed);
    expect(examples.length).toBeGreaterThan(60);
    for (const { line, help } of examples)
      for (const [flag] of line.replaceAll(/'[^']*'/g, '').matchAll(/(?<=\s)--[a-z][a-z-]*/g))
        if (flag !== '--help') expect([...flagsOf(help.text)], line).toContain(flag);
  });

  it('speaks of no flag that there is not', () => {
    const [prose = ''] = readFileSync(PAGE, 'utf8').split(BEGIN);
    const flags = new Set(helps.flatMap(({ text }) => [...flagsOf(text)]));
    for (const [, flag = ''] of prose.matchAll(/`(--[a-z][a-z-]*)/g))
      expect([...flags], flag).toContain(flag);
  });
});

interface Program {
  main(argv: readonly string[]): Promise<number>;
}

/** Something that `holdfast policy WORD …` does besides running the service. */
interface PolicyCommand {
  readonly summary: string;
  load(): Promise<Program>;
}

/** By the word after `holdfast policy`; each loads its own code. */
const COMMANDS: ReadonlyMap<string, PolicyCommand> = new Map<string, PolicyCommand>([
  [
    'keys',
    {
      summary: 'new keys, another passphrase, and recovery when one is lost',
      load: () => import('./keys-main.ts'),
    },
  ],
  [
    'diff',
    {
      summary: 'who could have viewed what and when, under two regimes',
      load: () => import('./diff-main.ts'),
    },
  ],
  [
    'matrix',
    {
      summary: 'everything a regime says, as a table to review',
      load: () => import('./matrix-main.ts'),
    },
  ],
  [
    'who-opened',
    {
      summary: 'who was given keys of a recording, or that nobody was, with proof',
      load: () => import('./who-opened-main.ts'),
    },
  ],
  [
    'explain',
    {
      summary: 'why somebody may or may not view a recording, and since when',
      load: () => import('./explain-main.ts'),
    },
  ],
  ['facts', { summary: 'every stored fact as a line of JSON', load: () => import('./facts-main.ts') }],
  [
    'replay',
    {
      summary: 'decide everything on file once more, and list what comes out otherwise',
      load: () => import('./replay-main.ts'),
    },
  ],
]);

/** The command of that name, loaded; undefined when there is none. */
export async function policyCommand(word: string): Promise<Program | undefined> {
  return COMMANDS.get(word)?.load();
}

/** For `--help`. */
export function policyCommands(): string {
  const lines = [...COMMANDS].map(([word, { summary }]) => `  holdfast policy ${word.padEnd(12)} ${summary}`);
  return `\nOther commands, each with its own --help:\n${lines.join('\n')}\n`;
}

interface Program {
  main(argv: readonly string[]): Promise<number>;
}

/** Something that `holdfast dock WORD …` does besides running the dock. */
interface DockCommand {
  readonly summary: string;
  load(): Promise<Program>;
}

/** By the word after `holdfast dock`; each loads its own code. */
const COMMANDS: ReadonlyMap<string, DockCommand> = new Map([
  ['status', { summary: 'how a dock stands, running or not', load: () => import('./status-main.ts') }],
  [
    'retain',
    { summary: 'end what a running dock has kept long enough', load: () => import('./retain-main.ts') },
  ],
  [
    'reindex',
    { summary: 'make the index anew from files and ledger', load: () => import('./reindex-main.ts') },
  ],
  [
    'scrub',
    { summary: 'read everything that a dock holds, running or not', load: () => import('./scrub-main.ts') },
  ],
  [
    'backup',
    { summary: 'copy ledger and recordings, also of a running dock', load: () => import('./backup-main.ts') },
  ],
  ['restore', { summary: 'make a data folder from a backup', load: () => import('./restore-main.ts') }],
  [
    'purge-test',
    { summary: 'remove test cameras and what they brought', load: () => import('./purge-test-main.ts') },
  ],
  [
    'mirror-init',
    {
      summary: 'make a folder the mirror, in place of an earlier one',
      load: () => import('./mirror-main.ts'),
    },
  ],
]);

/** The command of that name, loaded; undefined when there is none. */
export async function dockCommand(word: string): Promise<Program | undefined> {
  return COMMANDS.get(word)?.load();
}

/** For `--help`. */
export function dockCommands(): string {
  const lines = [...COMMANDS].map(([word, { summary }]) => `  holdfast dock ${word.padEnd(12)} ${summary}`);
  return `\nOther commands, each with its own --help:\n${lines.join('\n')}\n`;
}

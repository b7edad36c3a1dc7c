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

import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import type { Sha256 } from '../../proto/digest.ts';
import { ProofError } from '../../proto/errors.ts';
import { isNoteName, parseVkey } from '../../proto/note.ts';
import { ConfigError } from './errors.ts';

/** Flags of `holdfast witness`. */
export interface WitnessConfig {
  readonly data: string;
  /** Key name of this witness. */
  readonly name: string;
  /** Verifier keys of the logs it cosigns, by origin. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  readonly host: string;
  readonly port: number;
  readonly json: boolean;
}

// A checkpoint with the lines of sixteen witnesses stays below what a camera keeps.
const NAME_BYTES_MAX = 100;
const flags = z.object({
  data: z.string().min(1),
  name: z
    .string()
    .max(NAME_BYTES_MAX)
    .refine(isNoteName, 'a name has no white space and no plus, such as witness.example/w1'),
  logs: z.array(z.string().min(1)).min(1),
  host: z.string().min(1),
  http: z.coerce.number().int().min(0).max(65_535),
  json: z.boolean().default(false),
});

const EXAMPLES = `
The key is made at the first start; give DATA/witness.vkey to whoever is to trust this witness. Keep DATA for ever: a
witness that has lost what it cosigned is retired, not started anew.

Examples:
  holdfast witness --data /var/lib/witness --name witness.example/w1 --logs dock-1.vkey --http 8100
  holdfast dock … --witness "$(cat witness.vkey)=https://witness.example" --quorum 1
`;

function program(): Command {
  return new Command('holdfast witness')
    .description(
      "Cosigns docks' ledgers (C2SP tlog-witness), each only as long as it grows and changes nothing.",
    )
    .requiredOption('--data <dir>', 'where key and cosigned checkpoints are kept; made at the first start')
    .requiredOption('--name <name>', 'key name of this witness, such as witness.example/w1')
    .requiredOption(
      '--logs <vkey-or-file...>',
      "verifier keys of the logs, or files with one a line (a ledger's vkey)",
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--http <port>', 'port to listen on; 0 picks a free one', '8100')
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false);
}

/** Reads the flags. Throws ConfigError with the flag's name; help and unknown flags leave as commander's own error. */
export function readConfig(argv: readonly string[], sha: Sha256): WitnessConfig {
  const command = program();
  command.parse([...argv], { from: 'user' });
  const parsed = flags.safeParse(command.opts());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`--${String(issue?.path[0])}: ${issue?.message ?? 'not usable'}`);
  }
  const { http, logs, ...rest } = parsed.data;
  return { ...rest, port: http, logs: byOrigin(logs.flatMap(vkeysIn), sha) };
}

function vkeysIn(keyOrFile: string): readonly string[] {
  if (!existsSync(keyOrFile)) return [keyOrFile];
  try {
    return readFileSync(keyOrFile, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    throw new ConfigError(`--logs: cannot read ${keyOrFile}`, cause);
  }
}

/** A log may have several keys while it changes from one to the next. */
function byOrigin(vkeys: readonly string[], sha: Sha256): ReadonlyMap<string, readonly string[]> {
  const logs = new Map<string, readonly string[]>();
  for (const vkey of vkeys) {
    const { name } = parsedKey(vkey, sha);
    logs.set(name, [...(logs.get(name) ?? []), vkey]);
  }
  if (logs.size === 0) throw new ConfigError('--logs: no verifier key in there');
  return logs;
}

function parsedKey(vkey: string, sha: Sha256): { readonly name: string } {
  try {
    return parseVkey(vkey, sha);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new ConfigError(`--logs: ${vkey} is no file and no verifier key of a log: ${cause.message}`, cause);
  }
}

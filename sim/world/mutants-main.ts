import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PlantError } from '../rig/planted.ts';
import { HonestBuild, hunt, HUNT_SEEDS, type Hunted, huntingSeeds } from './hunt.ts';
import { type KnownCatch, readTable, withRows } from './mutant-table.ts';
import { MUTANTS, type Mutant } from './mutants.ts';

const HELP = `npm run world:mutants -- [options] [NAME …]

Plants one mistake after the other, or those named, in a copy of the build and runs the world on it that docs/WORLD.md names for it. The
check that is named there must fail first, and the same world must hold on the build as it is.

  --hunt   where that is not so, try the seeds 1 to ${HUNT_SEEDS} until a check that may notice it does
  --write  put what was found into the table of docs/WORLD.md
  --json   a line of JSON for each mutant
  --help   this text

Exit code: 0 all were caught, 1 one lived, or its seed fails on the honest build too, 64 wrong usage.
`;

const USAGE_EXIT = 64;
const DOCS = join(fileURLToPath(new URL('../../..', import.meta.url)), 'docs/WORLD.md');

interface Wish {
  readonly mutants: readonly Mutant[];
  readonly isHunt: boolean;
  readonly isWriting: boolean;
  readonly isJson: boolean;
}

/** `npm run world:mutants`; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let wish: Wish | 'help';
  try {
    wish = readWish(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return USAGE_EXIT;
  }
  if (wish === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const known = readTable(readFileSync(DOCS, 'utf8'));
  const honest = new HonestBuild();
  let isGood = true;
  for (const mutant of wish.mutants) {
    const hunted = await tried(mutant, known.get(mutant.name), wish);
    if (typeof hunted === 'string') process.stderr.write(`${mutant.name}: ${hunted}\n`);
    const isCaught = typeof hunted !== 'string' && (await told(hunted, honest, wish));
    isGood &&= isCaught;
  }
  return isGood ? 0 : 1;
}

function readWish(argv: readonly string[]): Wish | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      hunt: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const unknown = positionals.find((name) => !MUTANTS.some((mutant) => mutant.name === name));
  if (unknown !== undefined)
    throw new RangeError(`${unknown} is none of ${MUTANTS.map(({ name }) => name).join(', ')}`);
  const mutants = MUTANTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { mutants, isHunt: values.hunt, isJson: values.json, isWriting: values.write };
}

/** What came of it, or why it could not even be planted. */
async function tried(
  mutant: Mutant,
  known: KnownCatch | undefined,
  { isHunt }: Wish,
): Promise<Hunted | string> {
  if (!isHunt && known === undefined) return 'docs/WORLD.md names no seed for it; --hunt finds one';
  const seeds = isHunt || known === undefined ? huntingSeeds(mutant, known) : [known.seed];
  try {
    return await hunt(mutant, seeds);
  } catch (error) {
    if (error instanceof PlantError) return error.message;
    throw error;
  }
}

/** Says what came of it, and writes it down; false when it lived, or when its seed is no proof. */
async function told(hunted: Hunted, build: HonestBuild, { isJson, isWriting }: Wish): Promise<boolean> {
  const { mutant, caught, seeds, others } = hunted;
  const { name } = mutant;
  const honest = caught === undefined ? [] : await build.failures(caught.seed);
  const isGood = caught !== undefined && honest.length === 0;
  if (isJson) {
    const { seed, failure } = caught ?? {};
    const line = { name, caught: isGood, seed, check: failure?.check, seeds, others, honest: honest.length };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } else if (caught === undefined) {
    const besides = others.length === 0 ? '' : `; what failed besides: ${others.join(', ')}`;
    process.stdout.write(`${name}: lived through ${seeds} seeds${besides}\n`);
  } else {
    const but = isGood ? '' : ' BUT THE HONEST BUILD FAILS THERE TOO';
    process.stdout.write(
      `${name}: seed ${caught.seed}, ${caught.failure.check}: ${caught.failure.problem}${but}\n`,
    );
  }
  if (isGood && isWriting) {
    const docs = readFileSync(DOCS, 'utf8');
    writeFileSync(DOCS, withRows(docs, [{ mutant, seed: caught.seed, check: caught.failure.check }]));
  }
  return isGood;
}

process.exitCode = await main(process.argv.slice(2));

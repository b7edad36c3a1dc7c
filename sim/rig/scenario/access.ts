import { randomUUID } from 'node:crypto';
import { FieldError } from '../../../proto/errors.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { settledAt } from './holdings.ts';
import type { ViewerClient } from '../viewer.ts';
import type { Installation } from './installation.ts';
import type { Made } from './truth.ts';

const RELEASE_MS_MAX = 8_000;
const LOOK_MS = 200;

type Wish = Scenario['expect']['access'][number];

/**
 * Lets somebody open a recording as the page would. Answers what is wrong with what came of it; undefined when it is as wanted:
 * refused, or open with every byte as the camera recorded it. What is to open may take as long as news takes to get about.
 */
export async function lookInto(wish: Wish, on: Installation): Promise<string | undefined> {
  const untilMs = performance.now() + (wish.is === 'open' ? RELEASE_MS_MAX : 0);
  for (;;) {
    const problem = await lookOnce(wish, on);
    if (problem === undefined || performance.now() >= untilMs) return problem;
    await on.story.pause(LOOK_MS);
  }
}

async function lookOnce(
  { person, recording, purpose, is }: Wish,
  on: Installation,
): Promise<string | undefined> {
  const made = on.truth.named(recording);
  if (made === undefined) return `${recording} has not begun, so nobody can open it`;
  const dock = settledAt(made.id, on)?.dock ?? on.docks[0]?.id ?? '';
  const viewer = await on.signIn(person, dock);
  const opened = await viewer.open(made.id, purpose);
  if ('refused' in opened && is === 'refused') return shutProblem(viewer, made);
  if ('refused' in opened) return `${person} cannot open ${recording}: ${opened.status} ${opened.refused}`;
  if (is === 'refused') return `${person} can open ${recording} (${purpose})`;
  try {
    const { sha256 } = await viewer.download(made.id, opened);
    return made.sha256 === undefined || sha256 === made.sha256
      ? undefined
      : `what ${person} sees of ${recording} is not what the camera recorded`;
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return `${person} cannot see ${recording}: ${error.message}`;
  }
}

/** What is refused gives nothing away by any other road: no chunk comes for a session that somebody made up. */
async function shutProblem(viewer: ViewerClient, { id, name }: Made): Promise<string | undefined> {
  const guesses = ['', randomUUID(), id];
  const answers = await Promise.all(guesses.map((session) => viewer.chunk(id, 0, session)));
  return answers.some((answer) => answer !== undefined)
    ? `${name} cannot be opened, and its chunks come all the same`
    : undefined;
}

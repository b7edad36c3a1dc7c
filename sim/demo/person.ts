import { createInterface } from 'node:readline';
import { FieldError } from '../../proto/errors.ts';
import { CAST, PASSWORD, PEOPLE } from './cast.ts';
import type { Screen } from './screen.ts';
import type { Stage, Take } from './stage.ts';
import { authorise, fileReport, giveStatement } from './story.ts';

const ACTS = {
  r: { act: fileReport, said: 'initial report filed' },
  s: { act: giveStatement, said: 'candid statement given' },
  a: { act: authorise, said: 'access authorised by the chief' },
} as const;

/** Tells a person where to look and what to try. */
export function invite(stage: Stage, screen: Screen): void {
  screen.note('');
  screen.note(`  Viewer           ${stage.dockUrl}`);
  screen.note(`  Records system   ${stage.policyUrl}/demo/records (the demo's own page)`);
  screen.note(`  Everybody's password is ${PASSWORD}`);
  screen.note(
    '  The dock holds ciphertext only: cameras seal to the policy service, which gives each opening its keys.',
  );
  for (const { id, name, roles } of PEOPLE) screen.note(`    ${id}  ${name} (${roles.join(', ')})`);
  screen.note('');
  screen.note(
    '  Change what is known and watch the row in the viewer. Type a letter and a number, then Enter:',
  );
  for (const [index, role] of CAST.entries())
    screen.note(`    ${index + 1}  ${role.incident}, Officer ${role.officer}, ${role.title}`);
  screen.note(
    '    r1 files the report of incident 1, s2 gives a statement on 2, a3 lets the chief authorise 3, q quits.',
  );
}

/** Carries out what is typed until `q`, the end of input, or a signal. */
export async function serve(stage: Stage, takes: readonly Take[], screen: Screen): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const signalled = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  const quit = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const word = line.trim();
      if (word === 'q') resolve();
      else if (word !== '') void obey(word, { stage, takes, screen });
    });
  });
  await Promise.race([signalled, quit]);
  lines.close();
  process.stdin.destroy();
}

async function obey(
  word: string,
  on: { stage: Stage; takes: readonly Take[]; screen: Screen },
): Promise<void> {
  const [letter = '', digit = ''] = word;
  const take = on.takes[Number(digit) - 1];
  const chosen = letter === 'r' || letter === 's' || letter === 'a' ? ACTS[letter] : undefined;
  if (chosen === undefined || take === undefined || word.length !== 2) {
    return on.screen.note(`  "${word}" is not one of r1 … a${on.takes.length} or q`);
  }
  try {
    await chosen.act(on.stage, take);
    on.screen.note(`  ${take.role.incident}: ${chosen.said}`);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    on.screen.note(`  ${error.message}`);
  }
}

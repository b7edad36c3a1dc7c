import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideDestroy } from '../../../../dock/policy/decide/destroy.ts';
import type { Fact } from '../../../../dock/policy/facts/fact.ts';
import { runs } from '../../../runs.ts';
import { doj, fact, NOW_MS, Story } from '../../../unit/dock/policy/story.ts';
import { anyFact, RECORDINGS, START } from './world.ts';

const DAY_MS = 86_400_000;
const order = fc
  .record({
    type: fc.constantFrom('hold.placed', 'hold.placed', 'hold.lifted', 'recording.registered'),
    recording: fc.constantFrom(...RECORDINGS),
    by: fc.constantFrom('court', 'attorney'),
  })
  .map(({ type, recording, by }) =>
    type === 'recording.registered'
      ? fact(type, { recording })
      : fact(type as 'hold.placed', { recording, by, reason: type }),
  );
const classified = fact('force.classified', { incident: '24-1', by: 'sgt' });

/** Is a hold open? Each lift ends one hold that the same person had placed before; read with none of the service's code. */
function isHeld(facts: readonly Fact[], recording: string): boolean {
  const open: string[] = [];
  for (const one of facts) {
    if (one.type === 'hold.placed' && one.recording === recording) open.push(one.by);
    if (one.type !== 'hold.lifted' || one.recording !== recording) continue;
    const at = open.indexOf(one.by);
    if (at >= 0) open.splice(at, 1);
  }
  return open.length > 0;
}

// Goal: whatever happened, in whatever order, nothing may be destroyed while somebody has a hold on it, nor before 180 days.
// Method: random histories with many holds; each allow is checked against an independent reading.
test('nothing under a hold may be destroyed', { timeout: 120_000 }, () => {
  let allows = 0;
  let held = 0;
  const facts = fc.array(fc.oneof({ weight: 3, arbitrary: order }, { weight: 1, arbitrary: anyFact }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(facts, fc.integer({ min: 0, max: 1_000 }), (history, age) => {
      const story = new Story(doj);
      const all = [...START, classified, ...history];
      for (const one of all) story.take(one);
      for (const recording of RECORDINGS) {
        const question = { dock: 'records', recording, purpose: 'retention', days: 180 };
        const { allowed } = decideDestroy(story.known, question, NOW_MS + age * DAY_MS);
        const isOpen = isHeld(all, recording);
        if (isOpen) held += 1;
        if (!allowed) continue;
        allows += 1;
        expect(isOpen).toBe(false);
        expect(age).toBeGreaterThanOrEqual(180);
      }
    }),
    { numRuns: runs(1_000) },
  );
  expect(allows).toBeGreaterThan(0);
  expect(held).toBeGreaterThan(0);
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NamedAbsence } from '../../../../dock/keep/absences.ts';
import { cameraId as camera } from '../../proto/fixture.ts';
import { Front } from './fixture.ts';

// Goal: what a route's schema does not name never leaves, and what it does not allow is a fault of the dock that somebody hears of.
// Method: absences of a kind that no dock knows, through the real route. The fixture, which holds every answer to its schema, notices both.

let front: Front;
beforeEach(async () => {
  front = await Front.open(async () => {});
});
afterEach(() => front.close());

const ABSENCE: NamedAbsence = { camera, kind: 'overdue', since: '2026-11-21T08:00:00.000000Z' };
const ask = () => front.get('/v1/missing', front.as('7001', ['supervisor']));

it('leaves out what is not declared', async () => {
  const more = { ...ABSENCE, secret: 'key' };
  front.missing.push(more);
  const { status, json } = await ask();
  expect([status, json()]).toEqual([
    200,
    { arriving: [], missing: [{ ...ABSENCE, text: expect.any(String) as string }] },
  ]);
  expect(front.undeclared.splice(0)).toEqual(['GET /v1/missing: 200 says more than is declared']);
});

it('answers nothing of what is not as declared', async () => {
  front.missing.push({ ...ABSENCE, counterFrom: -1 });
  const { status, json } = await ask();
  expect([status, json()]).toEqual([
    500,
    { error: { code: 'dock-fault', message: 'The dock could not do this just now.' } },
  ]);
  expect(front.problems).toMatchObject([
    { code: 'ANSWER_UNDECLARED', message: expect.stringContaining('missing.0.counterFrom') as string },
  ]);
  expect(front.undeclared.splice(0)).toEqual([expect.stringContaining('200 is not as declared')]);
});

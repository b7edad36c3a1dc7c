import { afterEach, beforeEach, expect, test } from 'vitest';
import { cameraId as camera } from '../../proto/fixture.ts';
import { Front } from './fixture.ts';

// Goal: those who answer for the cameras read in words what is missing; those who carry them, and strangers, are told nothing,
// not even that there is such a list. Method: the real route, a person of each role.

let front: Front;
beforeEach(async () => {
  front = await Front.open(async () => {});
});
afterEach(() => front.close());

const since = '2026-11-21T08:00:00.000000Z';
const TOLD = [
  'dock_operator',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
  'independent_review',
  'doj_monitor',
];

test.each(TOLD)('is told to %s', async (role) => {
  front.missing.push({ camera, kind: 'overdue', since });
  const { status, json, headers } = await front.get('/v1/missing', front.as('somebody', [role]));
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(json()).toEqual({
    missing: [
      {
        camera,
        kind: 'overdue',
        since,
        text: expect.stringMatching(/^Camera cam-1 has not been here/) as string,
      },
    ],
  });
});

test.each(['officer', 'city_attorney', 'custodian'])('is not told to %s', async (role) => {
  const nothing = await front.get('/v1/nothing', front.as('somebody', [role]));
  const { status, body } = await front.get('/v1/missing', front.as('somebody', [role]));
  expect([status, body]).toEqual([404, nothing.body]);
});

test('needs a token', async () => {
  expect((await front.get('/v1/missing')).status).toBe(401);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { cameraId as camera } from '../../proto/fixture.ts';
import { OFFICER, recording } from '../release/fixture.ts';
import { Front } from './fixture.ts';

// Goal: those who answer for the cameras read in words what is missing; those who carry them, and strangers, are told nothing of it.
// Method: the real route, a person of each role.

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
    arriving: [],
  });
});

const MOVING = { camera, recording: recording(1), officer: OFFICER, durableBytes: 40, totalBytes: 100 };

/** A camera that sends this in one bay, and nothing in the next. */
function dockOne(): void {
  const bay = { name: 'bay 1', transport: 'serial', camera, sinceUs: 0 } as const;
  front.bays.push({ ...bay, ...MOVING, state: 'receiving' }, { ...bay, name: 'bay 2', state: 'idle' });
}

// Goal: who may know which recording moves in a bay reads here how far it has come; who may not learns of none.
test.each([
  ['supervisor', [MOVING]],
  ['dock_operator', [MOVING]],
  ['independent_review', []],
  ['doj_monitor', []],
])('says to %s what is on its way', async (role, arriving) => {
  dockOne();
  const { json } = await front.get('/v1/missing', front.as('somebody', [role]));
  expect(json()).toEqual({ missing: [], arriving });
});

// Goal: an officer sees their own recording arrive, and nobody else's.
test.each([
  [OFFICER, [MOVING]],
  ['another', []],
])('says to officer %s what of their own is on its way', async (person, arriving) => {
  dockOne();
  const { json } = await front.get('/v1/missing', front.as(person, ['officer']));
  expect(json()).toEqual({ arriving });
});

test.each(['officer', 'city_attorney', 'custodian'])('is not told to %s', async (role) => {
  front.missing.push({ camera, kind: 'overdue', since });
  const { status, json } = await front.get('/v1/missing', front.as('somebody', [role]));
  expect([status, json()]).toEqual([200, { arriving: [] }]);
});

test('needs a token', async () => {
  expect((await front.get('/v1/missing')).status).toBe(401);
});

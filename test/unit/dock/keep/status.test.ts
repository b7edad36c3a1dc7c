import { beforeEach, describe, expect, test } from 'vitest';
import { statusOffline, statusOf } from '../../../../dock/keep/status.ts';
import { absenceInWords } from '../../../../dock/keep/words.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { isRecordingId } from '../../../../proto/ids.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { cameraId as camera, checked, LEDGER_KEY, ORIGIN, sha256 } from '../../proto/fixture.ts';

// Goal: an operator reads what is held, what is missing and since when, and what is damaged, also of a dock that does not
// run. Method: a log in memory with one of each, read both ways.

const at = '2026-11-21T08:00:00.000000Z';
const later = '2026-11-21T09:00:00.000000Z';
const recording = checked('aa'.repeat(16), isRecordingId);
const gone = checked('bb'.repeat(16), isRecordingId);
const digest = 'cd'.repeat(32);

let ledger: MemoryLedger;
const write = (entry: CustodyEntry): Promise<number> =>
  ledger.appendOnce(entryKey(entry), encodeEntry(entry));

beforeEach(async () => {
  ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256 });
  await write({ type: 'started', at, epoch: 3, version: '1', config: digest });
  await write({ type: 'device.enrolled', at, camera, publicKey: `${'A'.repeat(43)}=` });
  for (const [counter, one] of [
    [1, recording],
    [2, gone],
  ] as const)
    await write({
      ...{ type: 'accepted', at, recording: one, camera, counter, previousRoot: '', manifest: digest },
      ...{ root: digest, bytes: 7, chunks: 1, stamps: digest, transport: 'mqtt', receivedAt: at },
      ...{ uncertaintyUs: 1, basis: 'local', officer: digest },
    });
  const damaged = {
    type: 'damaged',
    at,
    manifest: digest,
    what: 'chunk',
    chunk: 4,
    expected: digest,
  } as const;
  await write({ ...damaged, recording, found: '', copyIn: camera });
  await write({ ...damaged, recording: gone, found: '' });
  const end = { manifest: digest, wraps: '', bytes: 7, rule: 'days-180', decision: digest };
  await write({ type: 'destroyed', at, recording: gone, ...end });
  await write({ type: 'missing', at, camera, kind: 'overdue' });
  await write({ type: 'missing', at: later, camera, kind: 'gap', counterFrom: 3, counterTo: 3, recording });
  await write({ type: 'found', at: later, camera, kind: 'overdue', because: 'came-back' });
});

describe('the status of a dock', () => {
  test('that does not run is what its ledger says', async () => {
    expect(await statusOffline(ledger)).toMatchObject({
      ...{ dock: ORIGIN, running: false, at: later, epoch: 3, bytes: 7, bays: [] },
      ledger: { origin: ORIGIN, size: 10, cosigned: [] },
      recordings: { held: 1, destroyed: 1, quarantined: 0, incoming: 0 },
      missing: [{ kind: 'gap', counterFrom: 3, since: later }],
      damaged: [{ recording, chunk: 4, copyIn: camera }],
    });
  });

  test('names who cosigned its ledger', async () => {
    const { size, note } = await ledger.checkpoint();
    const cosigned = {
      ...{ origin: ORIGIN, read: ledger.read.bind(ledger) },
      checkpoint: async () => ({ size, note: `${note}\u2014 witness.example/w1 c2lnbmF0dXJl\n` }),
    };
    expect((await statusOffline(cosigned)).ledger.cosigned).toEqual(['witness.example/w1']);
  });

  test('that runs is what it has', async () => {
    const status = await statusOf({
      ...{ dockId: 'dock-1', ledger, clock: new ManualClock(), epoch: () => 3, bays: () => [] },
      holdings: { list: async () => [] },
      missing: async () => [],
      retention: async () => ({ days: 0, held: [], kept: [], unfinished: [], untold: 0 }),
      scrub: () => ({ state: 'resting', begun: 0 }),
      jobs: () => [{ job: 'clock', schedule: 'off', runs: 0, leftOut: 0, failures: 0 }],
    });
    expect(status).toMatchObject({
      dock: 'dock-1',
      running: true,
      epoch: 3,
      bytes: 0,
      retention: { days: 0 },
      scrub: { state: 'resting' },
      jobs: [{ job: 'clock' }],
    });
    expect(status.damaged).toHaveLength(1);
  });
});

test.each([
  [
    { kind: 'gap', counterFrom: 2, counterTo: 2, recording } as const,
    /^Recording 2 of camera cam-1 never came/,
  ],
  [{ kind: 'gap', counterFrom: 2, counterTo: 5, recording } as const, /^Recordings 2 to 5 of camera cam-1/],
  [{ kind: 'broken-link', recording } as const, /^Recording a+ .* does not follow/],
  [{ kind: 'overdue' } as const, /^Camera cam-1 has not been here/],
  [{ kind: 'partial', recording } as const, /^The upload of recording a+ from camera cam-1 stopped/],
])('%j in words', (absence, words) => {
  expect(absenceInWords({ camera, ...absence })).toMatch(words);
});

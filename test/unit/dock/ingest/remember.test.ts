import { expect, it } from 'vitest';
import { rememberFrom } from '../../../../dock/ingest/remember.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { fromHex } from '../../../../proto/bytes.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import type { CameraId, RecordingId } from '../../../../proto/ids.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { makeSigner } from '../../../../sim/world/town.ts';

const digest = (digit: string): string => digit.repeat(64);
const recording = 'a'.repeat(32) as RecordingId;
const accepted: CustodyEntry = {
  ...{
    type: 'accepted',
    at: '2026-11-21T10:00:00.000000Z',
    recording,
    camera: 'cam-1' as CameraId,
    counter: 1,
  },
  ...{
    previousRoot: '',
    manifest: digest('1'),
    root: digest('2'),
    bytes: 10,
    chunks: 1,
    stamps: digest('3'),
  },
  ...{
    transport: 'serial',
    receivedAt: '2026-11-21T10:00:00.000000Z',
    uncertaintyUs: 5,
    basis: 'local',
    officer: digest('4'),
  },
};

// Goal: a lost index learns from the ledger what was accepted, and nothing about any other manifest of the same
// recording. Method: a ledger with one accepted entry behind another kind, and three questions.
it('tells the settlement of exactly the manifest that was accepted', async () => {
  const ledger = new MemoryLedger({
    origin: 'test.example/dock',
    ...makeSigner('ledger'),
    sha256: nodeChecker.sha256,
  });
  const erased: CustodyEntry = { type: 'erased', at: accepted.at, recording, camera: 'cam-1' as CameraId };
  for (const entry of [erased, accepted]) await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  const remember = rememberFrom(ledger);
  const key = (manifest: string, id = recording) => ({ recordingId: id, manifestSha256: fromHex(manifest) });
  expect(await remember(key(digest('1')))).toEqual({
    ...{ cameraId: 'cam-1', contentBytes: 10, transport: 'serial', stamps: digest('3') },
    settlement: { state: 'held', entryIndex: 1 },
  });
  expect(await remember(key(digest('9')))).toBeUndefined();
  expect(await remember(key(digest('1'), 'b'.repeat(32) as RecordingId))).toBeUndefined();
});

// Goal: what was destroyed at the end of its time is not taken for damage when the index is lost. Method: the same ledger
// with a destroyed entry, of this manifest and of another.
it('tells what was destroyed', async () => {
  const ledger = new MemoryLedger({
    origin: 'test.example/dock',
    ...makeSigner('ledger'),
    sha256: nodeChecker.sha256,
  });
  const destroyed = (manifest: string): CustodyEntry => ({
    ...{ type: 'destroyed', at: accepted.at, recording, manifest, wraps: '', bytes: 10 },
    ...{ rule: 'three-years', decision: digest('5') },
  });
  const remember = async () =>
    rememberFrom(ledger)({ recordingId: recording, manifestSha256: fromHex(digest('1')) });
  const append = (entry: CustodyEntry) => ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  await append(accepted);
  await append(destroyed(digest('9')));
  expect((await remember())?.destroyed).toBeUndefined();
  await append(destroyed(digest('1')));
  expect(await remember()).toMatchObject({
    transport: 'serial',
    settlement: { state: 'held', entryIndex: 0 },
    destroyed: true,
  });
});

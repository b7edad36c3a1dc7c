import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../../proto/bytes.ts';
import type { CustodyEntry } from '../../../proto/custody-entry.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import { isRecordingId } from '../../../proto/ids.ts';
import type { ReceiptBody } from '../../../proto/messages.ts';
import { openReceipt, signReceipt } from '../../../proto/receipt.ts';
import {
  cameraId,
  CAMERA_KEY,
  checked,
  checker,
  DOCK_KEY,
  fill,
  LEDGER_KEY,
  LEDGER_VKEY,
  logOf,
  recordingId,
  refusedEntry,
  sha256,
} from './fixture.ts';

const manifestSha256 = fill(32, 0xaa);
const at = '2026-10-29T12:00:05.000000Z';
const accepted: CustodyEntry = {
  type: 'accepted',
  at,
  recording: recordingId,
  camera: cameraId,
  counter: 1,
  previousRoot: '',
  manifest: toHex(manifestSha256),
  root: 'cd'.repeat(32),
  bytes: 600,
  chunks: 3,
  stamps: 'ef'.repeat(32),
  transport: 'mqtt',
  receivedAt: at,
  uncertaintyUs: 900,
  basis: 'local',
  officer: '01'.repeat(32),
};
const refused = refusedEntry(recordingId, cameraId, toHex(manifestSha256));
const erased: CustodyEntry = { type: 'erased', at, recording: recordingId, camera: cameraId };
const log = logOf([accepted, refused, erased]);

const issuer = { publicKey: DOCK_KEY.publicKey, ledgerVkey: LEDGER_VKEY };
const body = (index: number, change: Partial<ReceiptBody> = {}): ReceiptBody => ({
  outcome: 'accepted',
  recordingId,
  manifestSha256,
  entry: log.bytes(index),
  proof: log.prove(index),
  reason: '',
  ...change,
});
const bad: unknown = expect.objectContaining({ code: 'BAD_RECEIPT' });

describe('a receipt', () => {
  // Both outcomes open to what the dock said and where its ledger says so.
  test('opens', () => {
    expect(openReceipt(signReceipt(body(0), DOCK_KEY.sign), issuer, checker)).toMatchObject({
      ...body(0),
      index: 0,
      size: 3,
    });
    const quarantined = body(1, { outcome: 'quarantined', reason: 'bad-manifest' });
    expect(openReceipt(signReceipt(quarantined, DOCK_KEY.sign), issuer, checker)).toMatchObject({ index: 1 });
  });

  // A reason is for people: a long one must not keep a camera from its receipt.
  test('cuts a reason that is too long', () => {
    const wordy = body(1, { outcome: 'quarantined', reason: 'because '.repeat(100) });
    const { reason } = openReceipt(signReceipt(wordy, DOCK_KEY.sign), issuer, checker);
    expect(wordy.reason.startsWith(reason)).toBe(true);
    expect(reason.length).toBeLessThanOrEqual(256);
  });

  // Each of these is signed by the right dock, and still must not free a byte of flash.
  const other = checked('ff112233445566778899aabbccddeeff', isRecordingId);
  test.each<[string, ReceiptBody]>([
    ['a refusal shown as acceptance', body(1)],
    ['an acceptance shown as refusal', body(0, { outcome: 'quarantined' })],
    ['an entry of another type', body(2)],
    ['another recording', body(0, { recordingId: other })],
    ['another manifest', body(0, { manifestSha256: fill(32, 0xab) })],
    ['the proof of another entry', body(0, { proof: log.prove(1) })],
    ['no proof', body(0, { proof: '' })],
    ['an entry that is no JSON', body(0, { entry: utf8('{') })],
  ])('with %s', (_name, wrong) => {
    expect(() => openReceipt(signReceipt(wrong, DOCK_KEY.sign), issuer, checker)).toThrow(bad);
  });

  // Neither the camera's own key nor the ledger's may speak for the dock.
  test.each([CAMERA_KEY, LEDGER_KEY])('signed by another key', (key) => {
    expect(() => openReceipt(signReceipt(body(0), key.sign), issuer, checker)).toThrow(bad);
  });

  test('with a changed byte', () => {
    const receipt = signReceipt(body(0), DOCK_KEY.sign);
    for (let i = 0; i < receipt.body.length; i += 7) {
      const changed = receipt.body.slice();
      changed[i] = (changed[i] ?? 0) ^ 4;
      expect(() => openReceipt({ ...receipt, body: changed }, issuer, checker)).toThrow(bad);
    }
  });
});

describe('the handshake transcript', () => {
  // Domain and role in clear, then two digests, so that no part can slide into its neighbour.
  test('is what the protocol says', () => {
    const [hello, ack] = [utf8('hello'), utf8('ack')];
    const want = `${toHex(utf8('bwc.v1 hello dock\n'))}${toHex(sha256(hello))}${toHex(sha256(ack))}`;
    expect(helloTranscript('dock', hello, ack, sha256)).toEqual(fromHex(want));
    expect(helloTranscript('camera', hello, ack, sha256)).not.toEqual(fromHex(want));
  });
});

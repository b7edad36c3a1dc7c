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
import { receiptBody, TestLog, witness } from './log-kit.ts';

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

// Goal: a dock that took the entry out of its ledger again, or shows each camera a ledger of its own, frees nothing.
// Method: the same good receipt for cameras that know more, less or something else of that ledger.
describe('the growth of the ledger', () => {
  const manifest = { recordingId, manifestSha256 };
  const past = new TestLog().fill(6, 'ours');
  const open = (history: TestLog, from: number, kept = past.head()) =>
    openReceipt(
      signReceipt(receiptBody(history, manifest, { from }), DOCK_KEY.sign),
      { ...issuer, kept },
      checker,
    );

  test('is told, with the checkpoint to keep', () => {
    const grown = past.fork(6).fill(3, 'ours');
    expect(open(grown, 6)).toMatchObject({ grown: 'grown', note: grown.note(), ...grown.head() });
    const again = past.fork(6);
    const same = signReceipt(receiptBody(again, manifest), DOCK_KEY.sign);
    expect(openReceipt(same, { ...issuer, kept: again.head() }, checker).grown).toBe('same');
    expect(open(past.fork(6), 4).grown).toBe('other-start');
    expect(open(past.fork(6), 0).grown).toBe('other-start');
  });

  test.each<[string, () => TestLog, string]>([
    ['shorter', () => past.fork(2), 'it has 3 entries, and had 6'],
    ['as long and another', () => past.fork(5), 'two different trees of 6'],
    ['longer and another', () => past.fork(5).fill(4, 'theirs'), 'do not begin with the 6'],
  ])('must not be %s', (_name, history, why) => {
    const refusal: unknown = expect.objectContaining({
      code: 'BAD_RECEIPT',
      message: expect.stringContaining(why) as unknown,
    });
    expect(() => open(history(), 6)).toThrow(refusal);
  });
});

// Goal: a ledger that a dock shows to nobody else frees nothing at a camera that was told to ask its witnesses.
describe('the witnesses', () => {
  const [one, two, stranger] = [witness(1), witness(2), witness(3)];
  const open = (cosigners: readonly ReturnType<typeof witness>[], quorum: number) => {
    const signed = signReceipt(
      receiptBody(new TestLog(), { recordingId, manifestSha256 }, { cosigners }),
      DOCK_KEY.sign,
    );
    return openReceipt(signed, { ...issuer, witnesses: [one.vkey, two.vkey], quorum }, checker);
  };

  test('are as many as asked for', () => {
    expect(open([], 0).note).not.toContain('witness');
    expect(open([two], 1).note).toContain(two.name);
    expect(open([stranger, two, one], 2).grown).toBe('grown');
  });

  test.each([
    ['none', [], 1],
    ['only a stranger', [stranger], 1],
    ['one twice', [one, one], 2],
    ['more than there are', [one, two], 3],
  ])('are too few: %s', (_name, cosigners, quorum) => {
    const why: unknown = expect.stringContaining(`cosigned by ${quorum} of 2 witnesses`);
    expect(() => open(cosigners, quorum)).toThrow(
      expect.objectContaining({ code: 'BAD_RECEIPT', message: why }),
    );
  });

  test('do not count when one of their signatures is broken', () => {
    const body = receiptBody(new TestLog(), { recordingId, manifestSha256 }, { cosigners: [one] });
    const at = body.proof.length - 20;
    const proof = `${body.proof.slice(0, at)}${body.proof[at] === 'A' ? 'B' : 'A'}${body.proof.slice(at + 1)}`;
    const trust = { ...issuer, witnesses: [one.vkey], quorum: 1 };
    expect(openReceipt(signReceipt(body, DOCK_KEY.sign), trust, checker).index).toBe(0);
    expect(() => openReceipt(signReceipt({ ...body, proof }, DOCK_KEY.sign), trust, checker)).toThrow(bad);
  });
});

// Goal: what is kept fits into the next manifest. Method: a checkpoint with the lines of many strangers.
test('a checkpoint that is too long to be kept frees nothing', () => {
  const cosigners = Array.from({ length: 40 }, (_, i) => witness(i));
  const long = receiptBody(new TestLog(), { recordingId, manifestSha256 }, { cosigners });
  expect(() => openReceipt(signReceipt(long, DOCK_KEY.sign), issuer, checker)).toThrow(bad);
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

import { describe, expect, test } from 'vitest';
import { fromHex, text, toHex, utf8 } from '../../proto/bytes.ts';
import { formatCheckpoint, openCheckpoint } from '../../proto/checkpoint.ts';
import {
  decodeHelloAckBody,
  decodePdu,
  encodeHelloAckBody,
  encodeMessage,
  encodeReceiptBody,
} from '../../proto/codec.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import { ENTRY_FIELDS } from '../../proto/custody-fields.ts';
import { CRC_BYTES, crc32c } from '../../proto/crc32c.ts';
import { PduError, ProofError } from '../../proto/errors.ts';
import { Deframer, encodeFrame } from '../../proto/frame.ts';
import { checkGrowth } from '../../proto/growth.ts';
import { helloTranscript } from '../../proto/handshake.ts';
import { PART_BYTES, PROBE_BYTES } from '../../proto/limits.ts';
import { openManifest, signManifest } from '../../proto/manifest.ts';
import { inclusionProof, leafHash, prefixDigest, rootOf } from '../../proto/merkle.ts';
import {
  type HelloAck,
  type HelloConfirm,
  type Message,
  MESSAGE_TYPE,
  type Receipt,
} from '../../proto/messages.ts';
import { signNote } from '../../proto/note.ts';
import { inParts } from '../../proto/parts.ts';
import { probePattern } from '../../proto/probe-pattern.ts';
import { openReceipt } from '../../proto/receipt.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../proto/tlog-proof.ts';
import {
  CAMERA_KEY,
  checker,
  courseManifestOf,
  DOCK_KEY,
  LEDGER_KEY,
  LEDGER_VKEY,
  ORIGIN,
  sha256,
} from '../unit/proto/fixture.ts';
import { linesOf, pduVectors, piecesOf, readVector, textOf } from './vector.ts';

const PDU_BYTES_MAX = 16 * 1024;

/** The message of a vector, as our decoder reads it. */
function messageOf<T extends Message['type']>(type: T): Extract<Message, { type: T }> {
  const message = decodePdu(piecesOf(readVector(type), 'pdu'), PDU_BYTES_MAX);
  if (message instanceof PduError || message.type !== type) throw new Error(`${type}.json is not ${type}`);
  return message as Extract<Message, { type: T }>;
}

interface EntryVector {
  readonly key: string;
  readonly text: string;
  readonly leafHash: string;
  readonly entry: CustodyEntry;
}
const entryVectors = readVector('custody-entries').entries as readonly EntryVector[];

describe('messages', () => {
  // A message without a vector is a promise nobody can check.
  test('all have a vector', () => {
    expect(pduVectors()).toEqual(Object.keys(MESSAGE_TYPE).toSorted());
  });

  // Bytes to meaning and back, without a bit of difference, bare and framed.
  test.each(pduVectors())('%s', (name) => {
    const vector = readVector(name);
    const pdu = piecesOf(vector, 'pdu');
    const message = decodePdu(pdu, PDU_BYTES_MAX);
    expect(message).toEqual(vector.message);
    if (message instanceof PduError) throw message;
    expect(toHex(encodeMessage(message))).toBe(toHex(pdu));
    expect(toHex(encodeFrame(pdu))).toBe(textOf(vector, 'frame'));
    expect(new Deframer(PDU_BYTES_MAX).push(fromHex(textOf(vector, 'frame')))).toEqual([pdu]);
  });
});

describe('the serial line', () => {
  // Goal: parts of the Receipt are named as the page says. Method: cut the Receipt's own vector.
  test('a part is a piece of the receipt, named by its CRC', () => {
    const whole = piecesOf(readVector('receipt'), 'pdu');
    const { id, total, offset, piece } = messageOf('part');
    expect(total).toBe(whole.length);
    expect(toHex(piece)).toBe(toHex(whole.subarray(offset, offset + PART_BYTES)));
    expect(id).toBe(crc32c(whole.subarray(0, -CRC_BYTES)));
    expect(inParts(whole)[offset / PART_BYTES]).toEqual(piecesOf(readVector('part'), 'pdu'));
  });

  // Goal: the pattern of a probe can be made from the page alone. Method: make it here, by the page's three shifts.
  test('a probe carries its pattern', () => {
    const { id, seq, pattern } = messageOf('link-probe');
    let x = (id + seq + 1) >>> 0;
    const byHand = Uint8Array.from({ length: PROBE_BYTES }, (_, i) => {
      if (i < 64) return [0x00, 0xff, 0x55, 0xaa][i % 4] ?? 0;
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      return x & 0xff;
    });
    expect(toHex(pattern)).toBe(toHex(byHand));
    expect(toHex(probePattern(id, seq))).toBe(toHex(byHand));
  });

  test('one negotiation has one id', () => {
    const { id, baud } = messageOf('link-propose');
    const commit = messageOf('link-commit');
    expect([commit.id, messageOf('link-probe').id, messageOf('link-report').id]).toEqual([id, id, id]);
    expect(commit.baud).toBeLessThanOrEqual(baud);
  });
});

describe('the story', () => {
  // The Accept resumes the Offer's upload: its digest is that of the first chunk, and nothing it holds is past the end.
  test('accept goes with offer', () => {
    const { manifestSha256, manifestBytes, contentBytes } = messageOf('offer');
    const signed = piecesOf(readVector('signed-manifest'), 'signed');
    const [first] = openManifest(signed, CAMERA_KEY.publicKey, checker).chunks;
    if (first === undefined) throw new Error('the manifest has no chunk');
    const { durableTo, prefixDigest: digest, held, creditTo } = messageOf('accept');
    expect(durableTo).toBe(manifestBytes + first.storedBytes);
    expect(digest).toEqual(prefixDigest(sha256, manifestSha256, [first.sha256]));
    expect(held.at(-1)?.end).toBeLessThanOrEqual(creditTo);
    expect(creditTo).toBe(manifestBytes + contentBytes);
  });

  // The ticket is the checkpoint of the other vectors, and proves that it grew from the size it names.
  test('a ticket shows that the log grew', () => {
    const { note, ...growth } = messageOf('ticket');
    expect(note).toBe(linesOf(readVector('checkpoint'), 'note'));
    const leaves = entryVectors.map((entry) => fromHex(entry.leafHash));
    const size = growth.consistencyFrom ?? 0;
    const kept = { size, root: rootOf(sha256, leaves.slice(0, size)) };
    const checkpoint = openCheckpoint(note, LEDGER_VKEY, checker);
    expect(checkGrowth(kept, { checkpoint, growth }, checker)).toBe('grown');
    const forked = { ...kept, root: rootOf(sha256, leaves.slice(1, size + 1)) };
    expect(() => checkGrowth(forked, { checkpoint, growth }, checker)).toThrow(ProofError);
  });

  test('pong answers ping', () => {
    const pong = messageOf('pong');
    const { cameraMonoUs, cameraWallUs } = messageOf('hello');
    expect(pong.pingSentUs).toBe(messageOf('ping').sentUs);
    expect(pong.wallUs - cameraWallUs).toBe(pong.sentUs - cameraMonoUs);
  });
});

describe('signatures', () => {
  // The handshake of hello, hello-ack and hello-confirm: made again from the keys, bit for bit.
  test('of the handshake', () => {
    const hello = encodeMessage(messageOf('hello')).subarray(1, -4);
    const ack: HelloAck = messageOf('hello-ack');
    const confirm: HelloConfirm = messageOf('hello-confirm');
    const { body } = readVector('hello-ack');
    expect(decodeHelloAckBody(ack.body)).toEqual(body);
    expect(encodeHelloAckBody(decodeHelloAckBody(ack.body))).toEqual(ack.body);
    expect(DOCK_KEY.sign(helloTranscript('dock', hello, ack.body, sha256))).toEqual(ack.signature);
    expect(CAMERA_KEY.sign(helloTranscript('camera', hello, ack.body, sha256))).toEqual(confirm.signature);
  });

  test('of the manifest', () => {
    const vector = readVector('signed-manifest');
    const signed = piecesOf(vector, 'signed');
    const manifest = openManifest(signed, CAMERA_KEY.publicKey, checker);
    expect(manifest).toEqual(vector.manifest);
    expect(toHex(signManifest(manifest, CAMERA_KEY.sign))).toBe(toHex(signed));
    expect(toHex(sha256(signed))).toBe(textOf(vector, 'sha256'));
    expect(messageOf('offer')).toMatchObject({
      manifestSha256: sha256(signed),
      manifestBytes: signed.length,
    });
  });

  // The same recording by a camera that says all it can of its course; without that it is the manifest above.
  test('of the manifest with a course', () => {
    const vector = readVector('course-manifest');
    const signed = piecesOf(vector, 'signed');
    const manifest = openManifest(signed, CAMERA_KEY.publicKey, checker);
    expect(manifest).toEqual(vector.manifest);
    expect(manifest).toEqual(courseManifestOf());
    expect(toHex(signManifest(manifest, CAMERA_KEY.sign))).toBe(toHex(signed));
    expect(toHex(sha256(signed))).toBe(textOf(vector, 'sha256'));
  });

  test('of the receipt', () => {
    const receipt: Receipt = messageOf('receipt');
    const opened = openReceipt(receipt, { publicKey: DOCK_KEY.publicKey, ledgerVkey: LEDGER_VKEY }, checker);
    const { body } = readVector('receipt');
    expect(opened).toMatchObject({ ...(body as object), index: 1, size: entryVectors.length });
    expect(encodeReceiptBody(opened)).toEqual(receipt.body);
    expect(opened.manifestSha256).toEqual(messageOf('offer').manifestSha256);
  });
});

const keepingVectors = readVector('keeping-entries').entries as readonly EntryVector[];

describe('the ledger', () => {
  // A type without a vector is a statement whose bytes nobody has promised.
  test('entries of all types have a vector', () => {
    const types = new Set([...entryVectors, ...keepingVectors].map(({ entry }) => entry.type));
    expect([...types].toSorted()).toEqual(Object.keys(ENTRY_FIELDS).toSorted());
  });

  // The same statement must have the same bytes for ever, or old proofs would stop holding.
  test.each([...entryVectors, ...keepingVectors])('entry $key', (vector) => {
    expect(text(encodeEntry(vector.entry))).toBe(vector.text);
    expect(decodeEntry(utf8(vector.text))).toEqual(vector.entry);
    expect(entryKey(vector.entry)).toBe(vector.key);
    expect(toHex(leafHash(sha256, utf8(vector.text)))).toBe(vector.leafHash);
  });

  test('checkpoint', () => {
    const vector = readVector('checkpoint');
    const note = linesOf(vector, 'note');
    const checkpoint = openCheckpoint(note, textOf(vector, 'vkey'), checker);
    expect(checkpoint).toEqual(vector.checkpoint);
    expect(signNote(formatCheckpoint(checkpoint), { ...LEDGER_KEY, name: ORIGIN, sha256 })).toBe(note);
    expect(checkpoint.root).toEqual(
      rootOf(
        sha256,
        entryVectors.map((entry) => fromHex(entry.leafHash)),
      ),
    );
  });

  test('proof', () => {
    const vector = readVector('tlog-proof');
    const proof = linesOf(vector, 'proof');
    const claim = { entry: utf8(textOf(vector, 'entry')), vkey: textOf(vector, 'vkey') };
    expect(verifyTlogProof(proof, claim, checker)).toMatchObject({
      index: vector.index,
      size: entryVectors.length,
    });
    const parsed = parseTlogProof(proof);
    expect(formatTlogProof(parsed)).toBe(proof);
    const leaves = entryVectors.map((entry) => fromHex(entry.leafHash));
    expect(inclusionProof(sha256, leaves, parsed.index)).toEqual(parsed.hashes);
  });
});

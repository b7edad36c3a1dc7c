import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../proto/bytes.ts';
import { encodeData } from '../../proto/codec.ts';
import { peer } from '../peer.ts';
import { pduVectors, piecesOf, readVector } from './vector.ts';

const protoc = peer('protoc');
const FOLDER = fileURLToPath(new URL('../../proto', import.meta.url));

/** `hello-ack` is `HelloAck` in the schema. */
const schemaName = (type: string): string =>
  type.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());

function run(option: string, input: string | Uint8Array): Buffer {
  const options = [`--proto_path=${FOLDER}`, option, 'evidence.proto'];
  return execFileSync(protoc ?? 'protoc', options, { input });
}

/** What Google's own reader makes of a message, as text. */
const decode = (name: string, message: Uint8Array): string =>
  run(`--decode=bwc.v1.${name}`, message).toString('utf8');

/** What its writer makes of that text. */
const encode = (name: string, shown: string): Uint8Array => run(`--encode=bwc.v1.${name}`, shown);

/** A line that begins with a number is a field that the schema lacks. */
const STRANGE_FIELD = /^\s*\d+[:{ ]/m;

/** Everything in a vector that is a protobuf message: PDUs without type byte and CRC, and the signed bodies inside. */
function messages(): readonly (readonly [string, Uint8Array])[] {
  const pdus = pduVectors().map(
    (name) => [schemaName(name), piecesOf(readVector(name), 'pdu').subarray(1, -4)] as const,
  );
  return [
    ...pdus,
    ['HelloAckBody', bytesIn('hello-ack', 'body')],
    ['ReceiptBody', bytesIn('receipt', 'body')],
    ['SignedManifest', piecesOf(readVector('signed-manifest'), 'signed')],
    ['Manifest', manifestIn(piecesOf(readVector('course-manifest'), 'signed'))],
  ];
}

function bytesIn(vector: string, field: string): Uint8Array {
  const { message } = readVector(vector);
  const found: unknown =
    typeof message === 'object' && message !== null ? Reflect.get(message, field) : undefined;
  if (!(found instanceof Uint8Array)) throw new Error(`${vector} has no ${field}`);
  return found;
}

describe.skipIf(!protoc)('protoc', () => {
  // Data is not built by a protobuf library here: it must be protobuf all the same.
  test('reads a captured Data message', () => {
    const payload = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);
    const pdu = encodeData({ stream: 7, txSeq: 300, flags: 1, offset: 5_000_000_000, payload });
    const shown = decode('Data', pdu.subarray(1, -4));
    expect(shown).toMatch(/^stream: 7\ntx_seq: 300\nflags: 1\noffset: 5000000000\npayload: "\\000\\001/);
    expect(shown).not.toMatch(STRANGE_FIELD);
  });

  // Goal: an implementation in another language reads and writes our bytes. Method: Google's own reader takes every golden
  // message apart by the committed schema, and its own writer puts the very same bytes together again.
  test.each(messages())('reads %s and writes it again, byte for byte', (name, message) => {
    const shown = decode(name, message);
    expect(shown).not.toBe('');
    expect(shown).not.toMatch(STRANGE_FIELD);
    expect(toHex(encode(name, shown))).toBe(toHex(message));
  });

  // The manifest inside its signature is bytes to the message around it, so it is opened by itself.
  test('reads the Manifest inside the SignedManifest', () => {
    const signed = piecesOf(readVector('signed-manifest'), 'signed');
    const manifest = manifestIn(signed);
    const shown = decode('Manifest', manifest);
    expect(shown).toContain('camera_id: "cam-1"');
    expect(shown).not.toMatch(STRANGE_FIELD);
    expect(toHex(encode('Manifest', shown))).toBe(toHex(manifest));
  });
});

/** Field 1 of a SignedManifest by hand: tag 0a, length, bytes. */
function manifestIn(signed: Uint8Array): Uint8Array {
  expect(signed[0]).toBe(0x0a);
  const [low = 0, high = 0] = signed.subarray(1);
  // Between 128 B and 16 KiB the length has two bytes.
  expect(low & 0x80).toBe(0x80);
  return signed.subarray(3, 3 + (low & 0x7f) + high * 0x80);
}

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { encodeData } from '../../proto/codec.ts';
import { peer } from '../peer.ts';
import { pduVectors, piecesOf, readVector } from './vector.ts';

const protoc = peer('protoc');
const FOLDER = fileURLToPath(new URL('../../proto', import.meta.url));

/** `hello-ack` is `HelloAck` in the schema. */
const schemaName = (type: string): string =>
  type.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());

/** What Google's own reader makes of a PDU: the body, without type byte and CRC, as text. */
function decode(type: string, pdu: Uint8Array): string {
  const options = [`--proto_path=${FOLDER}`, `--decode=bwc.v1.${schemaName(type)}`, 'evidence.proto'];
  return execFileSync(protoc ?? 'protoc', options, { input: pdu.subarray(1, -4), encoding: 'utf8' });
}

describe.skipIf(!protoc)('protoc', () => {
  // Data is not built by a protobuf library here: it must be protobuf all the same.
  test('reads a captured Data message', () => {
    const payload = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);
    const pdu = encodeData({ stream: 7, txSeq: 300, flags: 1, offset: 5_000_000_000, payload });
    const shown = decode('data', pdu);
    expect(shown).toMatch(/^stream: 7\ntx_seq: 300\nflags: 1\noffset: 5000000000\npayload: "\\000\\001/);
    expect(shown).not.toMatch(/^\d+:/m);
  });

  // Every golden message, by the committed schema; a line that begins with a number is a field the schema lacks.
  test.each(pduVectors())('reads %s', (name) => {
    const shown = decode(name, piecesOf(readVector(name), 'pdu'));
    expect(shown).not.toBe('');
    expect(shown).not.toMatch(/^\s*\d+[:{ ]/m);
  });
});

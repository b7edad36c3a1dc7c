import { describe, expect, test } from 'vitest';
import { decodePdu, encodeMessage } from '../../../proto/codec.ts';
import { crcOf, writeCrc } from '../../../proto/crc32c.ts';
import { PART_ABOVE_BYTES, PART_BYTES, PROBE_BYTES, SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { MESSAGE_TYPE, type Part } from '../../../proto/messages.ts';
import { inParts, Reassembly } from '../../../proto/parts.ts';

/** A PDU of so many bytes whose content differs with `seed`. */
function pduOf(bytes: number, seed = 1, type: number = MESSAGE_TYPE.receipt): Uint8Array {
  const pdu = Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + seed * 7) & 0xff);
  pdu[0] = type;
  return writeCrc(pdu);
}

function partsOf(pdu: Uint8Array): readonly Part[] {
  return inParts(pdu).map((one) => {
    const part = decodePdu(one, SERIAL_PDU_BYTES_MAX);
    if (!('type' in part) || part.type !== 'part') throw new TypeError('not a part');
    return part;
  });
}

/** All that comes out of a reassembly that is given these. */
function collected(parts: readonly Part[], reassembly = new Reassembly()): readonly Uint8Array[] {
  return parts.map((part) => reassembly.push(part)).filter((pdu) => pdu !== undefined);
}

describe('a PDU in parts', () => {
  // At the limit a PDU goes as it is; one byte more and it goes in pieces of 128 B that name its CRC and its length.
  test('is cut above 256 B', () => {
    const short = pduOf(PART_ABOVE_BYTES);
    expect(inParts(short)).toEqual([short]);
    const long = pduOf(PART_ABOVE_BYTES + 1);
    const parts = partsOf(long);
    expect(parts.map(({ piece }) => piece.length)).toEqual([PART_BYTES, PART_BYTES, 1]);
    expect(parts.map(({ offset }) => offset)).toEqual([0, 128, 256]);
    expect(parts.every(({ id, total }) => id === crcOf(long) && total === long.length)).toBe(true);
  });

  // Data follows the line by its own size, a probe measures the line, and a Part is one already: all stay whole.
  test('is not cut when it is Data, a probe or a Part', () => {
    const pattern = new Uint8Array(PROBE_BYTES);
    const probe = encodeMessage({ type: 'link-probe', id: 2 ** 32 - 1, seq: 15, count: 16, pattern });
    expect(probe.length).toBeGreaterThan(PART_ABOVE_BYTES);
    expect(inParts(probe)).toEqual([probe]);
    for (const type of [MESSAGE_TYPE.data, MESSAGE_TYPE.part]) {
      expect(inParts(pduOf(5_000, 1, type))).toHaveLength(1);
    }
  });

  // The longest PDU there is, cut and put together.
  test('comes out as it went in', () => {
    const pdu = pduOf(SERIAL_PDU_BYTES_MAX);
    expect(collected(partsOf(pdu))).toEqual([pdu]);
  });

  // Every other part is lost the first time, and the rest the second: both together are the PDU.
  test('is put together from repetitions', () => {
    const pdu = pduOf(1_000);
    const parts = partsOf(pdu);
    const even = parts.filter((_, i) => i % 2 === 0);
    const odd = parts.filter((_, i) => i % 2 === 1);
    expect(collected([...even, ...even])).toEqual([]);
    expect(collected([...even, ...odd])).toEqual([pdu]);
  });

  // A part of another PDU, by its id or only by its length, ends the collection of the first.
  test('is forgotten for another', () => {
    const [first, other] = [pduOf(600, 1), pduOf(600, 2)];
    const [start, rest] = [partsOf(first).slice(0, 2), partsOf(first).slice(2)];
    const [stray] = partsOf(other);
    if (stray === undefined) throw new TypeError('no part');
    expect(collected([...start, stray, ...rest])).toEqual([]);
    expect(collected([...start, { ...stray, id: crcOf(first), total: 601 }, ...rest])).toEqual([]);
    expect(collected([...start, stray, ...partsOf(first)])).toEqual([first]);
  });

  // A whole whose CRC is not its id, one that carries no CRC that holds, and a Part made of parts: none comes out, each is counted,
  // and the next PDU does.
  test('comes out only when it is what it says', () => {
    const good = pduOf(600);
    const reassembly = new Reassembly();
    const misnamed = partsOf(good).map((part) => ({ ...part, id: 7 }));
    const torn = good.slice();
    torn[300] = (torn[300] ?? 0) ^ 1;
    const nested = pduOf(600, 1, MESSAGE_TYPE.part);
    const cut = (pdu: Uint8Array): Part[] =>
      partsOf(good).map((part) => ({
        ...part,
        id: crcOf(pdu),
        piece: pdu.subarray(part.offset, part.offset + part.piece.length),
      }));
    expect(collected([...misnamed, ...cut(torn), ...cut(nested)], reassembly)).toEqual([]);
    expect(reassembly.spoiled).toBe(3);
    expect(collected(partsOf(good), reassembly)).toEqual([good]);
  });
});

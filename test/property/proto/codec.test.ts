import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeHelloAckBody,
  decodePdu,
  decodeReceiptBody,
  encodeHelloAckBody,
  encodeMessage,
  encodeReceiptBody,
} from '../../../proto/codec.ts';
import { writeCrc } from '../../../proto/crc32c.ts';
import { PduError } from '../../../proto/errors.ts';
import { decodeManifest, encodeManifest, openManifest, signManifest } from '../../../proto/manifest.ts';
import { MESSAGE_TYPE } from '../../../proto/messages.ts';
import { CAMERA_KEY, checker } from '../../unit/proto/fixture.ts';
import { anyMessage, helloAckBody, manifest, MESSAGES, receiptBody } from './arbitrary.ts';
import { runs } from '../../runs.ts';

const PDU_BYTES_MAX = 1 << 20;

describe('every message', () => {
  // What is encoded decodes to the same values, and those encode to the same bytes.
  test.each(Object.entries(MESSAGES))('%s round trips', (_type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (message) => {
        const pdu = encodeMessage(message);
        const decoded = decodePdu(pdu, PDU_BYTES_MAX);
        expect(decoded).toEqual(message);
        if (!(decoded instanceof PduError)) expect(encodeMessage(decoded)).toEqual(pdu);
      }),
      { numRuns: runs(100) },
    );
  });

  test('the signed bodies round trip', () => {
    fc.assert(
      fc.property(helloAckBody, receiptBody, (ack, receipt) => {
        expect(decodeHelloAckBody(encodeHelloAckBody(ack))).toEqual(ack);
        expect(decodeReceiptBody(encodeReceiptBody(receipt))).toEqual(receipt);
      }),
    );
  });

  test('manifests round trip, signed and unsigned', () => {
    fc.assert(
      fc.property(manifest, (value) => {
        expect(decodeManifest(encodeManifest(value))).toEqual(value);
        const signed = signManifest(value, CAMERA_KEY.sign);
        expect(openManifest(signed, CAMERA_KEY.publicKey, checker)).toEqual(value);
      }),
      { numRuns: runs(50) },
    );
  });
});

describe('a hostile peer', () => {
  /** A PDU with a good CRC around these bytes. */
  const sealed = (type: number, body: Uint8Array): Uint8Array => {
    const pdu = new Uint8Array(body.length + 5);
    pdu[0] = type;
    pdu.set(body, 1);
    return writeCrc(pdu);
  };

  // Whatever bytes arrive under whatever type, the answer is a message or an error value; and a message it is
  // only if we could have sent it, since encoding runs the same checks.
  test('never makes decoding throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(MESSAGE_TYPE), 0x7f),
        fc.uint8Array({ maxLength: 200 }),
        (type, body) => {
          const decoded = decodePdu(sealed(type, body), PDU_BYTES_MAX);
          if (!(decoded instanceof PduError)) encodeMessage(decoded);
        },
      ),
      { numRuns: runs(2_000) },
    );
  });

  // The same with messages that are nearly right: one byte changed under a CRC that holds again.
  test('cannot slip a value past the ranges', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, change) => {
        const pdu = encodeMessage(message);
        const place = 1 + (at % Math.max(1, pdu.length - 5));
        pdu[place] = (pdu[place] ?? 0) ^ change;
        const decoded = decodePdu(writeCrc(pdu), PDU_BYTES_MAX);
        if (!(decoded instanceof PduError)) encodeMessage(decoded);
      }),
      { numRuns: runs(2_000) },
    );
  });

  // CRC-32C finds every burst of up to 32 bits, so any one changed byte is noticed.
  test('or noise: one changed byte fails the CRC', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, change) => {
        const pdu = encodeMessage(message);
        const place = at % pdu.length;
        pdu[place] = (pdu[place] ?? 0) ^ change;
        expect(decodePdu(pdu, PDU_BYTES_MAX)).toMatchObject({ code: 'PDU_CRC' });
      }),
    );
  });
});

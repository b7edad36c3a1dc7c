import { concat } from '../../../proto/bytes.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import { CRC_BYTES } from '../../../proto/crc32c.ts';
import { encodeFrame } from '../../../proto/frame.ts';
import { MESSAGE_TYPE, type Pong } from '../../../proto/messages.ts';
import { Chance } from '../../fault/chance.ts';
import { ANSWER_MS, CaseFailure, demand } from './case.ts';
import { describe } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { refused, unmoved, WATCH_MS } from './dock-proofs.ts';
import { LineError } from './line.ts';
import { cutInParts } from './parts.ts';
import { pduOf, protobufOf, type PuppetCamera } from './puppet-camera.ts';

const NOISE_ROUNDS = 20;
const NOISE_BYTES_MAX = 64;
const SMALL_PIECE_BYTES = 40;
const UNKNOWN_TYPE = 0x7e;
// Field 15, a varint; no message of version 1 has it.
const UNKNOWN_FIELD = Uint8Array.of(0x78, 0x2a);
const RECORDING_ID_FIELD = 0x12;

/** Sections 1 and 4: bytes that are no messages. */
export const NOISE_CASES: readonly DockCase[] = [
  {
    name: 'corrupted-crc-ignored',
    rule: 'A PDU whose CRC does not hold, or that is too short to have one, is dropped without an answer.',
    section: '1',
    run: async ({ camera, wire }) => {
      await camera.dock();
      const { pdu, sentUs } = pingPdu(camera);
      for (let at = 0; at < pdu.length; at += 3)
        wire.sendPdu(pdu.map((byte, index) => (index === at ? byte ^ 0x10 : byte)));
      wire.sendPdu(pdu.subarray(0, CRC_BYTES));
      wire.sendPdu(pdu.subarray(0, -1));
      await wire.expectNone('pong', WATCH_MS, ({ pingSentUs }) => pingSentUs === sentUs);
      await unmoved(camera);
    },
  },
  {
    name: 'unknown-type-ignored',
    rule: 'A PDU of an unknown type is dropped without an answer, since a newer peer may say more.',
    section: '1',
    run: async ({ camera, wire }) => {
      await camera.dock();
      wire.sendPdu(pduOf(UNKNOWN_TYPE, Uint8Array.of(8, 1)));
      wire.sendPdu(pduOf(0, new Uint8Array()));
      await unmoved(camera);
    },
  },
  {
    name: 'unknown-fields-skipped',
    rule: 'Fields that a reader does not know are skipped.',
    section: '1',
    run: async ({ camera, wire }) => {
      await camera.dock();
      const { pdu, sentUs } = pingPdu(camera);
      wire.sendPdu(pduOf(MESSAGE_TYPE.ping, concat(protobufOf(pdu), UNKNOWN_FIELD)));
      await wire.expect('pong', ANSWER_MS, ({ pingSentUs }) => pingSentUs === sentUs);
    },
  },
  {
    name: 'malformed-pdu',
    rule: 'A PDU whose CRC holds but that is no valid message is answered with Abort malformed (never).',
    section: '1',
    run: async ({ camera, wire }) => {
      await camera.dock();
      const broken: readonly (readonly [number, Uint8Array])[] = [
        // A length that runs past the end.
        [MESSAGE_TYPE.offer, Uint8Array.of(RECORDING_ID_FIELD, 0x7f, 1, 2)],
        // A recording id of 2 bytes.
        [MESSAGE_TYPE.offer, Uint8Array.of(RECORDING_ID_FIELD, 2, 1, 2)],
        // Data of stream 0.
        [MESSAGE_TYPE.data, Uint8Array.of(0x10, 1)],
      ];
      for (const [type, protobuf] of broken) {
        wire.sendPdu(pduOf(type, protobuf));
        await refused(wire, 'malformed', 'never');
      }
      await camera.dock();
    },
  },
  {
    name: 'oversize-pdu',
    rule: 'A PDU beyond the limit of the transport is answered with Abort oversize (never) or not at all, and does no harm.',
    section: '1',
    run: oversizePdu,
  },
  {
    name: 'noise-between-frames',
    rule: 'Noise between frames, zeros and all, costs no frame.',
    section: '4',
    transports: ['serial'],
    run: async ({ camera, wire }) => {
      await camera.dock();
      const chance = new Chance('noise');
      for (let round = 0; round < NOISE_ROUNDS; round++) {
        wire.sendBytes(Uint8Array.from({ length: 1 + chance.below(NOISE_BYTES_MAX) }, () => chance.uint32()));
        await camera.ping();
      }
      await unmoved(camera);
    },
  },
  {
    name: 'truncated-frame',
    rule: 'A frame that ends in the middle is dropped, and the frame behind it is not.',
    section: '4',
    transports: ['serial'],
    run: async ({ camera, wire }) => {
      await camera.dock();
      const { pdu, sentUs } = pingPdu(camera);
      const frame = encodeFrame(pdu);
      for (let bytes = 1; bytes < frame.length - 1; bytes += 2) wire.sendBytes(frame.subarray(0, bytes));
      await camera.ping();
      await wire.expectNone('pong', WATCH_MS, ({ pingSentUs }) => pingSentUs === sentUs);
      await unmoved(camera);
    },
  },
  {
    name: 'split-frame',
    rule: 'A frame may arrive byte by byte.',
    section: '4',
    transports: ['serial'],
    run: async ({ camera, wire }) => {
      await camera.dock();
      const { pdu, sentUs } = pingPdu(camera);
      // The dock's own Pings come now, and an answer to them would be a frame within the frame.
      wire.manners.pong = false;
      for (const byte of encodeFrame(pdu)) {
        wire.sendBytes(Uint8Array.of(byte));
        await wire.pause(2);
      }
      wire.manners.pong = true;
      await wire.expect('pong', ANSWER_MS, ({ pingSentUs }) => pingSentUs === sentUs);
    },
  },
  {
    name: 'parts',
    rule: 'A PDU in Parts, in any order and repeated, counts as one frame; wrong Parts, and Parts in Parts, do not.',
    section: '4',
    transports: ['serial'],
    run: parts,
  },
];

/** Harmless to send, and its answer shows that it was taken. */
function pingPdu(camera: PuppetCamera): { readonly pdu: Uint8Array; readonly sentUs: number } {
  const sentUs = camera.wire.clockUs();
  return { pdu: encodeMessage({ type: 'ping', sentUs }), sentUs };
}

async function oversizePdu(bench: DockBench): Promise<void> {
  const { camera } = bench;
  await camera.dock();
  // A wire of its own: a broker may answer by cutting the connection.
  const wire = await bench.another(camera.keys.cameraId);
  const payload = new Uint8Array(wire.pduBytesMax).fill(1);
  wire.drain('abort');
  wire.send({ type: 'data', stream: 1, txSeq: 1, flags: 1, offset: 0, payload });
  try {
    const heard = await wire.hearIfAny('abort', 2 * WATCH_MS);
    const isRight =
      heard === undefined || (heard.message.code === 'oversize' && heard.message.class === 'never');
    demand(isRight, 'Abort oversize (never) or nothing', heard === undefined ? '' : describe(heard.message));
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
  }
  const session = await camera.dock();
  await session.upload(camera.record([700]));
}

async function parts({ camera, wire }: DockBench): Promise<void> {
  const hello = camera.hello();
  const cut = cutInParts(encodeMessage(hello), SMALL_PIECE_BYTES);
  demand(cut.length > 1, 'a Hello of several Parts', String(cut.length));
  for (const part of [...cut.toReversed(), ...cut]) wire.sendPdu(part, 'a Part of hello');
  await wire.expect('hello-ack', ANSWER_MS);
  camera.confirm(await camera.greet(hello));
  await camera.ping();

  const { pdu, sentUs } = pingPdu(camera);
  const own = ({ pingSentUs }: Pong): boolean => pingSentUs === sentUs;
  const wrong = encodeMessage({ type: 'part', id: 12_345, total: pdu.length, offset: 0, piece: pdu });
  const nested = cutInParts(pdu).flatMap((part) => cutInParts(part));
  for (const part of [wrong, ...nested]) wire.sendPdu(part, 'a wrong Part');
  if (await wire.hearIfAny('pong', WATCH_MS, own))
    throw new CaseFailure('no answer to a wrong Part', 'a Pong');
  for (const part of cutInParts(pdu)) wire.sendPdu(part, 'a Part of ping');
  await wire.expect('pong', ANSWER_MS, own);
  await unmoved(camera);
}

import { randomBytes } from 'node:crypto';
import { concat, utf8 } from '../../../proto/bytes.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import { CRC_BYTES, writeCrc } from '../../../proto/crc32c.ts';
import { encodeFrame } from '../../../proto/frame.ts';
import { MQTT_PDU_BYTES_MAX, SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { MESSAGE_TYPE, type Message } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { cutInParts } from './parts.ts';
import { BACK_MS, SOON_MS, spoilt } from './puppet-dock.ts';
import { acceptedReceipt } from './puppet-receipt.ts';
import type { Reception } from './reception.ts';

const QUIET_MS = 200;
const UNKNOWN_TYPE = 0x3f;
const NOISE_BYTES = 500;
// Field 100, a varint: no message has one.
const UNKNOWN_FIELD = new Uint8Array([0xa0, 0x06, 0x01]);

export const WIRE_CASES: readonly CameraCase[] = [
  {
    name: 'corrupted-crc-ignored',
    rule: 'A PDU whose CRC does not hold is noise: it has no effect and no answer.',
    section: '1',
    run: async (bench) => {
      const upload = await waiting(bench);
      const good = encodeMessage({ ...upload.honest(), creditTo: upload.totalBytes });
      for (let at = 0; at < good.length; at += 1)
        bench.wire.sendPdu(spoilt(good, at), 'an Ack with a bit turned over');
      await ignored(bench, upload);
    },
  },
  {
    name: 'short-pdu-ignored',
    rule: 'What is shorter than a type and a CRC is noise.',
    section: '1',
    run: async (bench) => {
      const upload = await waiting(bench);
      for (const bytes of [1, 2, CRC_BYTES]) bench.wire.sendPdu(randomBytes(bytes));
      await ignored(bench, upload);
    },
  },
  {
    name: 'unknown-type-ignored',
    rule: 'A PDU of a type that is not known has no effect and no answer: a newer peer may say more.',
    section: '1',
    run: async (bench) => {
      const upload = await waiting(bench);
      bench.wire.sendPdu(pduOf(UNKNOWN_TYPE, utf8('from a later version')));
      await ignored(bench, upload);
    },
  },
  {
    name: 'unknown-field-skipped',
    rule: 'Fields that are not known are skipped, and the message counts.',
    section: '1',
    run: async (bench) => {
      const upload = await waiting(bench);
      const creditTo = upload.layout.start(2);
      const body = encodeMessage({ ...upload.honest(), creditTo }).subarray(1, -CRC_BYTES);
      bench.wire.sendPdu(pduOf(MESSAGE_TYPE.ack, concat(body, UNKNOWN_FIELD)), 'an Ack with a field 100');
      await bench.wire.expect('data', SOON_MS, ({ offset }) => offset >= upload.offer.manifestBytes);
    },
  },
  {
    name: 'unfitting-message-ignored',
    rule: 'A good message that does not fit the state, or is not for a camera at all, has no effect and no answer.',
    section: '1',
    run: async (bench) => {
      const upload = await waiting(bench);
      for (const message of unfitting(upload)) bench.wire.send(message);
      await ignored(bench, upload);
    },
  },
  {
    name: 'malformed-is-survived',
    rule: 'A PDU whose CRC holds but which is no valid message is answered with Abort malformed; the camera is there afterwards.',
    section: '1',
    withinMs: 60_000,
    run: malformed,
  },
  {
    name: 'oversize-is-survived',
    rule: 'More than the longest PDU is thrown away or answered with Abort oversize; the camera is there afterwards.',
    section: '1',
    withinMs: 60_000,
    run: oversize,
  },
  {
    name: 'noise-between-frames',
    rule: 'Noise before, between and after frames costs at most a frame that it touches; the next good one counts.',
    section: '4',
    transports: ['serial'],
    run: noise,
  },
  {
    name: 'receipt-in-parts',
    rule: 'Parts are collected whatever their order, and those of a repeated PDU count together: half of them lost twice is not lost.',
    section: '4',
    transports: ['serial'],
    run: receiptInParts,
  },
  {
    name: 'receipt-in-one-frame',
    rule: 'A long PDU in a single frame is as good as one in Parts.',
    section: '4',
    transports: ['serial'],
    run: async ({ dock, wire }) => {
      wire.sendPdu(await falseReceipt({ dock, wire }), 'a Receipt in one frame');
      await refused({ dock, wire });
    },
  },
  {
    name: 'part-in-parts-dropped',
    rule: 'A Part inside Parts is dropped, and what comes after it is not harmed.',
    section: '4',
    transports: ['serial'],
    run: async ({ dock, wire }) => {
      const receipt = await falseReceipt({ dock, wire });
      const [part = new Uint8Array()] = cutInParts(concat(receipt, receipt));
      for (const inner of cutInParts(part)) wire.sendPdu(inner, 'a Part in a Part');
      await wire.expectNone('abort', QUIET_MS);
      for (const piece of cutInParts(receipt)) wire.sendPdu(piece, 'a Part of a Receipt');
      await refused({ dock, wire });
    },
  },
];

type Ends = Pick<CameraBench, 'dock' | 'wire'>;

/** An upload that stands at the end of its manifest, everything acknowledged: whatever gives it credit shows at once. */
async function waiting({ dock, wire }: CameraBench): Promise<Reception> {
  const { upload } = await dock.started();
  await dock.settled(upload);
  wire.forget();
  return upload;
}

/** Nothing came of what was sent: no Data, no answer, and the session goes on. */
async function ignored({ wire }: Ends, upload: Reception): Promise<void> {
  const sent = await upload.next(QUIET_MS);
  demand(sent === undefined, 'no effect', `Data ${sent?.start ?? 0}…${sent?.end ?? 0}`);
  const answers = [
    ...wire.drain('abort'),
    ...wire.drain('hello'),
    ...wire.drain('bye'),
    ...wire.drain('offer'),
  ];
  demand(answers.length === 0, 'no answer', answers.map(({ type }) => type).join(', '));
  upload.ack({ creditTo: upload.layout.start(2) });
  await upload.demandNext(SOON_MS);
}

function unfitting({ offer, stream, totalBytes }: Reception): readonly Message[] {
  const sessionId = randomBytes(8);
  const signature = randomBytes(64);
  return [
    { type: 'hello-confirm', sessionId, signature },
    { ...offer, sessionId },
    { type: 'fin', stream, totalBytes },
    { type: 'data', stream, txSeq: 1, flags: 0, offset: 0, payload: utf8('not for a camera') },
    { type: 'receipt-ack', recordingId: offer.recordingId, erased: true },
    { type: 'pong', pingSentUs: 1, receivedUs: 2, sentUs: 3, wallUs: 4 },
    { type: 'link-report', id: 7, received: 8, keep: false },
    { type: 'bye', sessionId, message: 'of another session' },
  ];
}

async function malformed({ dock, wire }: CameraBench): Promise<void> {
  const bodies = [
    { type: MESSAGE_TYPE.accept, body: utf8('\u0007\u0007 not protobuf') },
    // durable_to beyond received_to, and an end before its start: both out of range.
    { type: MESSAGE_TYPE.ack, body: new Uint8Array([0x08, 0x01, 0x20, 0x05]) },
    { type: MESSAGE_TYPE.receipt, body: new Uint8Array([0x12, 0x01, 0xff]) },
  ];
  for (const { type, body } of bodies) {
    await dock.docked();
    wire.forget();
    wire.sendPdu(pduOf(type, body), `malformed, type ${type}`);
    const abort = await wire.expect('abort', SOON_MS);
    demand(abort.code === 'malformed', 'Abort malformed', `Abort ${abort.code}`);
  }
  await there({ dock, wire });
}

async function oversize({ dock, wire }: CameraBench): Promise<void> {
  await dock.docked();
  const bytes = wire.transport === 'serial' ? SERIAL_PDU_BYTES_MAX : MQTT_PDU_BYTES_MAX;
  wire.sendPdu(pduOf(MESSAGE_TYPE.ping, new Uint8Array(bytes).fill(1)), `${bytes} B and more`);
  // Without a delimiter, which must not fill the camera's memory.
  if (wire.transport === 'serial')
    wire.sendBytes(new Uint8Array(2 * bytes).fill(0x55), 'bytes without an end');
  await there({ dock, wire });
}

/** Whatever the camera made of it, a new session begins. */
async function there({ dock }: Ends): Promise<void> {
  const hello = await dock.wire.hearIfAny('hello', QUIET_MS);
  if (hello === undefined) await dock.docked();
  else await dock.proved(hello);
}

async function noise(bench: CameraBench): Promise<void> {
  const { wire } = bench;
  const upload = await waiting(bench);
  const { layout } = upload;
  const half = encodeFrame(encodeMessage(upload.honest()));
  const kinds = [
    { what: 'zeros', bytes: new Uint8Array(NOISE_BYTES) },
    { what: 'noise', bytes: randomBytes(NOISE_BYTES) },
    { what: 'noise without zeros', bytes: randomBytes(NOISE_BYTES).map((byte) => byte || 1) },
    { what: 'half a frame', bytes: half.subarray(0, half.length >> 1) },
  ];
  const [from, to] = [layout.start(2), layout.start(3)];
  upload.ack({ creditTo: from });
  await upload.receive((self) => self.receivedTo >= from, { withinMs: BACK_MS, creditUnits: 0 });
  for (const [index, { what, bytes }] of kinds.entries()) {
    const creditTo = from + Math.floor(((to - from) * (index + 1)) / kinds.length);
    wire.sendBytes(bytes, what);
    upload.ack({ creditTo });
    const next = await upload.next(SOON_MS);
    demand(next !== undefined, `an Ack behind ${what} to count`, 'no Data');
    await upload.receive((self) => self.receivedTo >= creditTo, { withinMs: BACK_MS, creditUnits: 0 });
  }
}

/** A Receipt of which everything holds but the signature: what it brings about says whether it arrived, and nothing is erased. */
async function falseReceipt({ dock, wire }: Ends): Promise<Uint8Array> {
  const { session, offer, manifest } = await dock.introduced();
  await dock.finished(session, offer);
  const receipt = await acceptedReceipt(dock.rig, { offer, manifest, transport: wire.transport });
  wire.forget();
  return encodeMessage({ ...receipt, signature: spoilt(receipt.signature) });
}

async function refused({ wire }: Ends): Promise<void> {
  const { code } = await wire.expect('abort', SOON_MS);
  demand(code === 'bad-receipt', 'the Receipt to arrive and be refused', `Abort ${code}`);
}

async function receiptInParts({ dock, wire }: CameraBench): Promise<void> {
  const parts = cutInParts(await falseReceipt({ dock, wire })).toReversed();
  for (const [index, part] of parts.entries()) if (index % 2 === 0) wire.sendPdu(part, 'every second Part');
  await wire.expectNone('abort', QUIET_MS);
  for (const [index, part] of parts.entries())
    if (index % 2 === 1) wire.sendPdu(part, 'the others of a repeat');
  await refused({ dock, wire });
}

/** A PDU of any type around any bytes, with the CRC that belongs to it. */
function pduOf(type: number, body: Uint8Array): Uint8Array {
  return writeCrc(concat(new Uint8Array([type]), body, new Uint8Array(CRC_BYTES)));
}

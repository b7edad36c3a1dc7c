import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import type { ByteBudget } from '../../proto/budget.ts';
import type { Cancel, Clock } from '../ports.ts';
import { Intake } from './intake.ts';
import type { Slots } from './slots.ts';

// A short chunk comes with one read: to copy it out costs less than a second one. Of a long chunk the rest is read where it belongs.
const SCRATCH_BYTES = 96 * 1_024;
/** A PDU from here on is read into a slot of its own. */
const LONG_BYTES = 8 * 1_024;
// Slower than a tenth of a megabit a second: such a line is better served by shorter packets.
const PACKET_S_MAX = 30;
const US_PER_S = 1_000_000;
const PUBACK = 0x40;
const PUBACK_BYTES = 4;
const PUBLISH = 0x30;
const TAKEN = Promise.resolve();

/** What the sockets of one broker share. */
export interface SocketPorts {
  readonly slots: Slots;
  /** Long PDUs that have begun to come on all sockets together. */
  readonly arriving: ByteBudget;
  /** Called when some of `arriving` is free again. */
  readonly freed: () => void;
  /** Sockets that wait for memory, in the order in which they will have it. */
  readonly held: Set<CameraSocket>;
  /** Sockets that owe a PUBACK; whoever has the first one added is to have them `settleUp` soon. */
  readonly owing: { add(camera: CameraSocket): void };
  /** Sockets that were written to; whoever has the first one added is to `uncork` them at the end of the turn. */
  readonly corked: { add(camera: CameraSocket): void };
  readonly packetBytesMax: number;
  /** A camera that takes nothing in for so long is cut off. */
  readonly drainTimeoutMs: number;
  readonly clock: Pick<Clock, 'monoUs' | 'after'>;
}

/** What holds for a camera that was let in. */
export interface Admission {
  readonly keepaliveS: number;
  readonly pdu: (pdu: Uint8Array) => void;
}

// All sockets read into it in turn: what is in it is looked at before the next one reads.
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * The socket of one camera, which the broker's library serves as it does any other; but the PDUs of its camera are taken out here,
 * straight into the memory from which they are written to disk, and what goes to the camera is written here. The library would copy
 * each long packet twice and allocate it three times.
 */
export class CameraSocket {
  readonly socket: Socket;
  readonly #intake: Intake;
  readonly #ports: SocketPorts;
  #pdu: (pdu: Uint8Array) => void = () => undefined;
  /** Of `arriving`, for the PDU that is coming. */
  #taken = 0;
  #isCorked = false;
  /** Packet ids without PUBACK. */
  readonly #owed: number[] = [];
  #draining: Promise<void> | undefined;
  #heardUs: number;
  /** When the PDU that is coming began to come. */
  #begunUs: number | undefined;
  #silenceUs = Number.POSITIVE_INFINITY;

  /** Takes the connection over from `accepted`, which must not have been read. */
  constructor(accepted: Socket, ports: SocketPorts) {
    this.#ports = ports;
    this.#heardUs = ports.clock.monoUs();
    this.#intake = new Intake(ports.packetBytesMax, {
      pdu: (pdu, packetId) => this.#arrived(pdu, packetId),
      other: (bytes) => void this.socket.push(bytes),
      take: (bytes) => this.#take(bytes),
    });
    this.socket = takeOver(accepted, {
      buffer: () => this.#intake.room() ?? scratch,
      callback: (count, buffer) => this.#read(count, buffer),
    });
    this.socket.once('close', () => {
      ports.held.delete(this);
      this.#settle();
    });
  }

  /** The broker has let the camera in: what it publishes to `topic` goes to `pdu`. */
  admit(topic: Uint8Array, { keepaliveS, pdu }: Admission): void {
    // MQTT 3.1.1, 3.1.2.10: half as long again as the camera said that it would be silent at the most.
    this.#silenceUs = keepaliveS * 1.5 * US_PER_S;
    this.#pdu = pdu;
    this.#intake.admit(topic);
    this.resume();
  }

  /** Cuts off a camera that is gone, and one that never ends what it began. */
  check(): void {
    const nowUs = this.#ports.clock.monoUs();
    // While we do not listen, silence says nothing.
    if (this.isHeld) this.#heardUs = nowUs;
    const isSilent = nowUs - this.#heardUs > this.#silenceUs;
    const isStuck = this.#begunUs !== undefined && nowUs - this.#begunUs > PACKET_S_MAX * US_PER_S;
    if (isSilent || isStuck) this.socket.destroy();
  }

  /** Waits for memory. */
  get isHeld(): boolean {
    return this.#intake.isHeld;
  }

  /** There may be memory again. */
  resume(): void {
    this.#ports.held.delete(this);
    if (!this.isHeld || this.socket.destroyed) return;
    if (!this.#intake.resume()) return void this.socket.destroy();
    if (this.isHeld) this.#ports.held.add(this);
    else this.socket.read(0);
  }

  /** Sends every PUBACK that is owed. */
  settleUp(): void {
    if (this.#owed.length === 0 || this.socket.destroyed) return;
    const bytes = Buffer.allocUnsafe(this.#owed.length * PUBACK_BYTES);
    this.#putPubacks(bytes);
    this.#cork();
    this.socket.write(bytes);
  }

  /** A PUBLISH of QoS 0. Resolves when the socket has room again; it never rejects, as a connection's end ends the link too. */
  publish(topic: Uint8Array, pdu: Uint8Array): Promise<void> {
    if (this.socket.destroyed) return TAKEN;
    const length = lengthOf(2 + topic.length + pdu.length);
    const head = this.#owed.length * PUBACK_BYTES;
    const bytes = Buffer.allocUnsafe(head + 1 + length.length + 2 + topic.length + pdu.length);
    let at = this.#putPubacks(bytes);
    at = bytes.writeUInt8(PUBLISH, at);
    for (const byte of length) at = bytes.writeUInt8(byte, at);
    at = bytes.writeUInt16BE(topic.length, at);
    bytes.set(topic, at);
    bytes.set(pdu, at + topic.length);
    this.#cork();
    if (this.socket.write(bytes)) return TAKEN;
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    const { clock, drainTimeoutMs } = this.#ports;
    let cancel: Cancel = () => undefined;
    await new Promise<void>((resolve) => {
      cancel = clock.after(drainTimeoutMs, () => this.socket.destroy());
      this.socket.once('drain', resolve);
      this.socket.once('close', resolve);
    });
    cancel();
    this.#draining = undefined;
  }

  /** False stops the reading. */
  #read(count: number, buffer: Uint8Array): boolean {
    this.#heardUs = this.#ports.clock.monoUs();
    if (buffer !== scratch) this.#intake.filled(count);
    else if (!this.#intake.add(buffer.subarray(0, count))) this.socket.destroy();
    if (!this.isHeld) return true;
    this.#ports.held.add(this);
    return false;
  }

  #take(bytes: number): Uint8Array | undefined {
    if (bytes < LONG_BYTES) return new Uint8Array(bytes);
    if (!this.#ports.arriving.take(bytes)) return undefined;
    this.#taken = bytes;
    this.#begunUs = this.#heardUs;
    return this.#ports.slots.take(bytes);
  }

  #arrived(pdu: Uint8Array, packetId: number | undefined): void {
    this.#settle();
    if (packetId !== undefined) {
      if (this.#owed.length === 0) this.#ports.owing.add(this);
      this.#owed.push(packetId);
    }
    this.#pdu(pdu);
  }

  /** Every PUBACK that is owed, from the beginning of `bytes`; says where they end. */
  #putPubacks(bytes: Buffer): number {
    let at = 0;
    for (const packetId of this.#owed) {
      at = bytes.writeUInt16BE((PUBACK << 8) | 2, at);
      at = bytes.writeUInt16BE(packetId, at);
    }
    this.#owed.length = 0;
    return at;
  }

  #settle(): void {
    if (this.#taken === 0) return;
    this.#ports.arriving.give(this.#taken);
    this.#taken = 0;
    this.#begunUs = undefined;
    this.#ports.freed();
  }

  /** All that is written in one turn of the event loop goes out in one piece. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.socket.cork();
    this.#ports.corked.add(this);
  }

  /** The turn is over: what was written in it goes out. */
  uncork(): void {
    this.#isCorked = false;
    this.socket.uncork();
  }
}

interface Reading {
  readonly buffer: () => Uint8Array;
  readonly callback: (count: number, buffer: Uint8Array) => boolean;
}

/**
 * The same connection with a say in where its bytes go. Node lets a socket have that (`onread`) when it is made, and a server makes
 * its own without; so a second one is made around the first one's handle.
 */
function takeOver(accepted: Socket, onread: Reading): Socket {
  const owner = accepted as Socket & { _handle: unknown };
  const handle = owner._handle;
  assert(typeof handle === 'object' && handle !== null, 'an accepted connection has a handle');
  owner._handle = null;
  accepted.destroy();
  const options = { handle, onread, allowHalfOpen: false, noDelay: true };
  return new Socket(options);
}

/** MQTT 3.1.1, 2.2.3. */
function lengthOf(bytes: number): readonly number[] {
  const out: number[] = [];
  let rest = bytes;
  for (; rest > 0x7f; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  return [...out, rest];
}

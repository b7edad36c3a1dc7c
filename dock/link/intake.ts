const CONTINUES = 0x80;
const LENGTH_BYTES_MAX = 4;
const PUBLISH = 3;
const QOS_MASK = 0b0110;
const QOS_1 = 0b0010;
const RETAIN = 0b0001;

/** What an {@link Intake} hands on, in the order in which it came. */
export interface IntakePorts {
  /** A PDU that the camera published to its own topic; `packetId` when it wants a PUBACK. */
  readonly pdu: (pdu: Uint8Array, packetId: number | undefined) => void;
  /** Bytes of all other packets; they are a copy. */
  readonly other: (bytes: Uint8Array) => void;
  /** Memory for a long PDU, or undefined while there is none: then the intake stops. */
  readonly take: (bytes: number) => Uint8Array | undefined;
}

/** A PDU on its way in. */
interface Arriving {
  readonly bytes: Uint8Array;
  readonly packetId: number | undefined;
  filled: number;
}

/**
 * Walks the packets of one MQTT 3.1.1 connection (sections 2.2 and 3.3) as its bytes come, and picks out what a camera sends to its
 * dock: those PDUs are read into their own memory and copied no more. Everything else, of which there is little, goes to whoever
 * speaks MQTT. A packet that announces more than it may have is seen by its header, before memory is set aside for it.
 */
export class Intake {
  readonly #bytesMax: number;
  readonly #ports: IntakePorts;
  /** `up` topic of the camera behind this connection, with its length before it; undefined until it is let in. */
  #topic: Uint8Array | undefined;
  /** How many packets may pass before the camera is let in: the one with which it asks to be. */
  #passes = 1;
  /** Of a header that is not complete. */
  #head: Uint8Array = new Uint8Array();
  /** Bytes still to come of a packet that is somebody else's. */
  #otherBytes = 0;
  #pdu: Arriving | undefined;
  /** What came and could not be taken yet. */
  #held: Uint8Array = new Uint8Array();

  /** `bytesMax`: of a packet without its fixed header. */
  constructor(bytesMax: number, ports: IntakePorts) {
    this.#bytesMax = bytesMax;
    this.#ports = ports;
  }

  /** From the next packet on, what is published to this topic are PDUs. What came before it waits for `resume`. */
  admit(topic: Uint8Array): void {
    this.#passes = Number.POSITIVE_INFINITY;
    this.#topic = Uint8Array.of(topic.length >> 8, topic.length & 0xff, ...topic);
  }

  /** Waits for memory, or to be let in. */
  get isHeld(): boolean {
    return this.#held.length > 0;
  }

  /** Bytes of a PDU that has begun to come and is not complete. */
  get arrivingBytes(): number {
    return this.#pdu?.bytes.length ?? 0;
  }

  /** Where the next bytes of a PDU belong; undefined when they have to be looked at first. */
  room(): Uint8Array | undefined {
    const pdu = this.#pdu;
    return pdu === undefined || this.isHeld ? undefined : pdu.bytes.subarray(pdu.filled);
  }

  /** So many bytes were put where `room` said. */
  filled(count: number): void {
    if (this.#pdu === undefined) return;
    this.#pdu.filled += count;
    this.#complete();
  }

  /** Bytes as they came; they may change after this returns. False once they are no MQTT, or too long: the connection must be cut. */
  add(bytes: Uint8Array): boolean {
    if (this.isHeld) {
      this.#held = joined(this.#held, bytes);
      return true;
    }
    const used = this.#walk(bytes);
    if (used === undefined) return false;
    if (used < bytes.length) this.#held = copyOf(bytes.subarray(used));
    return true;
  }

  /** There may be memory again. */
  resume(): boolean {
    const held = this.#held;
    this.#held = new Uint8Array();
    return this.add(held);
  }

  /** How much of it was taken; undefined for what is no MQTT. */
  #walk(bytes: Uint8Array): number | undefined {
    for (let at = 0; at < bytes.length; ) {
      const used = this.#step(bytes.subarray(at));
      if (used === undefined) return undefined;
      if (used === 'wait') return at;
      at += used;
    }
    return bytes.length;
  }

  #step(bytes: Uint8Array): number | 'wait' | undefined {
    if (this.#pdu !== undefined) return this.#fill(this.#pdu, bytes);
    if (this.#otherBytes > 0) return this.#pass(bytes);
    // Whoever speaks MQTT is confused by what comes before it has answered the first packet.
    return this.#passes === 0 ? 'wait' : this.#begin(bytes);
  }

  #fill(pdu: Arriving, bytes: Uint8Array): number {
    const part = bytes.subarray(0, pdu.bytes.length - pdu.filled);
    pdu.bytes.set(part, pdu.filled);
    pdu.filled += part.length;
    this.#complete();
    return part.length;
  }

  #complete(): void {
    const pdu = this.#pdu;
    if (pdu === undefined || pdu.filled < pdu.bytes.length) return;
    this.#pdu = undefined;
    this.#ports.pdu(pdu.bytes, pdu.packetId);
  }

  #pass(bytes: Uint8Array): number {
    const part = copyOf(bytes.subarray(0, this.#otherBytes));
    this.#otherBytes -= part.length;
    this.#ports.other(part);
    return part.length;
  }

  /** Reads a header as far as it is there, of a PUBLISH with its topic. */
  #begin(bytes: Uint8Array): number | 'wait' | undefined {
    const before = this.#head.length;
    const head = before === 0 ? bytes : joined(this.#head, bytes);
    const fixed = fixedHeader(head, this.#bytesMax);
    if (fixed === undefined) return undefined;
    if (fixed === 'short') return this.#keep(head, bytes.length);
    const { start, length } = fixed;
    const end = start + length;
    const own = this.#ownHeader(head, fixed);
    if (own === 'short') return this.#keep(head, bytes.length);
    if (own === undefined) {
      // Some of the topic may have been waited for, and turned out to be another one.
      const known = Math.max(start, before);
      this.#head = new Uint8Array();
      this.#otherBytes = end - known;
      this.#passes -= 1;
      this.#ports.other(copyOf(head.subarray(0, known)));
      return known - before;
    }
    const memory = this.#ports.take(end - own.start);
    if (memory === undefined) return 'wait';
    this.#head = new Uint8Array();
    this.#pdu = { bytes: memory, packetId: own.packetId, filled: 0 };
    this.#complete();
    return own.start - before;
  }

  #keep(head: Uint8Array, used: number): number {
    this.#head = copyOf(head);
    return used;
  }

  /** Where the PDU starts, when this is a PUBLISH of the camera to its own topic; undefined for any other packet. */
  #ownHeader(
    head: Uint8Array,
    { start, length }: Fixed,
  ): { readonly start: number; readonly packetId: number | undefined } | 'short' | undefined {
    const topic = this.#topic;
    const first = head[0] ?? 0;
    if (topic === undefined || first >> 4 !== PUBLISH || (first & RETAIN) !== 0) return undefined;
    const qos = first & QOS_MASK;
    if (qos > QOS_1) return undefined;
    const end = start + topic.length + (qos === QOS_1 ? 2 : 0);
    if (end > start + length) return undefined;
    const known = Math.min(head.length - start, topic.length);
    for (let at = 0; at < known; at += 1) if (head[start + at] !== topic[at]) return undefined;
    if (head.length < end) return 'short';
    const packetId = qos === QOS_1 ? ((head[end - 2] ?? 0) << 8) | (head[end - 1] ?? 0) : undefined;
    return { start: end, packetId };
  }
}

interface Fixed {
  /** Where the body starts. */
  readonly start: number;
  readonly length: number;
}

function fixedHeader(head: Uint8Array, bytesMax: number): Fixed | 'short' | undefined {
  let length = 0;
  for (let index = 0; index < LENGTH_BYTES_MAX; index += 1) {
    const byte = head[1 + index];
    if (byte === undefined) return 'short';
    length += (byte & ~CONTINUES) * CONTINUES ** index;
    if (length > bytesMax) return undefined;
    if (byte < CONTINUES) return { start: 2 + index, length };
  }
  return undefined;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** `slice` of Node's own kind of byte array is a view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

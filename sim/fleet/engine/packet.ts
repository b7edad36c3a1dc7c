import { concat, utf8 } from '../../../proto/bytes.ts';

// MQTT 3.1.1, section 2.2.1; the low nibble of SUBSCRIBE is fixed.
const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const PUBLISH = 0x30;
const QOS_1 = 0x02;
const LEVEL_3_1_1 = 4;
const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const LENGTH_BYTES_MAX = 4;

export const PACKET_TYPE = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 } as const;
export const PINGREQ: Uint8Array = Uint8Array.of(0xc0, 0);
export const DISCONNECT: Uint8Array = Uint8Array.of(0xe0, 0);

export interface ConnectPlan {
  readonly clientId: string;
  readonly willTopic: string;
  readonly will: Uint8Array;
  readonly keepaliveS: number;
}

export function connectPacket({ clientId, willTopic, will, keepaliveS }: ConnectPlan): Uint8Array {
  const flags = CLEAN_SESSION | WILL;
  return packet(
    CONNECT,
    ...[prefixed(utf8('MQTT')), Uint8Array.of(LEVEL_3_1_1, flags), uint16(keepaliveS)],
    ...[prefixed(utf8(clientId)), prefixed(utf8(willTopic)), prefixed(will)],
  );
}

export function subscribePacket(topic: string, packetId: number): Uint8Array {
  return packet(SUBSCRIBE, uint16(packetId), prefixed(utf8(topic)), Uint8Array.of(1));
}

/** All of a PUBLISH but its payload. Without a packet id it is QoS 0. */
export function publishHead(topic: Uint8Array, payloadBytes: number, packetId?: number): Uint8Array {
  const id = packetId === undefined ? [] : [uint16(packetId)];
  const rest = concat(prefixed(topic), ...id);
  const first = PUBLISH | (packetId === undefined ? 0 : QOS_1);
  return concat(Uint8Array.of(first), lengthOf(rest.length + payloadBytes), rest);
}

/** One packet that came: `body` is a view, and lives as long as the call that gets it. */
export type Take = (packet: { readonly type: number; readonly body: Uint8Array }) => void;

/** Splits what a socket brings into packets. A broker that breaks the format makes it throw RangeError. */
export class PacketSplitter {
  #rest: Uint8Array = new Uint8Array();
  readonly #take: Take;

  constructor(take: Take) {
    this.#take = take;
  }

  add(bytes: Uint8Array): void {
    const all = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    let at = 0;
    for (;;) {
      const span = spanAt(all, at);
      if (span === undefined) break;
      this.#take({ type: (all[at] ?? 0) >> 4, body: all.subarray(span.start, span.end) });
      at = span.end;
    }
    this.#rest = all.slice(at);
  }
}

/** The payload of a PUBLISH of QoS 0: all behind its topic. */
export function payloadOf(body: Uint8Array): Uint8Array {
  const topicBytes = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
  return body.subarray(2 + topicBytes);
}

function spanAt(all: Uint8Array, at: number): { readonly start: number; readonly end: number } | undefined {
  let length = 0;
  for (let index = 0; index < LENGTH_BYTES_MAX; index += 1) {
    const byte = all[at + 1 + index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 0x80 ** index;
    if (byte > 0x7f) continue;
    const start = at + 2 + index;
    return start + length <= all.length ? { start, end: start + length } : undefined;
  }
  throw new RangeError('a packet whose length has more than four bytes');
}

function packet(first: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  return concat(Uint8Array.of(first), lengthOf(bytes), ...parts);
}

function lengthOf(bytes: number): Uint8Array {
  const out: number[] = [];
  let rest = bytes;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80);
  out.push(rest);
  return Uint8Array.from(out);
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concat(uint16(bytes.length), bytes);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

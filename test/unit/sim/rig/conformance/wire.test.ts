import { describe, expect, it } from 'vitest';
import { decodePdu, encodeMessage } from '../../../../../proto/codec.ts';
import { PduError } from '../../../../../proto/errors.ts';
import type { LineEars } from '../../../../../sim/rig/conformance/line.ts';
import { cutInParts } from '../../../../../sim/rig/conformance/parts.ts';
import { Wire } from '../../../../../sim/rig/conformance/wire.ts';

/** A wire and the other end of it: what it sent, by type, and a mouth to say things with. */
async function opened(
  side: 'camera' | 'dock',
  transport: 'serial' | 'mqtt',
): Promise<{ wire: Wire; ears: LineEars; sent: string[] }> {
  const sent: string[] = [];
  let ears: LineEars | undefined;
  const wire = await Wire.open({ side, baud: 115_200 }, (given) => {
    ears = given;
    return Promise.resolve({
      transport,
      name: transport,
      pduBytesMax: 16_384,
      sendPdu: (pdu) => {
        const message = decodePdu(pdu, 16_384);
        sent.push(message instanceof PduError ? message.code : message.type);
      },
      sendBytes: () => undefined,
      setBaud: () => Promise.resolve(),
      drop: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
  });
  if (ears === undefined) throw new Error('the line was not opened');
  return { wire, ears, sent };
}

const pong = (pingSentUs: number): Uint8Array =>
  encodeMessage({ type: 'pong', pingSentUs, receivedUs: 1, sentUs: 1, wallUs: 0 });

describe('Wire', () => {
  // Goal: a message is read once, with what came of its type before it; other types stay.
  it('reads a message away with what it overtook', async () => {
    const { wire, ears } = await opened('camera', 'mqtt');
    for (const count of [1, 2, 3]) ears.pdu(pong(count));
    ears.pdu(encodeMessage({ type: 'bye', sessionId: new Uint8Array(8), message: '' }));
    expect((await wire.expect('pong', 0, ({ pingSentUs }) => pingSentUs === 2)).pingSentUs).toBe(2);
    expect(wire.drain('pong').map(({ pingSentUs }) => pingSentUs)).toEqual([3]);
    expect(wire.history('pong').length).toBe(3);
    await wire.expect('bye', 0);
    await expect(wire.expect('pong', 5)).rejects.toThrow('a fitting pong');
  });

  // Goal: what belongs to a session that is over can be told from what came after it.
  it('forgets what came before a message, and keeps it and what came after', async () => {
    const { wire, ears } = await opened('camera', 'mqtt');
    for (const count of [1, 2, 3]) ears.pdu(pong(count));
    wire.forgetBefore(await wire.hear('pong', 0, ({ pingSentUs }) => pingSentUs === 2));
    expect(wire.history('pong').map(({ message }) => message.pingSentUs)).toEqual([2, 3]);
    ears.pdu(encodeMessage({ type: 'bye', sessionId: new Uint8Array(8), message: '' }));
    ears.pdu(pong(4));
    const [, , last] = wire.history('pong');
    expect(last).toBeDefined();
    if (last !== undefined) wire.forgetBefore(last);
    await wire.expectNone('bye', 0);
    expect(wire.drain('pong').map(({ pingSentUs }) => pingSentUs)).toEqual([4]);
  });

  // Goal: nothing waits for ever on a line that is gone.
  it('stops waiting when the line ends', async () => {
    const { wire, ears } = await opened('camera', 'mqtt');
    const waiting = wire.expect('pong', 10_000);
    ears.closed('unplugged');
    await expect(waiting).rejects.toThrow('unplugged');
    expect(wire.isClosed).toBe(true);
  });

  // Goal: Parts count as the PDU they carry, whole, once, and whatever their order. Method: a long receipt, backwards.
  it('puts Parts together, and cuts what is long on a serial line', async () => {
    const { wire, ears, sent } = await opened('camera', 'serial');
    const receipt = {
      type: 'receipt',
      body: new Uint8Array(900).fill(5),
      signature: new Uint8Array(64),
    } as const;
    const parts = cutInParts(encodeMessage(receipt)).toReversed();
    for (const part of parts.slice(1)) ears.pdu(part);
    await wire.expectNone('receipt', 0);
    ears.pdu(parts[0] ?? new Uint8Array());
    expect((await wire.expect('receipt', 0)).body).toEqual(receipt.body);
    await wire.expectNone('receipt', 0);
    wire.send(receipt);
    expect(sent).toEqual(parts.map(() => 'part'));
  });

  // Goal: what every peer must answer is answered, unless the case is about that. Method: Ping, and a proposal to a dock.
  it('has manners', async () => {
    const { wire, ears, sent } = await opened('dock', 'serial');
    const ask = (): void => {
      ears.pdu(encodeMessage({ type: 'ping', sentUs: 7 }));
      ears.pdu(
        encodeMessage({ type: 'link-propose', id: 1, baud: 921_600, rtsCts: false, fragmentBytesMax: 8_192 }),
      );
    };
    ask();
    expect(sent).toEqual(['pong', 'link-commit']);
    Object.assign(wire.manners, { pong: false, linkCommit: false });
    ask();
    expect(sent).toEqual(['pong', 'link-commit']);
  });
});

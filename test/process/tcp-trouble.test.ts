import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Chance } from '../../sim/fault/chance.ts';
import { openTcpTrouble, type TcpTrouble } from '../../sim/rig/fault/tcp-trouble.ts';

// Goal: between two real sockets the proxy does what it is asked, no more and no less, loses and repeats no byte that it carries, and
// holds little. Method: an echo server of our own behind it, and clients that compare what comes back.

const WAIT = { timeout: 10_000, interval: 5 };
const cleaning: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleaning.splice(0).toReversed()) await clean();
});

/** A server that sends back what comes, or reads nothing at all. */
async function echo(isDeaf = false): Promise<{ readonly port: number; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (isDeaf) socket.pause();
    else socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleaning.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, sockets };
}

async function open(isDeaf = false): Promise<TcpTrouble> {
  const line = await openTcpTrouble({ host: '127.0.0.1', port: (await echo(isDeaf)).port });
  cleaning.push(() => line.close());
  return line;
}

/** A client that keeps what it hears and how it ended. */
class Caller {
  readonly socket: Socket;
  readonly heard: Buffer[] = [];
  /** `open`, `end`, or the code of the error. */
  ended = 'open';
  connected = false;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('connect', () => (this.connected = true));
    this.socket.on('data', (part) => this.heard.push(part));
    this.socket.on('end', () => (this.ended = 'end'));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.ended = error.code ?? 'error'));
    cleaning.push(() => this.socket.destroy());
  }

  get bytes(): number {
    return this.heard.reduce((sum, part) => sum + part.length, 0);
  }

  /** Says something and waits until all of it has come back. */
  async chat(text: string): Promise<number> {
    const [from, before] = [performance.now(), this.bytes];
    this.socket.write(text);
    await vi.waitFor(() => {
      if (this.bytes !== before + text.length) throw new Error(`heard ${this.bytes - before} bytes`);
    }, WAIT);
    return performance.now() - from;
  }
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, WAIT);

describe('a sound line', () => {
  it('carries every byte in order, both ways at a time, and its end', async () => {
    const line = await open();
    const caller = new Caller(line.port);
    const sent = new Chance('tcp').bytes(5_000_000);
    caller.socket.end(sent);
    await until(() => expect(caller.ended).toBe('end'));
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(sha256(Buffer.concat(caller.heard))).toBe(sha256(sent));
    expect(line.counts).toMatchObject({ connections: 1, resets: 0, bytes: { toTarget: 5e6, toClient: 5e6 } });
  });

  it('holds little of what nobody takes, and lets the sender feel it', async () => {
    const line = await open(true);
    const caller = new Caller(line.port);
    let isTaken = true;
    const chunk = new Uint8Array(100_000);
    for (let at = 0; at < 1_000 && isTaken; at++) {
      isTaken = await new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), 500);
        caller.socket.write(chunk, () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
    }
    expect(isTaken).toBe(false);
    expect(line.counts.heldBytesMax).toBeLessThan(512 * 1024);
  });

  it('tells a caller at once that nobody is behind it', async () => {
    const line = await openTcpTrouble({ host: '127.0.0.1', port: 1 });
    cleaning.push(() => line.close());
    const caller = new Caller(line.port);
    await until(() => expect(caller.ended).toBe('ECONNRESET'));
  });
});

describe('a slow line', () => {
  it('delays each way, keeps the order under jitter, and is quick again', async () => {
    const line = await open();
    const caller = new Caller(line.port);
    await caller.chat('hello');
    line.delay(100);
    expect(await caller.chat('slow')).toBeGreaterThanOrEqual(199);
    line.delay(0, 40);
    for (let n = 0; n < 20; n++) {
      caller.socket.write(`${n},`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const numbers = Array.from({ length: 20 }, (_, n) => `${n},`).join('');
    await until(() => expect(Buffer.concat(caller.heard).toString()).toBe(`helloslow${numbers}`));
    line.mend();
    await caller.chat('quick');
  });

  it('carries no more than its limit', async () => {
    const line = await open();
    line.limit(100_000);
    const caller = new Caller(line.port);
    expect(await caller.chat('x'.repeat(50_000))).toBeGreaterThan(450);
  });
});

describe('a broken line', () => {
  it('cut: resets what is open and what comes, until it is mended', async () => {
    const line = await open();
    const caller = new Caller(line.port);
    await caller.chat('hello');
    line.cut();
    await until(() => expect(caller.ended).toBe('ECONNRESET'));
    const late = new Caller(line.port);
    await until(() => expect(late.ended).toBe('ECONNRESET'));
    line.mend();
    await new Caller(line.port).chat('again');
    expect(line.counts).toMatchObject({ connections: 3, resets: 2 });
  });

  it('refuse: nobody listens, and later somebody does at the same place', async () => {
    const line = await open();
    const { port } = line;
    await line.refuse();
    const caller = new Caller(port);
    await until(() => expect(caller.ended).toBe('ECONNREFUSED'));
    await line.listen();
    expect(line.port).toBe(port);
    await new Caller(port).chat('again');
  });

  it('hang: takes calls and says nothing, carries nothing of those that are open, and resets who hung', async () => {
    const line = await open();
    const present = new Caller(line.port);
    await present.chat('hello');
    line.hang();
    const late = new Caller(line.port);
    late.socket.write('anybody?');
    present.socket.write('still there?');
    await until(() => expect(line.counts.hung).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([late.connected, late.bytes, late.ended, present.bytes]).toEqual([true, 0, 'open', 5]);
    line.mend();
    await until(() => expect(late.ended).toBe('ECONNRESET'));
    await until(() => expect(Buffer.concat(present.heard).toString()).toBe('hellostill there?'));
  });

  it.each([
    ['toTarget', { toTarget: 5, toClient: 5 }],
    ['toClient', { toTarget: 9, toClient: 5 }],
  ] as const)('stall %s: this way nothing more comes through, the end neither', async (way, bytes) => {
    const line = await open();
    const caller = new Caller(line.port);
    await caller.chat('hello');
    line.stall(way);
    caller.socket.end('more');
    await until(() => expect(line.counts.bytes).toEqual(bytes));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([line.counts.bytes, caller.ended]).toEqual([bytes, 'open']);
    line.mend();
    await until(() => expect(caller.ended).toBe('end'));
    expect(Buffer.concat(caller.heard).toString()).toBe('hellomore');
  });

  it('dropAfter: carries exactly so many bytes of each connection, then resets it', async () => {
    const line = await open();
    const present = new Caller(line.port);
    await present.chat('hello');
    line.dropAfter(1_000);
    for (const caller of [present, new Caller(line.port)]) {
      const before = line.counts.bytes.toTarget + line.counts.bytes.toClient;
      caller.socket.write('x'.repeat(5_000));
      await until(() => expect(caller.ended).toBe('ECONNRESET'));
      expect(line.counts.bytes.toTarget + line.counts.bytes.toClient - before).toBe(1_000);
    }
    line.mend();
    await new Caller(line.port).chat('x'.repeat(5_000));
  });
});

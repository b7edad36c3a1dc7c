import { connect, type Socket } from 'node:net';
import { systemClock } from '../../../../../dock/policy/clock.ts';

export interface Heard {
  readonly text: string;
  readonly ms: number;
}

const DRIP_MS = 20;

/** Writes `first`, then `drop` again and again; resolves when the other side has closed. */
export function dripAt(
  { port, sockets }: { readonly port: number; readonly sockets: Socket[] },
  first: string,
  drop = '',
): Promise<Heard> {
  const start = Date.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    let text = '';
    const stop = systemClock.every(DRIP_MS, () => {
      if (drop !== '' && socket.writable) socket.write(drop);
    });
    socket.on('error', () => undefined);
    socket.on('data', (part) => (text += String(part)));
    socket.on('close', () => {
      stop();
      resolve({ text, ms: Date.now() - start });
    });
    if (first !== '') socket.write(first);
  });
}

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startMosquitto } from '../../../../sim/rig/mosquitto.ts';
import { peer } from '../../../peer.ts';

const mosquitto = peer('mosquitto');

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() === socket));
    socket.once('error', () => resolve(false));
  });
}

describe.skipIf(mosquitto === undefined)('a mosquitto of our own', () => {
  // It listens when started; a second one on its port is refused with mosquitto's own words; closed, nobody listens.
  test('starts, refuses a port that is taken, and ends', async () => {
    const binary = mosquitto ?? '';
    const broker = await startMosquitto({ binary });
    await expect(startMosquitto({ binary, port: broker.port })).rejects.toThrow(/Address already in use/);
    expect(await accepts(broker.port)).toBe(true);
    await broker.close();
    await broker.close();
    expect(await accepts(broker.port)).toBe(false);
  });

  // A wrong path is said at once.
  test('says so when there is no such program', async () => {
    await expect(startMosquitto({ binary: '/nowhere/mosquitto' })).rejects.toThrow(/not found/);
  });
});

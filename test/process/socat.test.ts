import { existsSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { expect, it, vi } from 'vitest';
import { openSocatPair } from '../../sim/rig/socat.ts';
import { peer } from '../peer.ts';

const socat = peer('socat');

// Goal: a cable that none of our code carries joins two ports. Method: socat(1) makes it, node-serialport opens both ends as our programs do.
it.skipIf(socat === undefined)('socat carries every byte between two ports and takes them away', async () => {
  const pair = await openSocatPair(socat);
  const [camera, dock] = [pair.cameraPath, pair.dockPath].map(
    (path) => new SerialPort({ path, baudRate: 115_200 }),
  );
  const heard: number[] = [];
  dock?.on('data', (part: Buffer) => heard.push(...part));
  // Every byte there is: a terminal that is not raw would take some of them for orders.
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  camera?.write(Buffer.from(all));
  await vi.waitFor(() => expect(heard).toEqual(all), { timeout: 10_000 });
  await Promise.all([camera, dock].map((port) => new Promise((resolve) => port?.close(resolve))));
  await pair.close();
  expect([existsSync(pair.cameraPath), existsSync(pair.dockPath)]).toEqual([false, false]);
});

it('says that there is no socat', async () => {
  await expect(openSocatPair('/nowhere/socat')).rejects.toMatchObject({ code: 'PROGRAM_EXIT' });
});

import { SerialPort } from 'serialport';
import { describe, expect, test, vi } from 'vitest';
import { openPtyPair, type PtyPair } from '../../../../sim/rig/pty.ts';

async function open(path: string): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  await new Promise((resolve) => port.open(resolve));
  return port;
}

async function opened(): Promise<{
  cable: PtyPair;
  camera: SerialPort;
  dock: SerialPort;
  heard: () => number;
}> {
  const cable = await openPtyPair();
  const [camera, dock] = [await open(cable.cameraPath), await open(cable.dockPath)];
  let bytes = 0;
  dock.on('data', (data: Uint8Array) => {
    bytes += data.length;
  });
  return { cable, camera, dock, heard: () => bytes };
}

describe('a cable of two pseudo-terminals', () => {
  // While it is pulled out bytes vanish and both ports stay open; put back, it carries what comes then.
  test('carries nothing while unplugged', async () => {
    const { cable, camera, dock, heard } = await opened();
    camera.write(Buffer.alloc(10));
    await vi.waitUntil(() => heard() === 10);
    cable.unplug();
    camera.write(Buffer.alloc(500));
    await vi.waitUntil(() => cable.lostBytes.toDock === 500);
    cable.plug();
    camera.write(Buffer.alloc(1));
    await vi.waitUntil(() => heard() > 10);
    expect(heard()).toBe(11);
    expect([camera.isOpen, dock.isOpen]).toEqual([true, true]);
    await Promise.all([camera, dock].map((port) => new Promise((resolve) => port.close(resolve))));
    await cable.close();
  });

  // What is left would keep a program from ending, or spin: the terminals and what reads them are gone after closing.
  test('leaves nothing behind', async () => {
    const held = (): readonly string[] =>
      process.getActiveResourcesInfo().filter((name) => name === 'TTYWrap');
    const before = held().length;
    const cable = await openPtyPair();
    expect(held()).toHaveLength(before + 2);
    await cable.close();
    await cable.close();
    expect(held()).toHaveLength(before);
  });
});

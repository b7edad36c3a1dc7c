import { SerialPort } from 'serialport';
import { describe, expect, test, vi } from 'vitest';
import { Chance } from '../../../../sim/fault/chance.ts';
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

  // Goal: with a UART the cable has a line rate. Method: 10,000 bytes at 230,400 bit/s take 434 ms and 20 ms more on
  // their way, unchanged; the time is bounded from below by the model, and from above by patience with a busy machine.
  test('keeps a line rate when it is a UART', async () => {
    const cable = await openPtyPair({ uart: { baud: 230_400, latencyMs: 20, seed: 'pace' } });
    const [camera, dock] = [await open(cable.cameraPath), await open(cable.dockPath)];
    const sent = Buffer.from(new Chance('paced').bytes(10_000));
    const heard: Uint8Array[] = [];
    dock.on('data', (data: Uint8Array) => heard.push(data));
    const startMs = performance.now();
    camera.write(sent);
    await vi.waitUntil(() => Buffer.concat(heard).length === sent.length, { timeout: 5_000, interval: 5 });
    const tookMs = performance.now() - startMs;
    expect(Buffer.concat(heard).equals(sent)).toBe(true);
    expect(cable.sentBytes).toEqual({ toDock: sent.length, toCamera: 0 });
    expect(tookMs).toBeGreaterThan(434 + 20);
    expect(tookMs).toBeLessThan(1_500);
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

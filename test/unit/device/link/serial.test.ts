import { symlink } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSerialLink } from '../../../../device/link/serial.ts';
import { openPtyPair, type PtyPair } from '../../../../sim/rig/pty.ts';

const baudRate = 115_200;

describe("a camera's serial link", () => {
  let folder: string;
  let cable: PtyPair;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-serial-'));
    cable = await openPtyPair();
  });
  afterEach(async () => {
    await cable.close();
    rmSync(folder, { recursive: true });
  });

  // A port that is not there, and a file that is no port: a code to switch on, and a message that names the path.
  test.each(['absent', '.'])('cannot be opened on %j', async (name) => {
    const path = join(folder, name);
    await expect(openSerialLink({ path, baudRate })).rejects.toMatchObject({
      code: 'LINK_OPEN',
      retry: 'later',
      facts: { path },
    });
  });

  // Two programs that read one port would each get half of the bytes, so the second one is refused.
  test('locks its port until it is closed', async () => {
    const path = join(folder, 'port');
    await symlink(cable.cameraPath, path);
    const first = await openSerialLink({ path, baudRate });
    await expect(openSerialLink({ path, baudRate })).rejects.toMatchObject({ code: 'LINK_OPEN' });
    await first.close();
    const second = await openSerialLink({ path, baudRate });
    expect(second.name).toBe(`serial ${path}`);
    await second.close();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askDock } from '../../../../dock/keep/ask.ts';
import { ControlError, openControl } from '../../../../dock/keep/control.ts';

// Goal: a command learns what the dock answers, why it does not, and whether there is one at all: only where nobody listens
// may it go on without the dock. Method: the real socket, a dock that was killed, and somebody else at the door.

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-ask-'));
  path = join(dir, 'control.sock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const listen = (server: Server): Promise<void> => new Promise((resolve) => server.listen(path, resolve));

test('gives the answer, or the reason', async () => {
  const handlers = {
    echo: async (body: unknown) => body,
    refuse: async () => Promise.reject(new ControlError('NO_GRANT', 'not while it rains')),
  };
  const control = await openControl(path, handlers, () => undefined);
  expect(await askDock(path, 'echo', { a: 'ü'.repeat(10_000) })).toEqual({ a: 'ü'.repeat(10_000) });
  await expect(askDock(path, 'refuse')).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringMatching(/409.*not while it rains/) as string,
  });
  await control.close();
  await expect(askDock(path, 'echo')).rejects.toMatchObject({ code: 'NOT_RUNNING' });
});

test('tells a dock that is out of reach from none', async () => {
  const server = createServer((socket) => socket.destroy());
  await listen(server);
  await expect(askDock(path, 'echo')).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await new Promise((resolve) => server.close(resolve));
});

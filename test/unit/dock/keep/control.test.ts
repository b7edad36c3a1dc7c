import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlError, openControl } from '../../../../dock/keep/control.ts';

let dir: string;
let path: string;
const reported: unknown[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-control-'));
  path = join(dir, 'control.sock');
  reported.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function ask(name: string, body: string): Promise<{ readonly status: number; readonly answer: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ socketPath: path, method: 'POST', path: `/v1/${name}`, headers }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, answer: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

// Goal: only the daemon's own user gets in, what is asked is answered, and what makes no sense says what would.
// Method: the real server on a real socket in a folder of its own.
describe('the control socket', () => {
  test('answers, refuses and stays up', async () => {
    const control = await openControl(
      path,
      {
        echo: async (body) => body,
        refuse: async () => Promise.reject(new ControlError('NO_GRANT', 'not while it rains')),
        fail: async () => Promise.reject(new Error('a bug')),
      },
      (problem) => reported.push(problem),
    );
    try {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(await ask('echo', '{"a":1}')).toEqual({ status: 200, answer: { a: 1 } });
      expect(await ask('refuse', '{}')).toEqual({
        status: 409,
        answer: { error: { code: 'NO_GRANT', message: 'not while it rains' } },
      });
      expect(await ask('nothing', '{}')).toMatchObject({
        status: 404,
        answer: { error: { message: 'there are echo, refuse, fail' } },
      });
      expect(await ask('echo', '{"a":')).toMatchObject({ status: 400 });
      expect(await ask('echo', JSON.stringify({ a: 'x'.repeat(2_200_000) }))).toMatchObject({ status: 413 });
      expect(reported).toEqual([]);
      expect(await ask('fail', '{}')).toMatchObject({ status: 500 });
      expect(reported).toHaveLength(1);
      expect(await ask('echo', '[]')).toEqual({ status: 200, answer: [] });
    } finally {
      await control.close();
    }
  });

  test('takes the place of what a killed daemon left', async () => {
    writeFileSync(path, 'left over');
    const control = await openControl(path, { echo: async (body) => body }, () => undefined);
    expect(await ask('echo', '1')).toEqual({ status: 200, answer: 1 });
    await control.close();
    await expect(ask('echo', '1')).rejects.toThrow(/ENOENT|EPIPE|ECONNRESET/);
  });
});

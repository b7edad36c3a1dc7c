import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enrolCamera } from '../../../../dock/keys/enrolment.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import type { CameraId } from '../../../../proto/ids.ts';
import { CAPTURE_FORMAT, headerLine, recordLine } from '../../../../sim/rig/capture/record.ts';
import { main } from '../../../../sim/rig/rig-main.ts';

describe('a rig that cannot begin', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-rig-'));
    enrolCamera({ id: 'rig-1' as CameraId, out: join(dir, 'keys'), registries: [] });
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const conformance = (...args: readonly string[]): Promise<number> =>
    main(['conformance', '--as', 'camera', '--keys', join(dir, 'keys'), '--case', 'ping-answered', ...args]);

  // Goal: a URL that is none is the command line's fault, for every command that takes one. Method: a word, and a host alone.
  test.each(['broker', '127.0.0.1:1883', 'http://127.0.0.1'])('says that %s is no broker', async (url) => {
    const capture = join(dir, 'a.capture');
    const header = { transport: 'mqtt', link: '', startedAt: '', payload: true } as const;
    const pdu = encodeMessage({ type: 'ping', sentUs: 1 });
    const ping = recordLine({ kind: 'pdu', us: 1, at: '', direction: 'up', pdu });
    writeFileSync(capture, `${headerLine({ format: CAPTURE_FORMAT, ...header })}\n${ping}\n`);
    const refusal = { code: 'CONFIG', message: expect.stringContaining('mqtt://HOST:PORT') as string };
    await expect(conformance('--mqtt', url)).rejects.toMatchObject(refusal);
    await expect(main(['capture', '--out', join(dir, 'b'), '--mqtt', url])).rejects.toMatchObject(refusal);
    expect(existsSync(join(dir, 'b'))).toBe(false);
    const replay = main(['replay', capture, '--as', 'camera', '--camera', 'cam-1', '--mqtt', url]);
    await expect(replay).rejects.toMatchObject(refusal);
  });

  // Goal: nobody waits through a whole run for a report that cannot be written. Method: a folder that is not there.
  test('looks first whether it can write its report', async () => {
    const report = conformance('--serial', join(dir, 'no-port'), '--junit', join(dir, 'none', 'a.xml'));
    await expect(report).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('--junit') as string,
    });
  });

  // Goal: a line of our own that cannot be opened is no verdict on the device. Method: a port that is not there.
  test('does not judge a device that it cannot reach', async () => {
    const report = join(dir, 'a.xml');
    await expect(conformance('--serial', join(dir, 'no-port'), '--junit', report)).rejects.toMatchObject({
      code: 'LINE_OPEN',
    });
    expect(readdirSync(dir)).not.toContain('a.xml');
  });
});

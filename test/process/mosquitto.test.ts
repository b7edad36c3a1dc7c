import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { Site } from '../../sim/rig/site.ts';
import { peer } from '../peer.ts';

const mosquitto = peer('mosquitto');
const protoc = peer('protoc');
const DATA_TYPE = 0x12;

// Goal: the same cameras and dock work over a broker we did not write, and what they say can be read with tools we
// did not write. Method: mosquitto between real programs; a second subscriber listens in; protoc decodes what it heard.
describe.skipIf(mosquitto === undefined || protoc === undefined)('over mosquitto', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-mosquitto-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('a recording arrives byte for byte, and protoc reads its Data', async () => {
    const broker = await startMosquitto({ binary: mosquitto ?? '' });
    const film = join(dir, 'film.mp4');
    await writeFilm(film, { seconds: 2 });
    const site = await Site.prepare({
      dir,
      dockId: 'dock-1',
      site: 'yard',
      cameras: ['cam-1'],
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
      password: 'x',
      // What the dock keeps is compared with the film.
      unsealed: true,
    });
    const policy = await site.startPolicy({ regime: 'doj' });
    const dock = await site.startDock({ mqtt: broker.url, policyUrl: policy.url });
    const heard: Uint8Array[] = [];
    const listener = connect(broker.url, { clientId: 'listener' });
    listener.on('message', (_topic, pdu) => {
      if (pdu[0] === DATA_TYPE) heard.push(Uint8Array.from(pdu));
    });
    await new Promise<void>((resolve, reject) => {
      listener.subscribe('bwc/v1/yard/cam-1/up', { qos: 0 }, (error) => (error ? reject(error) : resolve()));
    });
    const camera = site.startCamera('cam-1', ['--mqtt', broker.url], {
      args: ['--officer', '4411', '--media', film, '--once'],
    });
    try {
      expect(await camera.exited, camera.stderr).toBe(0);
      const closed = await camera.until('closed');
      const stored = readFileSync(join(dir, 'dock/recordings', String(closed['recording']), 'chunks'));
      expect(stored.equals(readFileSync(film))).toBe(true);
      expect(createHash('sha256').update(stored).digest('hex')).toBe(closed['sha256']);
      expect(heard.length).toBeGreaterThan(1);
      const [first = new Uint8Array()] = heard;
      const text = execFileSync(
        protoc ?? '',
        ['--decode', 'bwc.v1.Data', '--proto_path', 'proto', 'evidence.proto'],
        { input: first.subarray(1, -4), encoding: 'utf8' },
      );
      expect(text).toMatch(/^stream: \d+\ntx_seq: 1\n/);
      expect(text).toContain('payload: "');
    } finally {
      await listener.endAsync(true);
      await camera.kill();
      await dock.program.stop();
      await policy.program.stop();
      await broker.close();
    }
  });
});

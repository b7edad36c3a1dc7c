import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import { mqttDialer } from '../../device/link/mqtt.ts';
import { INBOXES_BYTES_MAX } from '../../proto/limits.ts';
import { PuppetCamera } from '../../sim/rig/puppet-camera.ts';
import { Site } from '../../sim/rig/site.ts';
import { cameraIdOf } from '../contract/link-rig.ts';

const MEBIBYTE = 1024 * 1024;
const CAMERAS = 500;
const CONTENT_BYTES = MEBIBYTE / 2;
const STAGING_MIB = 32;
// The bound as `holdfast dock --help` states it. A camera: its socket, broker's client, link and conversation.
const SESSION_BYTES = 128 * 1024;
// Packets and rows that are garbage and not collected yet, and caches of the store and the ledger. Most runs need a third of it; where
// other programs keep the collector from a core, two thirds and more.
const RUNTIME_BYTES = 192 * MEBIBYTE;
const BOUND_BYTES = STAGING_MIB * MEBIBYTE + INBOXES_BYTES_MAX + CAMERAS * SESSION_BYTES + RUNTIME_BYTES;
const SAMPLE_MS = 50;

// Goal: 500 cameras that all send as fast as they may do not make a dock grow beyond its stated bound, and all are served.
// Method: a real dock with its embedded broker; the cameras' own upload over 500 connections from this process; the
// dock's resident memory by the kernel's account, before and at its peak.
describe('memory of a dock', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-memory-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it(`grows within its bound under ${CAMERAS} cameras that upload at once`, async () => {
    const ids = Array.from({ length: CAMERAS }, (_, i) => `cam-${i + 1}`);
    const site = await Site.prepare({
      dir,
      dockId: 'dock-1',
      site: 'yard',
      cameras: ids,
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
      password: 'x',
    });
    const policy = await site.startPolicy({ regime: 'doj' });
    const args = ['--staging-mib', String(STAGING_MIB)];
    const dock = await site.startDock({ mqtt: 'embedded', policyUrl: policy.url, args });
    const content = new Uint8Array(randomBytes(CONTENT_BYTES));
    const cameras = ids.map((id) => {
      const open = mqttDialer({
        clock: systemClock(),
        url: dock.mqtt ?? '',
        site: 'yard',
        cameraId: cameraIdOf(id),
        version: '3',
      });
      return new PuppetCamera({ keysDir: site.keysDir(id), content, open });
    });
    const memory = new Resident(dock.program.pid ?? 0);
    try {
      await Promise.all(cameras.map((camera) => camera.upload()));
      memory.sample();
      process.stdout.write(`${memory.report()}\n`);
      expect(memory.peakBytes - memory.beforeBytes).toBeLessThan(BOUND_BYTES);
      const accepted = dock.program.events.filter(({ event }) => event === 'accepted');
      expect(new Set(accepted.map(({ recording }) => recording)).size).toBe(CAMERAS);
    } finally {
      memory.stop();
      await Promise.all(cameras.map((camera) => camera.undock()));
      await dock.program.stop();
      await policy.program.stop();
    }
  });
});

/** Resident memory of a process, looked at again and again. */
class Resident {
  readonly beforeBytes: number;
  peakBytes: number;
  readonly #pid: number;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.beforeBytes = this.#now();
    this.peakBytes = this.beforeBytes;
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
  }

  sample(): void {
    this.peakBytes = Math.max(this.peakBytes, this.#now());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  report(): string {
    const mib = (bytes: number): string => (bytes / MEBIBYTE).toFixed(1);
    const seconds = (performance.now() - this.#startMs) / 1000;
    return [
      `${CAMERAS} cameras, ${mib(CAMERAS * CONTENT_BYTES)} MiB in ${seconds.toFixed(1)} s:`,
      `resident ${mib(this.beforeBytes)} -> ${mib(this.peakBytes)} MiB,`,
      `growth ${mib(this.peakBytes - this.beforeBytes)} of ${mib(BOUND_BYTES)} MiB`,
    ].join(' ');
  }

  #now(): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }
}

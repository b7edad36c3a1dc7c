// Records with the built camera, as a program of its own, so that a test can measure it and kill it.
// Arguments: keys folder, flash folder, seconds. Prints one JSON object a line; the last one when it is done.
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createCamera } from '../../dist/device/capture/camera.js';
import { systemClock } from '../../dist/device/clock/system.js';
import { openFlash } from '../../dist/device/flash/file-flash.js';
import { openKeys } from '../../dist/device/keys/file-keys.js';

const [keysFolder, flashFolder, seconds] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const clock = systemClock();
const camera = createCamera({
  flash: await openFlash(flashFolder),
  clock,
  keys: openKeys(keysFolder),
  bootId: randomBytes(16),
  officerId: '4411',
  incidentTag: '24-118842',
  ticket: () => undefined,
  preEventMs: 0,
});
await camera.ready();
const recording = await camera.trigger();
say({ recording });
// From here on the camera records by itself; what holds this thread up would hold up an upload.
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpu = process.cpuUsage();
await new Promise((resolve) => clock.after(Number(seconds) * 1000, resolve));
delay.disable();
const { user, system } = process.cpuUsage(cpu);
const film = await camera.stop('button');
await camera.close();
const { bytes, chunks, mediaMs } = film;
say({
  bytes,
  chunks,
  mediaMs,
  sha256: Buffer.from(film.plainSha256).toString('hex'),
  cores: (user + system) / 1e6 / Number(seconds),
  stallMs: delay.max / 1e6,
});

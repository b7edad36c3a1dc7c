import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemDisk } from '../../../device/flash/disk.ts';
import { type HardwareConfig, openHardware as open } from '../../../device/hardware.ts';
import { folder } from './camera-kit.ts';

const PLAIN = {
  batteryPercent: 80,
  clockPpm: 0,
  clockUnset: false,
  chip: undefined,
  track: undefined,
};

const openHardware = (config: HardwareConfig) => open(config, 1);

describe('the hardware of a camera', () => {
  // Goal: without a flag it is this machine's own, and nothing is written into the memory. Method: open it.
  it('is as good as the machine when nothing is said', async () => {
    const { clock, battery, sensors, chipHealth, disk } = await openHardware({
      ...PLAIN,
      flash: await folder(),
    });
    expect(Math.abs(clock.wallUs() / 1000 - Date.now())).toBeLessThan(1000);
    expect([clock.isSet, battery.percent(), sensors.batteryPercent?.(), chipHealth()]).toEqual([
      true,
      80,
      80,
      undefined,
    ]);
    expect(sensors.position).toBeUndefined();
    expect(disk).toBe(systemDisk);
  });

  // Goal: a clock that was set is set after a restart, and one that was not is not. Method: open an unset one twice, set it between.
  it('keeps its clock', async () => {
    const flash = await folder();
    const unset = { ...PLAIN, flash, clockUnset: true };
    const first = await openHardware(unset);
    expect([first.clock.isSet, first.clock.wallUs() < 60_000_000]).toEqual([false, true]);
    first.clock.set(1_800_000_000_000_000);
    first.clock.step(5_000_000);
    await first.settled();
    const again = await openHardware(unset);
    expect(again.clock.isSet).toBe(true);
    expect(Math.abs(again.clock.wallUs() - 1_800_000_005_000_000)).toBeLessThan(60_000_000);
    again.clock.reset();
    await again.settled();
    expect((await openHardware({ ...PLAIN, flash })).clock.isSet).toBe(false);
  });

  // Goal: each of its flags reaches its part. Method: a chip that fails at once, a walk, and a file of places.
  it('is made of what it is told', async () => {
    const flash = await folder();
    const { disk, chipHealth } = await openHardware({ ...PLAIN, flash, chip: { badBlocks: [0], spares: 0 } });
    const file = await disk.open(join(flash, 'f'), 'write');
    await expect(file.write([new Uint8Array(1)], 0)).rejects.toMatchObject({ code: 'EIO' });
    await file.close();
    expect(chipHealth()).toEqual({ retired: 1, spares: 0, isReadOnly: true });
    const walking = await openHardware({ ...PLAIN, flash: await folder(), track: 'walk' });
    expect(walking.sensors.position?.()).toMatchObject({ accuracyDm: 40 });
    const track = join(await folder(), 'track.json');
    await writeFile(track, '[{"atMs":0,"latitude":1,"longitude":2},{"atMs":9e9,"latitude":1,"longitude":2}]');
    const { sensors } = await openHardware({ ...PLAIN, flash: await folder(), track });
    expect(sensors.position?.()).toEqual({ latitudeE7: 10_000_000, longitudeE7: 20_000_000, accuracyDm: 0 });
  });
});

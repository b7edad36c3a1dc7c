import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openClockTrouble } from '../../sim/rig/fault/clock-trouble.ts';
import { openDiskTrouble } from '../../sim/rig/fault/disk-trouble.ts';
import { peer } from '../peer.ts';
import { RigVictim } from './rig-victim.ts';

// Goal: a program's wall clock is off by what the rig asks for, from the moment that it asks, and its monotonic clock is not touched.
// Method: a small real process reads its clocks by every way there is; faketime, where it is, must make of the same offset the same time.

const HOUR_MS = 3_600_000;
// A busy machine answers late; nothing that is told apart here is closer than this.
const LATE_MS = 30_000;
const faketime = peer('faketime');
const dir = mkdtempSync(join(tmpdir(), 'holdfast-clock-trouble-'));
const cleaning: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleaning.splice(0).toReversed()) await clean();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function open(offsetMs = 0) {
  const clock = openClockTrouble(mkdtempSync(join(dir, 'control-')), { offsetMs });
  cleaning.push(() => clock.close());
  return clock;
}

function victim(env: Readonly<Record<string, string>>): RigVictim {
  const made = new RigVictim('', env);
  cleaning.push(() => made.close());
  return made;
}

const READINGS: Readonly<Record<string, string>> = {
  'Date.now()': 'Date.now()',
  'new Date()': 'new Date().getTime()',
  'Date()': 'Date.parse(Date())',
  'a subclass': 'new (class extends Date {})().getTime()',
  'the constructor of a date': 'new (new Date().constructor)().getTime()',
  Intl: 'Date.parse(new Date().toISOString())',
};

/** How far the victim is off. */
async function off(program: RigVictim, reading = 'Date.now()'): Promise<number> {
  return (await program.number(reading)) - Date.now();
}

describe('a troubled wall clock', () => {
  it.each(Object.entries(READINGS))('%s steps at once, forth and back', async (_, reading) => {
    const clock = open();
    const program = victim(clock.env);
    expect(Math.abs(await off(program, reading))).toBeLessThan(LATE_MS);
    clock.step(5 * HOUR_MS);
    expect(Math.abs((await off(program, reading)) - 5 * HOUR_MS)).toBeLessThan(LATE_MS);
    clock.step(-9 * HOUR_MS);
    expect(Math.abs((await off(program, reading)) + 4 * HOUR_MS)).toBeLessThan(LATE_MS);
    expect(clock.offsetMs).toBe(-4 * HOUR_MS);
  });

  it('a date that is given stays as it is, and is a Date', async () => {
    const program = victim(open(HOUR_MS).env);
    expect(await program.run('new Date(86400000).toISOString()')).toEqual({
      value: '1970-01-02T00:00:00.000Z',
    });
    expect(await program.run('new Date() instanceof Date && Date.UTC(1970, 0, 1) === 0')).toEqual({
      value: true,
    });
  });

  it('monotonic time and timers do not step', async () => {
    const clock = open();
    const program = victim(clock.env);
    await program.run('(globalThis.from = [performance.now(), process.hrtime.bigint()], 0)');
    clock.step(-HOUR_MS);
    const passed = '[performance.now() - from[0], Number(process.hrtime.bigint() - from[1]) / 1e6]';
    const { value } = await program.run(
      `new Promise((resolve) => setTimeout(resolve, 5)).then(() => ${passed})`,
    );
    const [performanceMs = 0, hrtimeMs = 0] = value as readonly number[];
    for (const ms of [performanceMs, hrtimeMs]) {
      expect(ms).toBeGreaterThan(3);
      expect(ms).toBeLessThan(LATE_MS);
    }
  });

  it('timeOrigin tells of the offset at the start alone', async () => {
    const clock = open(HOUR_MS);
    const program = victim(clock.env);
    const origin = 'performance.timeOrigin + performance.now()';
    expect(Math.abs((await off(program, origin)) - HOUR_MS)).toBeLessThan(LATE_MS);
    clock.step(HOUR_MS);
    expect(Math.abs((await off(program, origin)) - HOUR_MS)).toBeLessThan(LATE_MS);
  });

  it('drifts, keeps what it has gathered, and both programs of one clock agree', async () => {
    const clock = open();
    const programs = [victim(clock.env), victim(clock.env)];
    const gap = async (): Promise<number> => {
      const [one = 0, two = 0] = await Promise.all(programs.map((program) => program.number('Date.now()')));
      return Math.abs(one - two);
    };
    expect(await gap()).toBeLessThan(LATE_MS);
    // A day in a millisecond.
    clock.drift(86_400_000 * 1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.drift(0);
    const gathered = clock.offsetMs;
    expect(gathered).toBeGreaterThan(15 * 24 * HOUR_MS);
    for (const program of programs) expect(Math.abs((await off(program)) - gathered)).toBeLessThan(LATE_MS);
  });

  it('stands beside trouble with the disk, and is gone when it is closed', async () => {
    const clock = open(HOUR_MS);
    const disk = openDiskTrouble(mkdtempSync(join(dir, 'disk-')), { within: [dir] });
    cleaning.push(() => disk.close());
    const program = victim({ ...disk.env, ...clock.env });
    disk.full();
    expect(
      await program.run(`import('node:fs').then((fs) => fs.writeFileSync('${dir}/x', 'x'))`),
    ).toMatchObject({
      code: 'ENOSPC',
    });
    expect(Math.abs((await off(program)) - HOUR_MS)).toBeLessThan(LATE_MS);
    clock.close();
    expect(Math.abs(await off(program))).toBeLessThan(LATE_MS);
  });

  it.skipIf(faketime === undefined)('makes of an offset what faketime makes of it', async () => {
    const print = 'process.stdout.write(String(Date.now()))';
    const faked = execFileSync(faketime ?? '', ['-f', '-30h', process.execPath, '-e', print], {
      encoding: 'utf8',
    });
    const ours = await victim(open(-30 * HOUR_MS).env).number('Date.now()');
    expect(Math.abs(ours - Number(faked))).toBeLessThan(LATE_MS);
  });
});

import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../device/config.ts';

const argv = (...more: string[]): string[] => [
  ...['--id', 'cam-1', '--keys', 'keys', '--flash', 'flash', '--serial', '/dev/ttyUSB0'],
  ...more,
];

describe("a camera's line rate flags", () => {
  // Goal: without any flag the rate is negotiated from the usual one up; each flag changes what it says. Method: command lines.
  test.each([
    [[], { baud: 115_200, baudMax: 921_600, rtsCts: false }],
    [['--baud-max', '3000000', '--rtscts'], { baud: 115_200, baudMax: 3_000_000, rtsCts: true }],
    [['--baud', '2000000'], { baud: 2_000_000, baudMax: 2_000_000, rtsCts: false }],
    [['--baud-max', '115200'], { baud: 115_200, baudMax: 115_200, rtsCts: false }],
  ])('%j', (flags, line) => {
    expect(readConfig(argv(...flags)).link).toMatchObject(line);
  });

  // Goal: a rate that cannot be meant is refused by its flag's name. Method: one bad value each.
  test.each([
    [['--baud', 'fast'], /--baud: "fast" is not a line rate/],
    [['--baud', '299'], /--baud: "299"/],
    [['--baud-max', '4000001'], /--baud-max: "4000001"/],
    [['--baud-max', '9600'], /--baud-max: 9600 is less than --baud 115200/],
  ])('refuse %j', (flags, message) => {
    expect(() => readConfig(argv(...flags))).toThrow(message);
  });
});

describe("a camera's broker flag", () => {
  const link = (url: string): unknown =>
    readConfig(['--id', 'cam-1', '--keys', 'keys', '--flash', 'flash', '--mqtt', url]).link;

  // Goal: what is no broker is refused before the camera starts, and not tried for ever. Method: a URL, a word, and a host alone.
  test('takes mqtt://HOST:PORT and nothing else', () => {
    expect(link('mqtt://127.0.0.1:1883')).toMatchObject({ over: 'mqtt', url: 'mqtt://127.0.0.1:1883' });
    expect(() => link('broker')).toThrow(/--mqtt: "broker" is not mqtt:/);
    expect(() => link('127.0.0.1:1883')).toThrow(/--mqtt/);
  });
});

describe("a camera's officer", () => {
  const officer = (id: string): string => readConfig(argv('--officer', id)).officer;

  // Goal: who cannot be a person anywhere else is none here, before anything is recorded in that name. Method: ids at the edge.
  test('is a person id, or nobody', () => {
    for (const id of ['4411', 'j.doe@agency-1', '']) expect(officer(id)).toBe(id);
    expect(readConfig(argv()).officer).toBe('');
    for (const id of ['Jane Doe', '-4411', 'a/b', '4'.repeat(65), '4411\n', 'Zoë'])
      expect(() => officer(id), id).toThrow(/^--officer: "[^"]*" is no person id: give 1 to 64 letters/);
  });
});

describe("a camera's hardware flags", () => {
  const read = (...flags: readonly string[]): ReturnType<typeof readConfig> =>
    readConfig(['--id', 'cam-1', '--keys', 'keys', '--flash', 'flash', '--serial', '/dev/x', ...flags]);

  // Goal: without a flag nothing of the machine is made worse, and each flag reaches its part. Method: none, then all.
  test('make it worse only where they are given', () => {
    const plain = {
      clockPpm: 0,
      clockUnset: false,
      chip: undefined,
      flashBytesMax: undefined,
      track: undefined,
      isUndocked: false,
    };
    expect(read()).toMatchObject(plain);
    expect(read('--undocked')).toMatchObject({ isUndocked: true });
    const worst = [
      '--flash-write-kibs',
      '512',
      '--flash-bad-blocks',
      '3,17',
      '--flash-cycles',
      '9',
      '--flash-spares',
      '0',
    ];
    expect(
      read('--clock-ppm', '-40', '--clock-unset', '--flash-mib', '64', '--track', 'walk', ...worst),
    ).toMatchObject({
      clockPpm: -40,
      clockUnset: true,
      flashBytesMax: 64 * 1024 ** 2,
      track: 'walk',
      chip: { writeKibs: 512, badBlocks: [3, 17], cyclesMax: 9, spares: 0 },
    });
  });

  // Goal: sensors are called for unless somebody settles otherwise. Method: the defaults, a list, nothing.
  test('reads what cameras nearby are called for', () => {
    expect(read()).toMatchObject({
      ...{ radio: undefined, tag: '', callsFor: ['holster', 'light-bar', 'taser', 'fall'] },
    });
    expect(read('--radio', 'unit', '--call-for', 'taser,button')).toMatchObject({
      ...{ radio: 'unit', callsFor: ['taser', 'button'] },
    });
    expect(read('--call-for', 'nothing').callsFor).toEqual([]);
  });

  // Goal: what makes no sense is refused by its name. Method: each once.
  test.each([
    ['--clock-ppm', 'fast'],
    ['--flash-mib', '0'],
    ['--flash-bad-blocks', '3,,4'],
    ['--flash-cycles', '-1'],
    ['--call-for', 'taser,peer'],
    ['--tag', 'two words'],
  ])('refuses %s %s', (flag, value) => {
    expect(() => read(flag, value)).toThrow(flag);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { enrolCamera } from '../../dock/keys/enrolment.ts';
import { isCameraId } from '../../proto/ids.ts';
import { COMMAND } from '../../sim/rig/program.ts';
import { terminal } from '../unit/device/console/terminal.ts';

// Goal: whoever sits at a terminal with a camera sees its light and its line, whatever they type into it, and has the terminal back as
// it was. Method: the built program on a pseudo-terminal of its own, keys pressed as a person would, and a screen that shows what is
// written to it.

const COLUMNS = 90;
const PATIENCE = { timeout: 30_000, interval: 50 };
const GREEN = '32';
const RED = '31';
const ESCAPE = '\u001B';
const LIGHT = new RegExp(`${ESCAPE}\\[(\\d+)m●`, 'g');
/** Other modes of a terminal: another screen, a hidden cursor, a mouse. */
const MODE = `${ESCAPE}[?`;

const dir = mkdtempSync(join(tmpdir(), 'holdfast-terminal-'));
const running: IPty[] = [];

beforeAll(() => {
  const id = 'cam-1';
  if (!isCameraId(id)) throw new TypeError('cam-1 is a camera');
  enrolCamera({ id, out: join(dir, 'keys'), registries: [join(dir, 'enrolled')] });
});
afterEach(() => {
  for (const pty of running.splice(0)) pty.kill('SIGKILL');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Seat {
  /** Everything written so far. */
  readonly raw: () => string;
  /** The rows of the screen, the last one the display's. */
  readonly rows: readonly string[];
  readonly light: () => string | undefined;
  readonly type: (line: string) => void;
  readonly press: (key: string) => void;
  readonly ended: Promise<number>;
}

function sitDown(name: string, file: string, before: readonly string[]): Seat {
  const camera = ['device', '--id', 'cam-1', '--keys', join(dir, 'keys'), '--flash', join(dir, name)];
  const rest = [
    '--mqtt',
    'mqtt://127.0.0.1:1',
    '--officer',
    '4411',
    '--undocked',
    '--pre-event',
    '0',
    '--fps',
    '2',
  ];
  const argv = [...before, COMMAND, ...camera, ...rest];
  const pty = spawn(file, argv, { cols: COLUMNS, rows: 24, cwd: dir, env: process.env });
  running.push(pty);
  const { screen, rows } = terminal(COLUMNS);
  let raw = '';
  pty.onData((text) => {
    raw += text;
    screen.write(text);
  });
  return {
    raw: () => raw,
    rows,
    light: () => [...raw.matchAll(LIGHT)].at(-1)?.[1],
    type: (line) => pty.write(`${line}\r`),
    press: (key) => pty.write(key),
    ended: new Promise((resolve) => {
      pty.onExit(({ exitCode }) => {
        running.splice(running.indexOf(pty), 1);
        resolve(exitCode);
      });
    }),
  };
}

const shows = (seat: Seat, line: RegExp, light?: string): Promise<void> =>
  vi.waitFor(() => {
    expect(seat.rows.at(-1)).toMatch(line);
    if (light !== undefined) expect(seat.light()).toBe(light);
  }, PATIENCE);

/** Waits for something that it says, however long the line is. */
const hears = (seat: Seat, words: RegExp): Promise<void> =>
  vi.waitFor(() => expect(seat.raw()).toMatch(words), PATIENCE);

it('shows how the camera stands, and leaves the terminal as it was', async () => {
  const script = 'stty -g; "$@"; echo "ended with $?"; stty -g';
  const seat = sitDown('shown', 'sh', ['-c', script, 'sh', process.execPath]);
  await shows(seat, /^● ready \| 4411 \| battery 80 % \| [\d.]+ GB free$/, GREEN);
  seat.type('press');
  await vi.waitFor(() => expect(seat.rows.at(-2)).toMatch(/^● ready .*press$/), PATIENCE);
  await shows(seat, /^● ready \| 4411 /, GREEN);
  seat.type('double-press');
  await shows(seat, /^● REC 00:00:\d\d \| 4411 \| battery 80 %/, RED);
  seat.type('mute');
  await shows(seat, /^● REC 00:00:\d\d \| muted \| 4411 /, RED);
  seat.type('hold');
  await shows(seat, /^● ready \| 4411 /, GREEN);
  expect(seat.raw()).toMatch(/closed recording=[0-9a-f]{32} .*stopReason=button\r/);
  seat.type('battery 12%');
  await shows(seat, /^● ready \| 4411 \| battery 12 % low \|/);
  seat.type('stealth on');
  await shows(seat, /^$/);
  seat.type('status');
  await hears(seat, /status .*stealth=true/);
  const lights = seat.raw().match(LIGHT)?.length;
  seat.type('record');
  await hears(seat, /status [^]*recording recording=/);
  seat.type('stop');
  await hears(seat, /status [^]*closed recording=/);
  expect(seat.raw().match(LIGHT)?.length, 'nothing shines in stealth').toBe(lights);
  seat.type('stealth off');
  await shows(seat, /^● ready /, GREEN);
  seat.type('quit');
  expect(await seat.ended).toBe(0);
  const said = seat.rows.filter((row) => row !== '');
  expect(said.at(-2)).toBe('ended with 0');
  expect(said.at(-1), 'the modes of the terminal').toBe(said[0]);
  expect(seat.raw()).not.toContain(MODE);
  expect(seat.raw().lastIndexOf(`${ESCAPE}[0m`)).toBeGreaterThan(
    seat.raw().lastIndexOf(`${ESCAPE}[${GREEN}m`),
  );
});

it('ends in order on Ctrl-C, on a line of its own', async () => {
  const seat = sitDown('interrupted', process.execPath, []);
  await shows(seat, /^● ready /);
  seat.type('taser');
  await shows(seat, /^● REC /, RED);
  seat.press('\u0003');
  expect(await seat.ended).toBe(0);
  expect(seat.raw()).toMatch(/closed recording=[0-9a-f]{32} .*stopReason=power-off\r/);
  expect(seat.rows.at(-1)).toBe('');
});

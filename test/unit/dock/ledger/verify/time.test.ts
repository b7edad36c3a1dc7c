import { describe, expect, it } from 'vitest';
import type { EntryOf } from '../../../../../proto/custody-fields.ts';
import { cameraId, type DockFolder, failures, notes, tempDock } from './rig.ts';

const HOUR_US = 3_600_000_000;
const camera = cameraId('cam-1');

/** A dock that has started, with one sealed recording of one camera. */
async function sealedDock(): Promise<DockFolder> {
  const dock = tempDock();
  await dock.start(1);
  await dock.enrol(camera);
  await dock.accept(camera, 1, { signed: { suite: 1 } });
  return dock;
}

describe('time', () => {
  // Goal: a clock that is set back shows, and is forgiven where the log says so. Method: an hour back, silently and said.
  it('finds a clock set back without a word', async () => {
    const silent = await sealedDock();
    await silent.step(-HOUR_US, undefined);
    await silent.accept(camera, 2, { signed: { suite: 1 } });
    // Its stamps are older than the epoch that they name.
    expect(failures(await silent.verify())).toEqual(['clock-backwards', 'stamps-order']);
    const said = await sealedDock();
    await said.step(-HOUR_US, { epoch: 2 });
    await said.accept(camera, 2, { signed: { suite: 1 } });
    const report = await said.verify();
    expect([failures(report), notes(report)]).toEqual([[], ['clock-stepped']]);
    expect(report.findings[0]?.message).toMatch(/set back by 3600\.000 s/);
  });

  // Goal: a clock that was set back while the dock was off shows too. Method: an hour back, then another start.
  it('notes a start that is earlier than the end before it', async () => {
    const dock = await sealedDock();
    await dock.step(-HOUR_US, undefined);
    await dock.start(2);
    const report = await dock.verify();
    expect([failures(report), notes(report)]).toEqual([[], ['clock-stepped']]);
    expect(report.findings[0]?.message).toMatch(/3\d{3}\.\d{3} s behind/);
  });

  // Goal: a jump excuses what it names and nothing else. Method: entries about a jump that go back further than they say.
  it.each<readonly [string, Partial<EntryOf<'clock.stepped'>>]>([
    ['is of another time', { at: '2026-01-01T00:00:00.000000Z' }],
    ['leaves from another time', { wallBefore: '2026-09-01T00:00:00.000000Z' }],
    ['says more than its times', { stepUs: 2 * HOUR_US }],
  ])('finds a jump that %s', async (_what, lie) => {
    const dock = await sealedDock();
    const [wallBefore, wallAfter] = [dock.at(), dock.at()];
    const honest = {
      type: 'clock.stepped',
      epoch: 2,
      at: wallAfter,
      wallBefore,
      wallAfter,
      stepUs: 1,
    } as const;
    await dock.append({ ...honest, ...lie });
    expect(failures(await dock.verify())).toEqual(['clock-backwards']);
  });

  // Goal: an epoch of the clock begins once. Method: a start with the number of an earlier one, past the append key.
  it('finds an epoch that begins again', async () => {
    const dock = await sealedDock();
    await dock.step(0, { epoch: 1 });
    expect(failures(await dock.verify())).toEqual(['sequence']);
  });

  // Goal: stamps that contradict themselves or the log are found though the log holds their digest. Method: an honest entry
  // over stamps of each kind.
  it.each<readonly [string, string, (line: Line, at: number) => Line]>([
    [
      'run backwards',
      'stamps-order',
      (line, at) => ({ ...line, receivedAt: at === 0 ? LATER : line.receivedAt }),
    ],
    [
      'are later than the entry',
      'stamps-order',
      (line, at) => (at === 3 ? { ...line, receivedAt: LATEST } : line),
    ],
    [
      'are older than their epoch',
      'stamps-order',
      (line) => ({ ...line, receivedAt: line.receivedAt.replace(/^\d{4}/, '2020') }),
    ],
    ['go back to an epoch', 'stamps-order', (line, at) => (at === 1 ? { ...line, epoch: 1 } : line)],
    ['name another epoch than the entry', 'stamps-order', (line) => ({ ...line, epoch: 1 })],
    ['name no epoch', 'stamps-order', ({ epoch: _, ...line }) => line],
    [
      'run backwards from one basis to another',
      'stamps-order',
      (line, at) => (at === 0 ? { ...line, receivedAt: LATER, basis: 'local' } : line),
    ],
    ['name an epoch that never began', 'stamps-order', (line) => ({ ...line, epoch: 7 })],
    ['are of other chunks', 'stamps-mismatch', (line) => ({ ...line, sha256: 'e'.repeat(64) })],
    ['leave chunks out', 'stamps-mismatch', (line, at) => (at === 3 ? { ...line, chunk: 9 } : line)],
  ])('finds stamps that %s', async (_what, code, change) => {
    const dock = tempDock();
    await dock.start(1);
    await dock.start(2);
    await dock.enrol(camera);
    const taken = dock.stamps.bind(dock);
    dock.stamps = (manifest) => {
      const text = new TextDecoder().decode(taken(manifest).stamps).trim();
      const lines = text.split('\n').map((json, at) => change(JSON.parse(json) as Line, at));
      const stamps = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return { stamps, last: lines.at(-1)?.receivedAt ?? '' };
    };
    await dock.accept(camera, 1);
    expect(failures(await dock.verify())).toEqual([code]);
  });
});

interface Line {
  readonly chunk: number;
  readonly sha256: string;
  readonly receivedAt: string;
  readonly epoch?: number;
}

// Between the last chunk's arrival in a small dock and the entry; and long after both.
const LATER = '2026-09-21T14:13:26.500000Z';
const LATEST = '2026-09-21T20:00:00.000000Z';

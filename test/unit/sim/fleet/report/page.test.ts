import { describe, expect, it } from 'vitest';
import { reportPage } from '../../../../../sim/fleet/report/page.ts';
import { bar, linePlot } from '../../../../../sim/fleet/report/plot.ts';
import { bytes, chunkSize, duration, minutes, number } from '../../../../../sim/fleet/report/words.ts';
import { madeRun } from '../made-run.ts';

const good = madeRun({ cameras: 8, seconds: 30, stallAtSecond: 20, isDockSeen: true });

describe('the report', () => {
  // The page is mailed about: it must be whole wherever it is opened.
  it('needs no network and no script, and forbids both', () => {
    const page = reportPage(good);
    expect(page).not.toMatch(/<script|<link(?! rel="icon" href="data:,")|\bsrc=|url\(|@import/);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
  });

  it('answers how many cameras, in its first words', () => {
    const page = reportPage(good);
    const hour = good.capacity?.within.find((one) => one.minutes === 60)?.cameras ?? 0;
    expect(hour).toBeGreaterThan(0);
    expect(page).toContain(`This dock takes ${hour} cameras of the “city” profile within 60 minutes.`);
    expect(reportPage({ ...good, capacity: null, noCapacity: 'Too short.' })).toContain(
      'This run cannot say.',
    );
  });

  it('shows every code of error, and a stall', () => {
    const page = reportPage(madeRun({ cameras: 8, seconds: 30, isDockSeen: true, failure: 'STORE_FULL' }));
    expect(page).toContain('STORE_FULL 1');
    expect(page).toContain('This run cannot say.');
    expect(good.series[20]?.maxMs).toBeGreaterThan(500);
    expect(reportPage(good)).toContain(`the longest ${duration(good.chunkLatencyMs.max)}`);
  });

  it('says what is unknown instead of drawing zero', () => {
    const page = reportPage(madeRun({ cameras: 8, seconds: 30, isDockSeen: false }));
    expect(page).toContain('its process could not be seen');
    expect(page).not.toContain('Memory of the dock');
    expect(reportPage(good)).toContain('Memory of the dock');
  });

  it('says what each line carried, what the books took, and whether memory stayed level, where that is known', () => {
    const line = { baud: 921_600, slowest: 0.995, mean: 0.9967 };
    const kept = {
      ...{ ledgerBytes: 1, indexBytes: 1, gib: 1 },
      ledgerBytesPerGiB: 72_280,
      indexBytesPerGiB: 364_154,
    };
    const steady = { rssMiB: { second: 200, last: 210, ratio: 1.05 }, fds: null };
    const page = reportPage({ ...good, line, kept, steady });
    expect(page).toContain(
      'line of 921,600 bit/s can carry, the slowest bay made 99.5 % durable, and all together 99.7 %',
    );
    expect(page).toMatch(/Ledger for each GiB, bytes<\/th><td>72,280</);
    expect(page).toMatch(/Memory in the last minute, of that in the second<\/th><td>1.05</);
    expect(page).not.toContain('Open files in the last minute');
    expect(reportPage({ ...good, line: null, kept: null, steady: null })).not.toMatch(
      /for each GiB|bit\/s can carry/,
    );
  });

  it('speaks of coordinated omission as the loop has it', () => {
    const { options } = good;
    expect(reportPage({ ...good, options: { ...options, loop: 'open' } })).toContain('due by the plan');
    expect(reportPage({ ...good, options: { ...options, loop: 'closed' } })).toContain(
      'between closed loops only',
    );
  });

  it('lets no word of a target or an error become markup', () => {
    const hostile = '<img src=x onerror=alert(1)>"';
    const page = reportPage(
      madeRun({ cameras: 8, seconds: 30, isDockSeen: true, failure: hostile, where: hostile }),
    );
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x');
  });
});

describe('plots', () => {
  const plot = { says: 'a', unit: 'b', ends: ['0', '1'], scale: 'linear' } as const;

  it('leave a gap where nothing is known, and start at zero', () => {
    const drawn = linePlot({ ...plot, lines: [{ name: '', look: 'first', values: [10, null, 10, 5] }] });
    expect(drawn).toContain('d="M0 0M666.67 0L1000 50"');
    expect(drawn).toContain('<span style="top:100%">0</span>');
  });

  it('have powers of ten on a logarithmic axis', () => {
    const drawn = linePlot({ ...plot, scale: 'log', lines: [{ name: '', look: 'first', values: [2, 150] }] });
    expect([...drawn.matchAll(/<span style[^>]*>([^<]+)</g)].map(([, label]) => label)).toEqual([
      '1',
      '10',
      '100',
      '1,000',
    ]);
  });

  it('draw nothing of nothing', () => {
    expect(linePlot({ ...plot, lines: [{ name: '', look: 'first', values: [] }] })).not.toContain('NaN');
    expect(
      linePlot({ ...plot, scale: 'log', lines: [{ name: '', look: 'first', values: [0] }] }),
    ).not.toContain('NaN');
    expect(bar(null, 0, 'first')).toContain('width="0"');
  });
});

describe('words', () => {
  it.each([
    [number(null), 'unknown'],
    [number(0), '0'],
    [number(1_240.4), '1,240'],
    [number(88.25), '88.3'],
    [number(0.0416), '0.042'],
    [duration(null), '–'],
    [duration(4.2), '4.2 ms'],
    [duration(61_000), '61 s'],
    [duration(600_000), '10 min'],
    [minutes(142.66), '2.4 h'],
    [bytes(2_332_400_000), '2.33 GB'],
    [bytes(12), '12 B'],
    [chunkSize(262_144), '256 KiB'],
    [chunkSize(1_000), '1000 B'],
  ])('%s is %s', (said, wanted) => expect(said).toBe(wanted));
});

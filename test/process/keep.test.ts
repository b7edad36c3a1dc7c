import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flipByte } from '../unit/dock/store/flip.ts';
import { Depot, holdfast } from './depot.ts';

const FAST = ['--scrub-mib-s', '4096'] as const;

describe('a dock that keeps', () => {
  const depot = new Depot();
  const withMirror = ['--mirror', depot.mirror, ...FAST] as const;
  const copy = (recording: string): string => join(depot.mirror, 'recordings', recording, 'chunks');
  const about = (recording: string) => (event: Readonly<Record<string, unknown>>) =>
    event['recording'] === recording;
  let first = '';

  beforeAll(async () => {
    await depot.open();
    await depot.start(...withMirror);
  });
  afterAll(() => depot.close());

  // Goal: a receipt means two copies. Method: a camera that erases only on a receipt, then both folders and the ledger.
  it('has two copies when the camera has none', async () => {
    first = await depot.take('cam-1');
    expect(readFileSync(copy(first))).toEqual(readFileSync(depot.chunks(first)));
    expect(depot.told(first, 'accepted')).toMatchObject([{ copies: 2 }]);
  });

  // Goal: one byte that falls over in a running dock is found, repaired, and both are on record. Method: a fast scrub.
  it('finds and repairs a byte that fell over', async () => {
    const good = readFileSync(depot.chunks(first));
    await flipByte(depot.chunks(first), 1_000);
    await depot.dock.until('repaired', about(first));
    expect(readFileSync(depot.chunks(first))).toEqual(good);
    expect(depot.told(first, 'damaged', 'repaired')).toMatchObject([
      { type: 'damaged', what: 'chunk', chunk: expect.any(Number) as unknown },
      { type: 'repaired', what: 'chunk', from: 'mirror' },
    ]);
    await flipByte(copy(first), 1_000);
    await depot.dock.until('mirror-repaired', about(first));
    expect(readFileSync(copy(first))).toEqual(good);
    expect(depot.verify()).toMatchObject({ ok: true });
  });

  // Goal: an unmounted mirror stops receipts and nothing else. Method: an empty folder in its place, then the mirror again.
  it('gives no receipt while the mirror is away', async () => {
    renameSync(depot.mirror, `${depot.mirror}-unmounted`);
    mkdirSync(depot.mirror);
    const camera = depot.record('cam-2');
    const closed = await camera.until('closed');
    await depot.dock.until('mirror-missing');
    expect(camera.isRunning).toBe(true);
    const recording = String(closed['recording']);
    expect(existsSync(join(depot.site.flashDir('cam-2'), 'recordings', recording, 'chunks'))).toBe(true);
    expect(depot.told(recording, 'accepted')).toEqual([]);
    renameSync(depot.mirror, `${depot.mirror}-empty`);
    renameSync(`${depot.mirror}-unmounted`, depot.mirror);
    await depot.dock.until('mirror-back');
    await depot.dock.until('accepted', about(recording), 60_000);
    expect(await camera.exited).toBe(0);
    expect(readFileSync(copy(recording))).toEqual(readFileSync(depot.chunks(recording)));
  });

  // Goal: without a second copy it is withdrawn and named, and an outsider sees the same. Method: the dock without its mirror; then
  // with it again, which brings it back.
  it('withdraws what it cannot repair, and says so', async () => {
    await depot.dock.stop();
    await depot.start(...FAST);
    await flipByte(depot.chunks(first), 1_000);
    const damaged = await depot.dock.until('damaged', about(first));
    await depot.dock.until('withdrawn', about(first));
    expect(existsSync(depot.chunks(first))).toBe(false);
    const { ok, findings } = depot.verify();
    expect(ok).toBe(false);
    const [piece = ''] = damaged['pieces'] as readonly string[];
    const aside = expect.stringMatching(`^../quarantine/${first}-.*/chunks$`) as unknown;
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'chunk-mismatch', file: aside, index: Number(piece.split(' ')[1]) }),
    );
    const named = expect.stringContaining(`${piece} of ${first}`) as unknown;
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'damaged', severity: 'note', message: named }),
    );
    expect(findings.filter(({ severity }) => severity === 'failure')).toHaveLength(1);
    await depot.dock.stop();
    const scrubbed = holdfast('dock', 'scrub', '--data', depot.data, '--mirror', depot.mirror);
    expect(scrubbed).toMatchObject({
      status: 1,
      out: expect.stringContaining(`DAMAGED  store ${first} ${piece}`) as unknown,
    });
    await depot.start(...withMirror);
    await depot.dock.until('restored', about(first));
    expect(depot.verify()).toMatchObject({ ok: true });
    await depot.dock.stop();
    expect(holdfast('dock', 'scrub', '--data', depot.data, '--mirror', depot.mirror).status).toBe(0);
  });
});

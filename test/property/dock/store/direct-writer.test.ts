import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestsOf } from '../../../../dock/store/digesting.ts';
import { type DiskFile, systemDisk } from '../../../../dock/store/disk.ts';
import { concat } from '../../../../proto/bytes.ts';
import { runs } from '../../../runs.ts';

const NOISE = randomBytes(3 * 1_024 * 1_024);

describe('footage written past the cache', () => {
  let folder: string;
  let file: DiskFile;
  let path: string;
  let files = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-direct-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function fresh(): Promise<void> {
    files += 1;
    path = join(folder, String(files));
    file = await systemDisk.open(path, 'write');
  }

  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 5_000 }),
    fc.constantFrom(4_096, 32_768, 65_536, 262_144, 262_160, 1_048_576),
    fc.integer({ min: 30_000, max: 1_500_000 }),
  );
  const appends = fc.array(fc.array(sizes, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

  // Goal: whatever lengths come, the file has exactly those bytes, in that order, and no others after them. Method: appends of any
  // lengths, whole blocks and not, some of them to a file that was opened anew; read through the cache and past it.
  test('is what was given, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(appends, fc.boolean(), async (groups, reopens) => {
        await fresh();
        const written: Uint8Array[] = [];
        let position = 0;
        for (const group of groups) {
          const parts = group.map((bytes, at) => NOISE.subarray((at * 7_919) % 100_000).subarray(0, bytes));
          await file.append(parts, position);
          written.push(...parts);
          position += parts.reduce((sum, part) => sum + part.length, 0);
          if (!reopens) continue;
          await file.close();
          file = await systemDisk.open(path, 'write');
        }
        await file.close();
        expect(Buffer.compare(readFileSync(path), concat(...written))).toBe(0);
        expect(digestsOf(path, spansOf(written)).toString()).toBe(concat(...written.map(sha256)).toString());
      }),
      { numRuns: runs(60) },
    );
  });

  // Goal: what failed half-way and comes again with other bytes leaves only those. Method: a tail that is cut, and written anew.
  test('takes the place of what was cut off', async () => {
    await fresh();
    await file.append([NOISE.subarray(0, 100_001)], 0);
    await file.append([NOISE.subarray(0, 70_000)], 100_001);
    await file.truncate(100_001);
    await file.append([NOISE.subarray(500, 50_500)], 100_001);
    await file.close();
    const expected = concat(NOISE.subarray(0, 100_001), NOISE.subarray(500, 50_500));
    expect(Buffer.compare(readFileSync(path), expected)).toBe(0);
  });

  // Goal: a file that ends too early has no digest from there on. Method: spans within, across and beyond its end.
  test('has no digest where it ends', async () => {
    await fresh();
    await file.append([NOISE.subarray(0, 10_000)], 0);
    await file.close();
    const spans = [
      { offset: 0, bytes: 5_000 },
      { offset: 5_000, bytes: 5_001 },
      { offset: 10_001, bytes: 1 },
    ];
    expect(digestsOf(path, spans)).toHaveLength(32);
    const read = await systemDisk.open(path, 'read');
    expect(await read.digests(spans)).toEqual([sha256(NOISE.subarray(0, 5_000)), undefined, undefined]);
    await read.close();
    expect(() => digestsOf(`${path}-gone`, spans)).toThrow(/ENOENT/);
  });
});

function spansOf(
  parts: readonly Uint8Array[],
): readonly { readonly offset: number; readonly bytes: number }[] {
  let offset = 0;
  return parts.map(({ length }) => {
    offset += length;
    return { offset: offset - length, bytes: length };
  });
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

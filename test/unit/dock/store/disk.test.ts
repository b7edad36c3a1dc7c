import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemDisk } from '../../../../dock/store/disk.ts';
import { moveFolder, readWhole, replaceFile } from '../../../../dock/store/whole.ts';
import { concat, utf8 } from '../../../../proto/bytes.ts';

describe('systemDisk', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'holdfast-disk-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  // Goal: parts land one after another where they should, and a read stops where the file does. Method: write in
  // the middle, with an empty part, and read past the end.
  it('writes parts and reads them back', async () => {
    const file = await systemDisk.open(join(dir, 'f'), 'write');
    await file.write([utf8('0123456789')], 0);
    await file.write([utf8('ab'), new Uint8Array(0), utf8('cd')], 3);
    await file.write([], 0);
    await file.sync();
    const into = new Uint8Array(20);
    expect(await file.read(into, 2)).toBe(8);
    expect(into.subarray(0, 8)).toEqual(utf8('2abcd789'));
    await file.truncate(4);
    expect(await file.size()).toBe(4);
    await file.close();
    // Opening to write keeps what is there.
    const again = await systemDisk.open(join(dir, 'f'), 'write');
    expect(await again.size()).toBe(4);
    await again.close();
  });

  // Goal: more parts than one system call takes are written whole. Method: 3,000 small parts.
  it('writes more parts than one call takes', async () => {
    const parts = Array.from({ length: 3_000 }, (_, i) => utf8(`${i};`));
    const file = await systemDisk.open(join(dir, 'f'), 'write');
    await file.write(parts, 0);
    await file.close();
    expect(await readWhole(systemDisk, join(dir, 'f'))).toEqual(concat(...parts));
  });

  // Goal: what is missing is said in one way. Method: each call on a name that is not there.
  it('knows what is missing', async () => {
    const missing = join(dir, 'no', 'where');
    expect(await systemDisk.size(missing)).toBeUndefined();
    expect(await systemDisk.list(missing)).toEqual([]);
    expect(await readWhole(systemDisk, missing)).toBeUndefined();
    await expect(systemDisk.open(missing, 'read')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(systemDisk.rename(missing, dir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  // Goal: a file is replaced whole, also over a longer one and over leftovers. Method: replace with something short.
  it('replaces files', async () => {
    await replaceFile(systemDisk, join(dir, 'f.tmp'), [utf8('a leftover that is long')]);
    await replaceFile(systemDisk, join(dir, 'f'), [utf8('a long first version')]);
    await replaceFile(systemDisk, join(dir, 'f'), [utf8('sh'), utf8('ort')]);
    expect(await readWhole(systemDisk, join(dir, 'f'))).toEqual(utf8('short'));
    expect(await systemDisk.list(dir)).toEqual(['f']);
  });

  // Goal: a move can be done again after a crash. Method: do it twice.
  it('moves folders, again if need be', async () => {
    await systemDisk.makeFolder(join(dir, 'from'));
    await systemDisk.makeFolder(join(dir, 'to'));
    await systemDisk.makeFolder(join(dir, 'from', 'x'));
    for (let i = 0; i < 2; i++) await moveFolder(systemDisk, join(dir, 'from', 'x'), join(dir, 'to', 'y'));
    expect(await systemDisk.list(join(dir, 'to'))).toEqual(['y']);
    expect(await systemDisk.list(join(dir, 'from'))).toEqual([]);
  });
});

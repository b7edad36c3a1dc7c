import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Chance } from '../../sim/fault/chance.ts';
import { openDiskTrouble } from '../../sim/rig/fault/disk-trouble.ts';
import { limitFiles } from '../../sim/rig/fault/file-limit.ts';
import { rotFile } from '../../sim/rig/fault/rot.ts';
import { openSmallDisk } from '../../sim/rig/fault/small-disk.ts';
import { RigVictim } from './rig-victim.ts';

// Goal: a program meets each trouble exactly when and where the rig asks for it, through every door to its files, and none before or after.
// Method: a small real process writes as our programs do, and each refused call is compared with what lies on the real disk.

const dir = mkdtempSync(join(tmpdir(), 'holdfast-disk-trouble-'));
const path = (name: string): string => join(dir, name);
const PRELUDE = `
  import * as fs from 'node:fs';
  import * as promises from 'node:fs/promises';
  import { open, writeFile, readFile, statfs } from 'node:fs/promises';
  import { writeFileSync, writeSync, openSync, fsyncSync } from 'node:fs';
  const bytes = (count) => new Uint8Array(count).fill(7);
  const callback = (call) => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
  const timed = async (work) => { const from = performance.now(); await work(); return performance.now() - from; };
`;
const cleaning: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleaning.splice(0).toReversed()) await clean();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function victim(env: Readonly<Record<string, string>> = {}): RigVictim {
  const made = new RigVictim(PRELUDE, env);
  cleaning.push(() => made.close());
  return made;
}

function trouble(within: readonly string[] = [dir]) {
  const made = openDiskTrouble(mkdtempSync(path('control-')), { within });
  cleaning.push(() => made.close());
  return made;
}

/** Every way by which our programs and their libraries put bytes into files. */
const WRITES: Readonly<Record<string, (file: string) => string>> = {
  'FileHandle.write': (file) =>
    `open('${file}', 'w').then((f) => f.write(bytes(10)).finally(() => f.close()))`,
  'FileHandle.writev': (file) =>
    `open('${file}', 'w').then((f) => f.writev([bytes(4), bytes(6)], 0).finally(() => f.close()))`,
  'FileHandle.writeFile': (file) =>
    `open('${file}', 'w').then((f) => f.writeFile('0123456789').finally(() => f.close()))`,
  'promises.writeFile': (file) => `writeFile('${file}', '0123456789')`,
  'promises.appendFile': (file) => `promises.appendFile('${file}', '0123456789')`,
  writeFileSync: (file) => `writeFileSync('${file}', '0123456789')`,
  'appendFileSync by namespace': (file) => `fs.appendFileSync('${file}', '0123456789')`,
  writeSync: (file) => `writeSync(openSync('${file}', 'w'), bytes(10))`,
  'fs.write': (file) => `callback((done) => fs.write(openSync('${file}', 'w'), bytes(10), done))`,
  'fs.writeFile': (file) => `callback((done) => fs.writeFile('${file}', '0123456789', done))`,
  createWriteStream: (file) =>
    `callback((done) => fs.createWriteStream('${file}').on('error', done).on('finish', () => done(null, 0)).end('0123456789'))`,
};

describe('a full disk', () => {
  it.each(Object.entries(WRITES))(
    '%s meets ENOSPC and puts nothing down; with room again it writes',
    async (name, write) => {
      const disk = trouble();
      const program = victim(disk.env);
      const file = path(`full ${name}`);
      disk.full();
      expect(await program.run(write(file))).toMatchObject({ code: 'ENOSPC' });
      expect(existsSync(file) ? statSync(file).size : 0).toBe(0);
      expect(disk.met.enospc).toBe(1);
      disk.room();
      expect(await program.run(write(file))).not.toHaveProperty('code');
      expect(statSync(file).size).toBe(10);
      expect(disk.met.enospc).toBe(1);
    },
  );

  it('takes what there is room for and cuts the write that goes past it', async () => {
    const disk = trouble();
    const program = victim(disk.env);
    disk.full(25);
    const file = path('cut');
    await program.run(`globalThis.file = await open('${file}', 'w'), 0`);
    expect(await program.number(`file.write(bytes(20)).then((done) => done.bytesWritten)`)).toBe(20);
    expect(await program.number(`file.writev([bytes(3), bytes(9)]).then((done) => done.bytesWritten)`)).toBe(
      5,
    );
    expect(await program.run(`file.write(bytes(1))`)).toMatchObject({ code: 'ENOSPC' });
    expect(statSync(file).size).toBe(25);
    expect(await program.number(`statfs('${dir}').then(({ bavail }) => bavail)`)).toBe(0);
    disk.room();
    expect(await program.number(`statfs('${dir}').then(({ bavail }) => bavail)`)).toBeGreaterThan(0);
  });

  it.each([
    ['rm', (file: string) => `promises.rm('${file}')`],
    ['unlinkSync', (file: string) => `fs.unlinkSync('${file}')`],
    [
      'truncate',
      (file: string) => `open('${file}', 'r+').then((f) => f.truncate(0).finally(() => f.close()))`,
    ],
  ])('has as much room as %s gives back', async (name, free) => {
    const disk = trouble();
    const program = victim(disk.env);
    const file = path(`freed by ${name}`);
    writeFileSync(file, new Uint8Array(1_000));
    disk.full();
    await program.run(`globalThis.file = await open('${path(`grows by ${name}`)}', 'w'), 0`);
    expect(await program.run('file.write(bytes(1))')).toMatchObject({ code: 'ENOSPC' });
    await program.run(free(file));
    expect(await program.number('file.write(bytes(2000)).then((done) => done.bytesWritten)')).toBe(1_000);
    expect(await program.run('file.write(bytes(1))')).toMatchObject({ code: 'ENOSPC' });
  });

  it('leaves alone what lies on other disks, and programs that do not know of it', async () => {
    const disk = trouble([path('elsewhere')]);
    disk.full();
    const program = victim(disk.env);
    expect(await program.run(`writeFile('${path('here')}', 'x')`)).not.toHaveProperty('code');
    const other = trouble();
    other.full();
    expect(await victim().run(`writeFile('${path('there')}', 'x')`)).not.toHaveProperty('code');
    expect([disk.met.enospc, other.met.enospc]).toEqual([0, 0]);
  });
});

describe('a slow disk', () => {
  it.each([
    ['FileHandle.datasync', `open('FILE', 'w').then((f) => f.datasync().finally(() => f.close()))`],
    ['fsyncSync', `fsyncSync(openSync('FILE', 'w'))`],
    ['fs.fsync', `callback((done) => fs.fsync(openSync('FILE', 'w'), done))`],
    ['writeFileSync', `writeFileSync('FILE', 'x')`],
    ['promises.writeFile', `writeFile('FILE', 'x')`],
  ])('%s takes longer, until the disk is quick again', async (name, act) => {
    const disk = trouble();
    const program = victim(disk.env);
    const timed = `timed(async () => ${act.replace('FILE', path(`slow ${name}`))})`;
    disk.slow(300);
    expect(await program.number(timed)).toBeGreaterThanOrEqual(299);
    expect(disk.met.slowed).toBe(1);
    disk.quick();
    await program.number(timed);
    expect(disk.met.slowed).toBe(1);
  });
});

describe('a failing disk', () => {
  it('EIO meets the files that fit, at the act that was asked for', async () => {
    const disk = trouble();
    const program = victim(disk.env);
    const [bad, good] = [path('chunk-7'), path('chunk-8')];
    for (const file of [bad, good]) writeFileSync(file, 'content');
    disk.fail(/chunk-7$/, 'read');
    disk.fail(/chunk-8$/, 'sync');
    expect(await program.run(`readFile('${bad}', 'utf8')`)).toMatchObject({ code: 'EIO' });
    const read = `open('${bad}').then((f) => f.read(bytes(3), 0, 3, 0).finally(() => f.close()))`;
    expect(await program.run(read)).toMatchObject({ code: 'EIO' });
    expect(await program.run(`writeFile('${bad}', 'other')`)).not.toHaveProperty('code');
    expect(await program.run(`readFile('${good}', 'utf8')`)).toEqual({ value: 'content' });
    expect(await program.run(`fsyncSync(openSync('${good}'))`)).toMatchObject({ code: 'EIO' });
    expect(disk.met.eio).toBe(3);
    disk.mend();
    expect(await program.run(`readFile('${bad}', 'utf8')`)).toEqual({ value: 'other' });
  });
});

describe('bit rot', () => {
  it('turns one bit and nothing else, the same for the same seed', () => {
    const file = path('rotten');
    const sound = new Uint8Array(1_000).fill(0x55);
    const rot = (): readonly [object, Uint8Array] => {
      writeFileSync(file, sound);
      utimesSync(file, 1_000, 2_000);
      return [rotFile(file, new Chance('rot')), readFileSync(file)];
    };
    const [place, bytes] = rot();
    const changed = [...bytes].flatMap((byte, at) =>
      byte === sound[at] ? [] : [{ at, flipped: byte ^ 0x55 }],
    );
    expect(changed).toHaveLength(1);
    expect(place).toEqual({ atByte: changed[0]?.at, bit: Math.log2(changed[0]?.flipped ?? 0) });
    expect(statSync(file)).toMatchObject({ size: 1_000, mtimeMs: 2_000_000 });
    expect(rot()).toEqual([place, bytes]);
  });

  it('refuses a file that has no such byte', () => {
    writeFileSync(path('empty'), '');
    expect(() => rotFile(path('empty'), new Chance('rot'))).toThrow(RangeError);
  });
});

const SQLITE_FULL = /^SQLITE_(FULL|IOERR)/;
const LIBSQL = new URL('../../node_modules/libsql/index.js', import.meta.url).href;
/** A database that grows by 100,000 bytes with each call of `grow`. */
const DATABASE = (file: string): string => `(async () => {
  const { default: Database } = await import('${LIBSQL}');
  globalThis.db = new Database('${file}');
  db.exec('create table if not exists t (b blob)');
  globalThis.grow = () => { db.exec('insert into t values (zeroblob(100000))'); return db.prepare('select count(*) as n from t').get([]).n; };
  return 0;
})()`;

describe('SQLite, which the preload does not see', () => {
  it('a limit on file size fails its write while the program goes on; lifted, it writes again', async () => {
    const disk = trouble();
    const program = victim(disk.env);
    await program.number(DATABASE(path('limited.sqlite')));
    disk.full();
    expect(await program.number('grow()')).toBe(1);
    limitFiles(program.pid, 150_000);
    expect((await program.run('grow()')).code).toMatch(SQLITE_FULL);
    expect(await program.run(`fs.promises.readFile('${path('limited.sqlite')}').then(() => 1)`)).toEqual({
      value: 1,
    });
    limitFiles(program.pid, 'unlimited');
    expect(await program.number('grow()')).toBe(2);
  });

  const probe = openSmallDisk(path('probe'), 65_536);
  if (!('cannot' in probe)) probe.close();
  it.skipIf('cannot' in probe)('a small disk is full for SQLite and for files alike', async () => {
    const small = openSmallDisk(path('small'), 1_000_000);
    if ('cannot' in small) throw new Error(small.cannot);
    const program = victim();
    try {
      await program.number(DATABASE(join(small.path, 'index.sqlite')));
      expect((await program.run(`(() => { for (;;) grow(); })()`)).code).toMatch(SQLITE_FULL);
      expect(await program.run(`writeFile('${join(small.path, 'file')}', bytes(500000))`)).toMatchObject({
        code: 'ENOSPC',
      });
    } finally {
      await program.close();
      small.close();
    }
  });
});

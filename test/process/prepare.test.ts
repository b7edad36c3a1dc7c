import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listTree, ROOT } from '../tidy/source.ts';

const SMALL =
  /^(bin\/(prepare|pack)\.mjs|bin\/start\.cts|proto\/.*|dock\/viewer\/page\/.*\.(html|css|svg|json)|[^/]+\.(json|ts))$/;

describe('prepare', () => {
  let checkout: string;

  // This checkout's packages, its build, and of the programs and the page no more than it takes to see that they are built; the whole
  // tree is built before any test of a program. Installing again is what a fresh clone's first run shows.
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'holdfast-prepare-'));
    for (const path of listTree().filter((one) => SMALL.test(one)))
      cpSync(join(ROOT, path), join(checkout, path));
    for (const folder of ['device', 'sim']) mkdirSync(join(checkout, folder));
    writeFileSync(join(checkout, 'bin/holdfast.ts'), "console.log('a small program');\n");
    writeFileSync(join(checkout, 'dock/viewer/page/main.tsx'), "document.title = 'A small page';\n");
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  const prepare = (): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
    spawnSync(process.execPath, ['bin/prepare.mjs'], { cwd: checkout, encoding: 'utf8' });

  // Goal: building happens when it must and only then, and never on stdout. Method: twice, then with a source changed.
  it('builds once, then only when a source changes', () => {
    const first = prepare();
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toContain('building');
    const started = spawnSync(process.execPath, ['dist/bin/start.cjs'], { cwd: checkout, encoding: 'utf8' });
    expect(started.stdout).toBe('a small program\n');
    expect(readdirSync(join(checkout, 'dist/page'))).toContain('index.html.br');
    expect(existsSync(join(checkout, 'dist/proto/gen/evidence.js'))).toBe(true);
    expect(prepare()).toEqual(expect.objectContaining({ status: 0, stdout: '', stderr: '' }));
    appendFileSync(join(checkout, 'proto/version.ts'), '// Changed.\n');
    expect(prepare().stderr).toContain('building');
  });

  // Goal: a file that has gone from the sources goes from the build. Method: build, remove one, build.
  it('leaves nothing of an older build', () => {
    writeFileSync(join(checkout, 'proto/passing.ts'), 'export const passing = 1;\n');
    prepare();
    rmSync(join(checkout, 'proto/passing.ts'));
    prepare();
    expect(existsSync(join(checkout, 'dist/proto/passing.js'))).toBe(false);
    expect(readdirSync(checkout).filter((name) => /^dist\.|^\.prepare/.test(name))).toEqual([]);
  });

  // Goal: a source that cannot be built stops the start and leaves the last good build. Method: break one.
  it('fails and keeps the old build when a source is broken', () => {
    prepare();
    writeFileSync(join(checkout, 'proto/passing.ts'), 'export const = ;\n');
    expect(prepare().status).toBe(1);
    expect(existsSync(join(checkout, 'dist/bin/start.cjs'))).toBe(true);
  });

  // Goal: two starts at once in one checkout do not trip over each other. Method: both, one build between them.
  it('builds once for two starts at once', async () => {
    const starts = [0, 1].map(() => spawn(process.execPath, ['bin/prepare.mjs'], { cwd: checkout }));
    let said = '';
    for (const { stderr } of starts) stderr.on('data', (part: Buffer) => (said += part.toString()));
    const ends = await Promise.all(starts.map((start) => once(start, 'close')));
    expect(ends.map(([code]) => code as unknown)).toEqual([0, 0]);
    expect(said.match(/building/g)).toHaveLength(1);
    expect(existsSync(join(checkout, '.prepare-lock'))).toBe(false);
  });

  // Goal: a start that was killed does not block the next. Method: a lock whose owner has ended.
  it('takes over the lock of a dead process', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(checkout, '.prepare-lock'), String(pid));
    expect(prepare().status).toBe(0);
  });
});

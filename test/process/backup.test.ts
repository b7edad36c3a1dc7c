import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flipByte } from '../unit/dock/store/flip.ts';
import { Depot, holdfast } from './depot.ts';

const depot = new Depot();
const out = join(depot.dir, 'backup');
beforeAll(async () => {
  await depot.open();
  await depot.start();
});
afterAll(() => depot.close());

interface Summary {
  readonly ok: boolean;
  readonly log: number;
  readonly recordings: number;
  readonly bytes: number;
  readonly lost: readonly object[];
}

function run(...argv: readonly string[]): Summary & { readonly status: number | null } {
  const { status, out: said, err } = holdfast('dock', ...argv, '--json');
  expect(err).toBe('');
  return { ...(JSON.parse(said) as Summary), status };
}

const backup = () => run('backup', '--data', depot.data, '--out', out);
const content = (data: string, recording: string): Buffer =>
  readFileSync(join(data, 'recordings', recording, 'chunks'));

// Goal: a running dock is backed up, again and again, and a copy that is damaged is mended; from the copy another machine goes on as this
// dock. Method: the built commands, a byte that falls over in the copy, and a dock started on what was restored.
it('is backed up while it runs, and restored', async () => {
  const first = await depot.take('cam-1');
  const whole = backup();
  expect(whole).toMatchObject({ status: 0, ok: true, recordings: 1, lost: [] });
  expect(whole.bytes).toBeGreaterThan(content(depot.data, first).length);
  expect(backup()).toMatchObject({ status: 0, ok: true, bytes: 0 });
  const second = await depot.take('cam-2');
  const grown = backup();
  expect(grown).toMatchObject({ status: 0, ok: true, recordings: 2 });
  expect(grown.log).toBeGreaterThan(whole.log);
  expect(readdirSync(join(out, 'ledger', 'older')).length).toBeGreaterThan(0);
  await flipByte(join(out, 'recordings', first, 'chunks'), 10);
  expect(backup().bytes).toBe(content(depot.data, first).length);
  // What is damaged here is not copied over what is good there, and is named.
  const good = content(out, second);
  await flipByte(depot.chunks(second), 10);
  expect(backup()).toMatchObject({ ok: true, lost: [], bytes: 0 });
  expect(content(out, second)).toEqual(good);
  await flipByte(depot.chunks(second), 10);
  expect(findSecrets(out)).toEqual([]);

  const restored = join(depot.dir, 'restored');
  mkdirSync(restored);
  writeFileSync(join(restored, 'something'), 'of somebody');
  expect(holdfast('dock', 'restore', '--from', out, '--data', restored).status).not.toBe(0);
  const fresh = join(depot.dir, 'fresh');
  const done = run('restore', '--from', out, '--data', fresh);
  expect(done).toMatchObject({ status: 0, ok: true, recordings: 2, holdings: { held: 2 } });
  for (const recording of [first, second])
    expect(content(fresh, recording)).toEqual(content(depot.data, recording));
  await depot.dock.stop();
  await depot.start('--data', fresh);
  await depot.take('cam-3');
  expect(depot.verify(fresh)).toMatchObject({ ok: true });
  // A dock that was set back never overwrites a copy that knows more.
  const behind = holdfast('dock', 'backup', '--data', depot.data, '--out', fresh);
  expect(behind.status).toBe(1);
  expect(behind.err).toContain('was set back');
});

/** Anything in a backup that only the dock may have. */
function findSecrets(dir: string): readonly string[] {
  const files = readdirSync(dir, { recursive: true }).map(String);
  expect(existsSync(join(depot.data, 'keys'))).toBe(true);
  return files.filter((file) => /\.pem$|pseudonym|token|index\.db|log\.db/.test(file));
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GENERATED = 'proto/gen';

/** The command that `npm run gen` runs, writing into another folder. */
function genInto(folder: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { scripts } = parsed as { readonly scripts: Readonly<Record<string, string>> };
  const command = scripts['gen'] ?? '';
  expect(command).toContain(GENERATED);
  return command.replaceAll(GENERATED, folder);
}

// Goal: the committed code is what the schema gives, so that nobody edits the one without the other.
// Method: run the real command into a temporary folder and compare every byte of every file.
it('proto/gen is what the schema generates', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-gen-'));
  try {
    const path = `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
    execFileSync('sh', ['-c', genInto(folder)], { cwd: ROOT, env: { ...process.env, PATH: path } });
    const committed = readdirSync(join(ROOT, GENERATED)).toSorted();
    expect(readdirSync(folder).toSorted()).toEqual(committed);
    for (const file of committed) {
      const isSame = readFileSync(join(folder, file)).equals(readFileSync(join(ROOT, GENERATED, file)));
      expect(isSame, `${GENERATED}/${file} is stale: npm run gen`).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A piece of built code and what stands there instead; `$1` is the first group. */
export interface Edit {
  /** Path below `dist/`. */
  readonly file: string;
  readonly piece: RegExp;
  readonly instead: string;
}

/** A copy of the build with a mistake in it. */
export interface Planted {
  /** Its launcher. */
  readonly command: string;
  remove(): void;
}

/** Copies the build and plants these edits. Throws when a piece is not there exactly once: the mistake would not be made. */
export function plant(edits: readonly Edit[]): Planted {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-planted-'));
  cpSync(join(ROOT, 'dist'), join(dir, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  for (const { file, piece, instead } of edits) {
    const path = join(dir, 'dist', file);
    const code = readFileSync(path, 'utf8');
    const count = [...code.matchAll(new RegExp(piece, 'g'))].length;
    if (count !== 1) throw new Error(`${file} holds ${String(piece)} ${count} times, not once`);
    writeFileSync(path, code.replace(piece, instead));
  }
  return {
    command: join(dir, 'dist/bin/holdfast.js'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FieldError } from '../../proto/errors.ts';

/** Folder of `dist/`, also when the rig runs from a build. */
const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url));

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
  /** Its folder of built code. */
  readonly dist: string;
  remove(): void;
}

/** A piece of code that was to be changed is not there. */
export class PlantError extends FieldError<'PLANT'> {}

/** Copies the build and plants these edits. Throws PlantError when a piece is not there exactly once: the mistake would not be made. */
export function plant(edits: readonly Edit[]): Planted {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-planted-'));
  linkTree(join(ROOT, 'dist'), join(dir, 'dist'));
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  for (const { file, piece, instead } of edits) {
    const path = join(dir, 'dist', file);
    const code = readFileSync(path, 'utf8');
    const count = [...code.matchAll(new RegExp(piece, 'g'))].length;
    if (count !== 1) {
      rmSync(dir, { recursive: true, force: true });
      throw new PlantError('PLANT', `${file} holds ${String(piece)} ${count} times, not once`, {
        retry: 'never',
      });
    }
    // The name is taken from the build first: what is linked is one file under two names.
    rmSync(path);
    writeFileSync(path, code.replace(piece, instead));
  }
  return {
    command: join(dir, 'dist/bin/holdfast.js'),
    dist: join(dir, 'dist'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The same tree in another place, without copying what nobody changes. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Two disks, or one that knows no links.
    copyFileSync(source, target);
  }
}

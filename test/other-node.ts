import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { skippingForbidden } from './peer.ts';

const OURS = majorOf(process.versions.node);
const NAMES = ['node', 'nodejs', 'node20', 'node22', 'node24'];

/**
 * A Node of another major version than ours, older or newer: the one that HOLDFAST_OTHER_NODE names, as CI fetches it, or one on PATH;
 * undefined where there is none. Where skipping is forbidden a missing one throws.
 */
export function otherNode(): string | undefined {
  const named = process.env['HOLDFAST_OTHER_NODE'];
  if (named !== undefined) {
    if (!isOther(named))
      throw new Error(`HOLDFAST_OTHER_NODE: ${named} is no Node, or of version ${OURS} as this one`);
    return named;
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isOther);
  if (found === undefined && skippingForbidden())
    throw new Error('HOLDFAST_OTHER_NODE names no Node of another version, and skipping is forbidden');
  return found;
}

function isOther(path: string): boolean {
  try {
    const version = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /^v\d+\.\d+\.\d+\s*$/.test(version) && majorOf(version.slice(1)) !== OURS;
  } catch {
    return false;
  }
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? '';
}

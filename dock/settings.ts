import { createHash } from 'node:crypto';
import { canonicalJson } from '../proto/canonical-json.ts';
import type { HexDigest } from '../proto/custody-fields.ts';
import type { DockConfig } from './config.ts';

// Secrets would be open to guessing, ports change from start to start where 0 picks one, and `json` and `statsSeconds` are only how it speaks.
const LEFT_OUT: ReadonlySet<string> = new Set(['token', 'port', 'httpPort', 'json', 'statsSeconds']);
/** Name, password and port of a URL; its host stays. */
const IN_URL = /:\/\/(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:\s]*)(?::\d+)?/g;

/**
 * SHA-256 of what a dock runs with, as canonical JSON: every setting, those that were not given with their default, but for
 * secrets and ports. The policy service's key is among them. Two starts have the same digest when they would act the same.
 */
export function settingsDigest(config: DockConfig): HexDigest {
  const settings: unknown = JSON.parse(JSON.stringify(config, openPart));
  return createHash('sha256').update(canonicalJson(settings)).digest('hex');
}

function openPart(name: string, value: unknown): unknown {
  if (LEFT_OUT.has(name)) return undefined;
  return typeof value === 'string' ? value.replaceAll(IN_URL, '://$1') : value;
}

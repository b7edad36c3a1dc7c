import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { text } from '../../proto/bytes.ts';
import type { CustodyEntry } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import { PATHS } from './layout.ts';
import type { PackedFile } from './read.ts';

/**
 * Was the footage opened as the rules want: the grant is signed by the policy service, is about this recording, and the ledger
 * holds an opening under it. Whether the video is what the chunks hold is shown to whoever opens them again, not here.
 */
export function checkGrant(
  opened: {
    readonly files: ReadonlyMap<string, PackedFile>;
    readonly manifest: Manifest;
    readonly accepted: EntryOf<'accepted'>;
    readonly proven: readonly Placed<CustodyEntry>[];
  },
  findings: Findings,
): void {
  const { files, manifest, accepted, proven } = opened;
  const bad = (file: string, message: string): void =>
    findings.add({ code: 'grant-mismatch', file, message });
  const video = files.get(PATHS.video);
  const plainBytes = manifest.chunks.reduce((sum, chunk) => sum + chunk.plainBytes, 0);
  if (video?.bytes !== plainBytes) bad(PATHS.video, `must have ${plainBytes} bytes, as its chunks`);
  const jws = files.get(PATHS.grant)?.content;
  const grant = jws && readGrant(jws, files.get(PATHS.policyKey)?.content);
  if (jws === undefined || grant === undefined) {
    bad(PATHS.grant, `is not signed by the key in ${PATHS.policyKey}`);
    return;
  }
  if (grant['recording'] !== accepted.recording || grant['manifest'] !== accepted.manifest)
    bad(PATHS.grant, 'is about another recording');
  const digest = createHash('sha256').update(jws).digest('hex');
  const isRecorded = proven.some(({ entry }) => entry.type === 'granted' && entry.grant === digest);
  if (!isRecorded) bad(PATHS.grant, 'is in no proved entry of the ledger');
}

/** The claims of a JWS (ES256) that this key signed. */
function readGrant(
  jws: Uint8Array,
  jwk: Uint8Array | undefined,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const [header = '', payload = '', signature = ''] = text(jws).trim().split('.');
    const key = createPublicKey({ key: parsed(text(jwk ?? new Uint8Array())) as JsonWebKey, format: 'jwk' });
    const claimed = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature, 'base64url');
    if (parsed(Buffer.from(header, 'base64url').toString())['alg'] !== 'ES256') return undefined;
    if (!verify('sha256', claimed, { key, dsaEncoding: 'ieee-p1363' }, bytes)) return undefined;
    return parsed(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function parsed(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return Object.fromEntries(Object.entries(value));
}

import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { equal, text, utf8 } from '../../proto/bytes.ts';
import type { CustodyEntry } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import { PATHS } from './layout.ts';
import type { PackedFile } from './read.ts';

const TYP = 'holdfast-grant+jwt';

/** Claims of a grant, or a key, as JSON says them. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is asked of the grant in a package. */
export interface Opened {
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly manifest: Manifest;
  readonly accepted: EntryOf<'accepted'>;
  readonly proven: readonly Placed<CustodyEntry>[];
  /** Id of the dock that made the package. */
  readonly dock: string;
  /** Pinned public key (JWK) of the policy service; without it, the one in the package, which proves less. */
  readonly policyKey: Fields | undefined;
}

/** `policy/decision.json`: the claims of the grant and nothing else, so that all of it is what the policy service signed. */
export function decisionText(claims: Fields): Uint8Array {
  return utf8(`${JSON.stringify(claims, null, 2)}\n`);
}

/**
 * Was the footage opened as the rules want: the grant is signed by the policy service, is about this recording, and the ledger
 * holds an opening under it. Whether the video is what the chunks hold is shown to whoever opens them again, not here.
 */
export function checkGrant(opened: Opened, findings: Findings): void {
  const { files, manifest } = opened;
  const bad = (file: string, message: string): void =>
    findings.add({ code: 'grant-mismatch', file, message });
  const video = files.get(PATHS.video);
  const plainBytes = manifest.chunks.reduce((sum, chunk) => sum + chunk.plainBytes, 0);
  if (video?.bytes !== plainBytes) bad(PATHS.video, `must have ${plainBytes} bytes, as its chunks`);
  const jwk = policyKeyOf(opened, findings);
  const jws = files.get(PATHS.grant)?.content;
  const grant = jws && readGrant(jws, jwk);
  if (jws === undefined || grant === undefined) {
    bad(PATHS.grant, `is not signed by the key in ${opened.policyKey ? '--policy-key' : PATHS.policyKey}`);
    return;
  }
  const decision = files.get(PATHS.decision)?.content;
  if (decision === undefined || !equal(decision, decisionText(grant)))
    bad(PATHS.decision, 'does not say what the grant says');
  const other = differenceOf(grant, opened);
  if (other !== undefined) bad(PATHS.grant, `is about another ${other}`);
  const unrecorded = recordProblem(grant, createHash('sha256').update(jws).digest('hex'), opened);
  if (unrecorded !== undefined) bad(PATHS.grant, unrecorded);
}

/** The key to check with; the one in the package must be the pinned one. */
function policyKeyOf({ files, policyKey }: Opened, findings: Findings): Fields | undefined {
  const file = PATHS.policyKey;
  const inside = parsed(files.get(file)?.content);
  if (policyKey === undefined) {
    const message = 'the key of the policy service came from the package itself';
    findings.add({ code: 'policy-key-unpinned', file, message });
    return inside;
  }
  if (['kty', 'crv', 'x', 'y'].some((name) => inside?.[name] !== policyKey[name]))
    findings.add({ code: 'grant-mismatch', file, message: 'is not the key that is pinned' });
  return policyKey;
}

/** The first thing in which the grant is not one for opening all of this recording at this dock. */
function differenceOf(grant: Fields, { accepted, manifest, dock }: Opened): string | undefined {
  const { recording, manifest: digest } = accepted;
  const wanted = { kind: 'open', action: 'view', recording, manifest: digest, aud: dock };
  const other = Object.entries(wanted).find(([name, value]) => grant[name] !== value)?.[0];
  if (other !== undefined) return other;
  const isWhole = JSON.stringify(grant['chunks']) === JSON.stringify([0, manifest.chunks.length]);
  return isWhole ? undefined : 'range of chunks';
}

/** Does the ledger say that it was granted, and then exported, to one person? */
function recordProblem(grant: Fields, digest: string, { proven, accepted }: Opened): string | undefined {
  const { recording } = accepted;
  const granted = proven.find(
    ({ entry }) => entry.type === 'granted' && entry.grant === digest && entry.recording === recording,
  );
  if (granted?.entry.type !== 'granted') return 'is in no proved entry of the ledger';
  const { grantId, purpose, person } = granted.entry;
  if (grantId !== grant['jti'] || purpose !== grant['purpose'])
    return 'is not for the purpose that the ledger names';
  const exported = proven.find(({ entry }) => entry.type === 'exported' && entry.grant === digest);
  if (exported?.entry.type !== 'exported') return undefined;
  if (exported.index < granted.index) return 'was used before the ledger says that it was given';
  return exported.entry.person === person ? undefined : 'was used by somebody else than the ledger names';
}

/** The claims of a JWS (ES256) that this key signed. */
function readGrant(jws: Uint8Array, jwk: Fields | undefined): Fields | undefined {
  try {
    const [header = '', payload = '', signature = ''] = text(jws).trim().split('.');
    const key = createPublicKey({ key: (jwk ?? {}) as JsonWebKey, format: 'jwk' });
    const bytes = Buffer.from(signature, 'base64url');
    const { alg, typ } = parsed(Buffer.from(header, 'base64url')) ?? {};
    if (alg !== 'ES256' || typ !== TYP) return undefined;
    const claimed = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', claimed, { key, dsaEncoding: 'ieee-p1363' }, bytes)) return undefined;
    return parsed(Buffer.from(payload, 'base64url'));
  } catch {
    return undefined;
  }
}

function parsed(json: Uint8Array | undefined): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text(json ?? new Uint8Array()));
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}

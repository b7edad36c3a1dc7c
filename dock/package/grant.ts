import { createHash } from 'node:crypto';
import { concat } from '../../proto/bytes.ts';
import type { CustodyEntry } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import { type Fields, fieldsIn, fieldsOf, readSigned } from './jws.ts';
import { grantPath, openingAt, PATHS } from './layout.ts';
import type { PackedFile } from './read.ts';

export const GRANT_TYP = 'holdfast-grant+jwt';

/** What is asked of the grants in a package. */
export interface Opened {
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly manifest: Manifest;
  readonly accepted: EntryOf<'accepted'>;
  readonly proven: readonly Placed<CustodyEntry>[];
  /** Id of the dock that made the package. */
  readonly dock: string;
  /** Pinned public key (JWK, or a JWK Set of several) of the policy service; without it, the one in the package, which proves less. */
  readonly policyKey: Fields | undefined;
}

/** A grant that the policy service signed. */
export interface SignedGrant {
  readonly number: number;
  /** SHA-256 of its file, hex. */
  readonly digest: string;
  readonly claims: Fields;
}

/**
 * How the ledger names the grants of an export: SHA-256 over their files one after another, which of a single grant is its own
 * digest. Undefined when there is none.
 */
export function grantsDigest(files: ReadonlyMap<string, PackedFile>): string | undefined {
  const grants = grantFiles(files);
  return grants.length === 0 ? undefined : sha256(concat(...grants));
}

/**
 * Was the footage opened as the rules want: every grant is signed by the policy service and is about this recording and one
 * person, together they cover every chunk once, and the ledger holds an opening under each. Whether the video is what the
 * chunks hold is shown to whoever opens them again, not here. Returns those that are signed.
 */
export function checkGrants(
  opened: Opened,
  jwk: Fields | undefined,
  findings: Findings,
): readonly SignedGrant[] {
  const { files, manifest } = opened;
  const bad = (file: string, message: string): void =>
    findings.add({ code: 'grant-mismatch', file, message });
  const plainBytes = manifest.chunks.reduce((sum, chunk) => sum + chunk.plainBytes, 0);
  if (files.get(PATHS.video)?.bytes !== plainBytes)
    bad(PATHS.video, `must have ${plainBytes} bytes, as its chunks`);
  const grants = grantFiles(files);
  if (grants.length === 0) bad(grantPath(0), 'is missing');
  const signed = grants.flatMap((jws, number) => {
    const claims = readSigned(jws, { typ: GRANT_TYP, jwk });
    return claims === undefined ? [] : [{ number, digest: sha256(jws), claims }];
  });
  for (const number of grants.keys())
    if (!signed.some((grant) => grant.number === number))
      bad(
        grantPath(number),
        `is not signed by the key in ${opened.policyKey ? '--policy-key' : PATHS.policyKey}`,
      );
  const [first] = signed;
  for (const grant of signed) {
    const other = differenceOf(grant.claims, opened, first?.claims['sub']);
    if (other !== undefined) bad(grantPath(grant.number), `is about another ${other}`);
    const unrecorded = recordProblem(grant, opened);
    if (unrecorded !== undefined) bad(grantPath(grant.number), unrecorded);
  }
  if (signed.length === grants.length) checkCover(signed, manifest.chunks.length, bad);
  for (const path of files.keys())
    if ((openingAt(path) ?? 0) >= Math.max(1, grants.length)) bad(path, 'belongs to no grant');
  return signed;
}

/** The key to check with; the one in the package must be the pinned one, or of a pinned set one. */
export function policyKeyOf(
  { files, policyKey }: Pick<Opened, 'files' | 'policyKey'>,
  findings: Findings,
): Fields | undefined {
  const file = PATHS.policyKey;
  const inside = fieldsIn(files.get(file)?.content);
  if (policyKey === undefined) {
    const message = 'the key of the policy service came from the package itself';
    findings.add({ code: 'policy-key-unpinned', file, message });
    return inside;
  }
  const same = keysIn(policyKey).find((key) =>
    ['kty', 'crv', 'x', 'y'].every((name) => inside?.[name] === key[name]),
  );
  if (same === undefined)
    findings.add({ code: 'grant-mismatch', file, message: 'is not the key that is pinned' });
  return same ?? keysIn(policyKey)[0];
}

/** The keys of a JWK Set (RFC 7517, section 5), or the one that is none. */
function keysIn(jwk: Fields): readonly Fields[] {
  const keys: unknown = jwk['keys'];
  if (!Array.isArray(keys)) return [jwk];
  return keys.map(fieldsOf).filter((key) => key !== undefined);
}

/** Chunk indices of a grant, the second one exclusive; undefined when it names none. */
export function chunksOf({ chunks }: Fields): readonly [number, number] | undefined {
  const bounds: readonly unknown[] = Array.isArray(chunks) ? chunks : [];
  const [start, end, ...more] = bounds;
  if (!isIndex(start) || !isIndex(end) || more.length > 0 || start >= end) return undefined;
  return [start, end];
}

/** Every chunk is opened by one grant, and the grants come in the order of what they open. */
function checkCover(
  grants: readonly SignedGrant[],
  chunks: number,
  bad: (file: string, message: string) => void,
): void {
  let next = 0;
  for (const { number, claims } of grants) {
    const [start, end] = chunksOf(claims) ?? [-1, -1];
    if (start !== next || end > chunks) {
      const range = JSON.stringify(claims['chunks']);
      bad(grantPath(number), `opens the chunks ${range}, where those from ${next} on are due, of ${chunks}`);
      return;
    }
    next = end;
  }
  if (grants.length > 0 && next < chunks)
    bad(grantPath(grants.length - 1), `is the last, and no grant opens the chunks from ${next} on`);
}

/** The grants without a gap, from the first one on. */
function grantFiles(files: ReadonlyMap<string, PackedFile>): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (;;) {
    const content = files.get(grantPath(found.length))?.content;
    if (content === undefined) return found;
    found.push(content);
  }
}

/** The first thing in which the grant is not one for opening this recording at this dock for that person. */
function differenceOf(grant: Fields, { accepted, dock }: Opened, person: unknown): string | undefined {
  const { recording, manifest } = accepted;
  const wanted = { kind: 'open', action: 'view', recording, manifest, aud: dock, sub: person };
  return Object.entries(wanted).find(([name, value]) => grant[name] !== value)?.[0];
}

/** Does the ledger say that it was granted, and then exported, to one person? */
function recordProblem({ claims, digest }: SignedGrant, opened: Opened): string | undefined {
  const { proven, accepted, files } = opened;
  const { recording } = accepted;
  const granted = proven.find(
    ({ entry }) => entry.type === 'granted' && entry.grant === digest && entry.recording === recording,
  );
  if (granted?.entry.type !== 'granted') return 'is in no proved entry of the ledger';
  const { grantId, purpose, person } = granted.entry;
  if (grantId !== claims['jti'] || purpose !== claims['purpose'])
    return 'is not for the purpose that the ledger names';
  const all = grantsDigest(files);
  const exported = proven.find(({ entry }) => entry.type === 'exported' && entry.grant === all);
  if (exported?.entry.type !== 'exported') return undefined;
  if (exported.index < granted.index) return 'was used before the ledger says that it was given';
  return exported.entry.person === person ? undefined : 'was used by somebody else than the ledger names';
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

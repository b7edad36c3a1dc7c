import { createHash, createHmac } from 'node:crypto';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { grantPayload, openingGrantIn, type GrantClaims } from '../../dock/policy/custodian/grant.ts';
import type { Sealed } from '../../dock/policy/custodian/hpke.ts';
import type { KeyRequest } from '../../dock/policy/custodian/key-request.ts';
import { proofIn } from '../../dock/policy/custodian/opening.ts';
import type { WrapsOnFile } from '../../dock/policy/custodian/unwrap.ts';
import { KeysError, TrustError } from '../../dock/policy/errors.ts';
import type { KeyPapers, Papers } from '../../dock/policy/papers.ts';
import { concat, equal, fromBase64, toHex } from '../../proto/bytes.ts';
import { chunkKey } from '../../proto/chunk-key.ts';
import type { Hmac } from '../../proto/hkdf.ts';
import { recipientThumbprint } from '../../proto/identity.ts';
import { keysInfo, type KeyRange } from '../../proto/key-range.ts';
import { encodeManifestHeader } from '../../proto/manifest.ts';
import { decodeWraps, wrapInfo } from '../../proto/wraps.ts';
import type { Chance } from '../fault/chance.ts';
import { openWrap, promptSealer, type WrapPair } from '../fault/hpke.ts';
import { openStatement, state, type Stated, type StatementKey } from './statement.ts';

/** How the policy service calls itself in what it signs. */
export const OFFICE_URL = 'https://policy.example';
const TOKEN_LIFE_S = 900;
const PAGE_SKEW_S = 60;

export const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();

/** What the office of a world signs and opens with. */
export interface PaperParts {
  readonly signer: StatementKey;
  /** Of the pages that anybody ever signed in at. */
  readonly pages: ReadonlyMap<string, StatementKey>;
  readonly custodian: WrapPair;
  readonly chance: Chance;
  /** Told of every grant when it is signed. */
  readonly onGrant: (claims: GrantClaims) => void;
}

type Claims = Readonly<Record<string, unknown>>;

/** A person's token, as the service gives it after a sign-in: for 15 minutes, and bound to the page's key. */
export function signToken(
  signer: StatementKey,
  viewer: { readonly person: string; readonly roles: readonly string[]; readonly page: string },
  nowMs: number,
): string {
  const iat = Math.floor(nowMs / 1_000);
  const { person, roles, page } = viewer;
  const times = { iat, exp: iat + TOKEN_LIFE_S };
  const bound = { iss: OFFICE_URL, aud: 'holdfast-viewer', cnf: { jkt: page } };
  return state('holdfast-viewer+jwt', { sub: person, name: person, roles, ...bound, ...times }, signer);
}

/** The papers of the real court and custodian, by statements and wraps that answer at once. What they say is judged by the real code. */
export function officePapers({ signer, pages, custodian, chance, onGrant }: PaperParts): Papers & KeyPapers {
  let grants = 0;
  const own = (jws: string, typ: string, why: () => Error): Claims => {
    const opened = openStatement(jws, typ, (kid) => (kid === signer.thumbprint ? signer : undefined));
    if (opened === undefined) throw why();
    return opened.claims;
  };
  return {
    newId: () => `grant-${(grants += 1)}-${toHex(chance.bytes(4))}`,
    checkOpening: async ({ token, proof }, { claim, nowMs }) => {
      const said = own(token, 'holdfast-viewer+jwt', () =>
        distrust('BAD_TOKEN', 'the token is none of ours'),
      );
      if (!(Number(said['exp']) > nowMs / 1_000)) throw distrust('BAD_TOKEN', 'the token has expired');
      const page = openPage(pages, proof, { typ: 'holdfast-open+jwt', nowMs });
      const viewer = { person: String(said['sub']), thumbprint: thumbprintIn(said) };
      return proofIn({ payload: page.claims, signer: page.signer }, viewer, claim);
    },
    signGrant: async (grant, nowMs) => {
      onGrant(grant);
      return state('holdfast-grant+jwt', grantPayload(OFFICE_URL, grant, nowMs), signer);
    },
    openOpeningGrant: async (jws, nowMs) => {
      const why = (): Error => new KeysError('BAD_GRANT', 'it is not one of ours', { retry: 'never' });
      return openingGrantIn(own(jws, 'holdfast-grant+jwt', why), nowMs);
    },
    openKeyRequest: async (jws, nowMs) =>
      keyRequestIn(jws, openPage(pages, jws, { typ: 'holdfast-keys+jwt', nowMs })),
    unwrap: async (onFile) => unwrap(custodian, onFile),
    sealChunkKeys: (recordingKey, range, point) => sealKeys(recordingKey, { range, point, chance }),
  };
}

function thumbprintIn({ cnf }: Claims): string {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? String(cnf.jkt) : '';
}

function openPage(
  pages: ReadonlyMap<string, StatementKey>,
  jws: string,
  { typ, nowMs }: { readonly typ: string; readonly nowMs: number },
): Stated {
  const opened = openStatement(jws, typ, (kid) => pages.get(kid));
  if (opened === undefined) throw distrust('BAD_PROOF', 'its signature does not hold');
  if (!(Math.abs(Number(opened.claims['iat']) - nowMs / 1_000) <= PAGE_SKEW_S))
    throw distrust('BAD_PROOF', 'it was not made within the last minute');
  return opened;
}

function keyRequestIn(jws: string, { claims, signer }: Stated): KeyRequest {
  const { grant, entry, proof, from, hashes, point } = claims;
  const consistency = Array.isArray(hashes) ? hashes.map((hash) => fromBase64(String(hash))) : [];
  return {
    hash: toHex(createHash('sha256').update(jws).digest()),
    signer,
    grant: String(grant),
    entry: fromBase64(String(entry)),
    proof: String(proof),
    growth: typeof from === 'number' ? { consistencyFrom: from, consistency } : {},
    point: fromBase64(String(point)),
  };
}

/** The recording's key, by the custodian's key alone; refused as the real one refuses. */
function unwrap(custodian: WrapPair, { manifest, wraps }: WrapsOnFile): Uint8Array {
  const { sha256 } = nodeChecker;
  const isNamed = manifest.wrapsSha256 !== undefined && equal(sha256(wraps), manifest.wrapsSha256);
  const thumbprint = recipientThumbprint(custodian.point, sha256);
  const wrap = isNamed ? decodeWraps(wraps).find(({ recipient }) => equal(recipient, thumbprint)) : undefined;
  const key = wrap && openWrap(wrap, wrapInfo(encodeManifestHeader(manifest), sha256), custodian);
  if (key !== undefined) return key;
  throw new KeysError('NOT_KEYED', 'no wrap opens for this recording', { retry: 'never' });
}

async function sealKeys(
  recordingKey: Uint8Array,
  to: { readonly range: KeyRange; readonly point: Uint8Array; readonly chance: Chance },
): Promise<Sealed> {
  const { recording, start, end } = to.range;
  const indices = Array.from({ length: end - start }, (_none, at) => start + at);
  const keys = concat(...indices.map((index) => chunkKey(recordingKey, { recording, index }, hmacSha256)));
  const page = { kind: 'recovery', id: 'page', publicKey: to.point } as const;
  const [sealed] = await promptSealer([page], to.chance).wrap(keys, keysInfo(to.range));
  if (sealed === undefined) throw new TypeError('nothing was sealed');
  return { enc: sealed.enc, ciphertext: sealed.ciphertext };
}

function distrust(code: TrustError['code'], why: string): TrustError {
  return new TrustError(code, why, { retry: 'never' });
}

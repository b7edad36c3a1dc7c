import type { KeyRange } from '../../proto/key-range.ts';
import type { CustodianKey } from './custodian/custodian-key.ts';
import { openOpeningGrant, signGrant, type GrantClaims, type OpeningGrant } from './custodian/grant.ts';
import type { Sealed } from './custodian/hpke.ts';
import { openKeyRequest, type KeyRequest } from './custodian/key-request.ts';
import { randomId } from './custodian/keys.ts';
import { checkOpening, type OpenedProof, type Opening, type OpeningClaim } from './custodian/opening.ts';
import type { Issuer } from './custodian/token.ts';
import { sealChunkKeys, unwrapRecordingKey, type WrapsOnFile } from './custodian/unwrap.ts';

/** How a court reads what pages signed and signs what it gives. */
export interface Papers {
  /** Of a grant; never the same twice. */
  newId(this: void): string;
  /** See {@link checkOpening}. */
  checkOpening(
    this: void,
    opening: Opening,
    at: { readonly claim: OpeningClaim; readonly nowMs: number },
  ): Promise<OpenedProof>;
  /** See {@link signGrant}. */
  signGrant(this: void, grant: GrantClaims, nowMs: number): Promise<string>;
}

/** What the handing over of keys needs besides. */
export interface KeyPapers {
  /** See {@link openKeyRequest}. */
  openKeyRequest(this: void, jws: string, nowMs: number): Promise<KeyRequest>;
  /** See {@link openOpeningGrant}. */
  openOpeningGrant(this: void, jws: string, nowMs: number): Promise<OpeningGrant>;
  /** The recording's key, by any key that this custodian has; see {@link unwrapRecordingKey}. */
  unwrap(this: void, onFile: WrapsOnFile): Promise<Uint8Array>;
  /** See {@link sealChunkKeys}. */
  sealChunkKeys(this: void, recordingKey: Uint8Array, range: KeyRange, point: Uint8Array): Promise<Sealed>;
}

/** By the service's own key: JWS (RFC 7515) with ES256. */
export function papersOf(issuer: Issuer): Papers {
  return {
    newId: randomId,
    checkOpening: (opening, at) => checkOpening(issuer, opening, at),
    signGrant: (grant, nowMs) => signGrant(issuer, grant, nowMs),
  };
}

/** The same, and HPKE (RFC 9180) by the custodian's keys. */
export function keyPapersOf(issuer: Issuer, custodian: CustodianKey): KeyPapers {
  return {
    openKeyRequest: (jws, nowMs) => openKeyRequest(jws, { audience: issuer.url, nowMs }),
    openOpeningGrant: (jws, nowMs) => openOpeningGrant(issuer, jws, nowMs),
    unwrap: (onFile) => unwrapRecordingKey([custodian, ...custodian.retired], onFile),
    sealChunkKeys,
  };
}

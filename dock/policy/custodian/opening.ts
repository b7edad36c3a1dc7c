import type { ChunkSpan } from '../../../proto/fragments.ts';
import { TrustError } from '../errors.ts';
import { openEmbedded, type Embedded } from './embedded.ts';
import { openViewerToken, type Issuer, type Viewer } from './token.ts';

/** What the page gave the dock to prove that this person opens this recording now. */
export interface Opening {
  readonly token: string;
  readonly proof: string;
}

/** What the dock says it is about; every word must be in the proof as well. */
export interface OpeningClaim {
  readonly person: string;
  readonly recording: string;
  readonly purpose: string;
  readonly dock: string;
  /** Absent when it asks for the recording from its start. */
  readonly chunks?: ChunkSpan | undefined;
}

/** A proof that holds. Whether it was used before is for the journal to say. */
export interface OpenedProof {
  readonly thumbprint: string;
  readonly nonce: string;
}

const TYP = 'holdfast-open+jwt';
const PROOF_CHARACTERS_MAX = 8 * 1024;
const NONCE = /^[\x21-\x7e]{16,128}$/;

/**
 * Verifies both: the token is ours and speaks for that person, and the proof is signed by the very key the token
 * binds, for that recording, purpose and dock, within 60 s of now. Throws TrustError BAD_TOKEN or BAD_PROOF.
 */
export async function checkOpening(
  issuer: Issuer,
  opening: Opening,
  at: { readonly claim: OpeningClaim; readonly nowMs: number },
): Promise<OpenedProof> {
  const { claim, nowMs } = at;
  const viewer = await openViewerToken(issuer, opening.token, nowMs);
  if (viewer.person !== claim.person) throw otherPerson();
  const expected = { typ: TYP, charactersMax: PROOF_CHARACTERS_MAX, nowMs };
  return proofIn(await openEmbedded(opening.proof, expected, badProof), viewer, claim);
}

/** The proof in what a page signed, for a token that holds. Throws TrustError BAD_PROOF. */
export function proofIn(
  { payload, signer }: Embedded,
  { person, thumbprint }: Pick<Viewer, 'person' | 'thumbprint'>,
  claim: OpeningClaim,
): OpenedProof {
  if (person !== claim.person) throw otherPerson();
  if (signer !== thumbprint) throw badProof('it is signed with another key than the one the token binds');
  if (payload['recording'] !== claim.recording) throw badProof('it is for another recording');
  if (payload['purpose'] !== claim.purpose) throw badProof('it is for another purpose');
  if (!isSpan(payload['chunks'], claim.chunks)) throw badProof('it is for other chunks');
  const { nonce } = payload;
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) throw badProof('its nonce is missing or too short');
  if (payload.aud !== claim.dock) throw badProof('it is for another dock');
  return { thumbprint, nonce };
}

function otherPerson(): TrustError {
  return badProof('the token speaks for somebody else');
}

/** What the person asked for is what is asked: whoever passes it on can neither widen nor narrow it. */
function isSpan(signed: unknown, claimed: ChunkSpan | undefined): boolean {
  if (claimed === undefined || !Array.isArray(signed)) return signed === claimed;
  return signed.length === 2 && signed[0] === claimed[0] && signed[1] === claimed[1];
}

function badProof(why: string, cause?: unknown): TrustError {
  return new TrustError('BAD_PROOF', `the signed opening is not believed: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}

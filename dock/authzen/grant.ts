import { toHex } from '../../proto/bytes.ts';
import type { Grant, Question } from '../ports.ts';
import { wrongTime, type OpenJws, type Unbelieved } from './jws.ts';
import { isCount, isFactIndex, isFields, isList, isWord, type Fields } from './shape.ts';

/** What a grant must match besides the question itself. */
export interface Expected {
  readonly question: Question;
  readonly dockId: string;
  /** Hex; made by this dock for this one question. */
  readonly nonce: string;
  readonly issuer: string | undefined;
  readonly nowUs: number;
}

// The service makes grants for 60 s; twice that is the most we would believe.
const GRANT_LIFE_S_MAX = 120;

/**
 * Checks a grant (JWS, `typ` holdfast-grant+jwt) against the question it answers. Every field counts: a true
 * grant for another person, recording, purpose or dock, or for an older question, is as wrong as a forged one.
 */
export async function openGrant(
  jws: string,
  openJws: OpenJws,
  expected: Expected,
): Promise<Grant | Unbelieved> {
  const opened = await openJws(jws, 'holdfast-grant+jwt');
  if ('refused' in opened) return opened;
  const { claims } = opened;
  const other = otherThanAsked(claims, expected);
  if (other !== undefined) return { refused: `a grant for another ${other}` };
  const time = wrongTime(claims, expected.nowUs, GRANT_LIFE_S_MAX);
  if (time !== undefined) return { refused: `a grant that is ${time}` };
  const grant = readGrant(jws, claims);
  if (grant === undefined) return { refused: 'a malformed grant' };
  return isWithin(grant, expected.question) ? grant : { refused: 'a grant for other chunks' };
}

function otherThanAsked(claims: Fields, { question, dockId, nonce, issuer }: Expected): string | undefined {
  const wanted: readonly (readonly [claim: string, value: string | undefined, name: string])[] = [
    ['iss', issuer, 'issuer'],
    ['aud', dockId, 'dock'],
    ['kind', question.opening === undefined ? 'release' : 'open', 'kind of use'],
    ['sub', question.person, 'person'],
    ['recording', question.recordingId, 'recording'],
    ['manifest', toHex(question.manifestSha256), 'manifest'],
    ['action', question.action, 'action'],
    ['purpose', question.purpose, 'purpose'],
    ['nonce', nonce, 'question'],
  ];
  const wrong = wanted.find(([claim, value]) => value !== undefined && claims[claim] !== value);
  if (wrong !== undefined) return wrong[2];
  if (question.opening === undefined) return undefined;
  const { cnf } = claims;
  return isFields(cnf) && cnf['jkt'] === question.opening.keyThumbprint ? undefined : 'key';
}

/** What opens must open something, and nothing that was not asked for or is not held here. */
function isWithin({ chunkStart, chunkEnd }: Grant, { opening }: Question): boolean {
  if (opening === undefined) return true;
  const [start, end] = opening.within;
  return chunkStart >= start && chunkStart < chunkEnd && chunkEnd <= end;
}

function readGrant(jws: string, claims: Fields): Grant | undefined {
  const { jti, iat, exp, regime, policySet, newestFact, chunks, authorisedUntil } = claims;
  if (!isWord(jti) || !isWord(regime) || !isWord(policySet)) return undefined;
  if (typeof iat !== 'number' || typeof exp !== 'number' || !isFactIndex(newestFact)) return undefined;
  if (!(authorisedUntil === undefined || isCount(authorisedUntil))) return undefined;
  if (!isList(chunks, 2, isCount)) return undefined;
  const [chunkStart, chunkEnd] = chunks;
  if (chunkStart === undefined || chunkEnd === undefined || chunkStart > chunkEnd) return undefined;
  const grant = { jws, id: jti, expiresAtUs: exp * 1_000_000, regime, policySet, newestFact };
  if (authorisedUntil === undefined) return { ...grant, chunkStart, chunkEnd };
  // The two clocks may differ, so what is left is measured by the one that the authorisation is judged by.
  const authorised = { untilS: authorisedUntil, leftUs: (authorisedUntil - iat) * 1_000_000 };
  return { ...grant, chunkStart, chunkEnd, authorised };
}

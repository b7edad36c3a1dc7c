import { isPersonId } from '../../proto/ids.ts';
import type { Viewer } from '../ports.ts';
import { wrongTime, type OpenJws } from './jws.ts';
import { isFields, isList, isText } from './shape.ts';

// The service makes tokens for 15 minutes; an hour is the most we would believe.
const TOKEN_LIFE_S_MAX = 3_600;
const NAME_CHARACTERS_MAX = 200;
const ROLES_MAX = 32;
// RFC 7638 thumbprint with SHA-256: 32 bytes as base64url.
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** The person a viewer token (JWT, `typ` holdfast-viewer+jwt) speaks for, or why it is not believed. */
export async function openToken(
  token: string,
  openJws: OpenJws,
  expected: { readonly issuer: string | undefined; readonly nowUs: number },
): Promise<Viewer | { readonly refused: string }> {
  const opened = await openJws(token, 'holdfast-viewer+jwt');
  if ('refused' in opened) return { refused: `the token is ${opened.refused}` };
  const { sub, name, roles, aud, cnf, exp, iss } = opened.claims;
  if (aud !== 'holdfast-viewer') return { refused: 'the token is for another use' };
  if (expected.issuer !== undefined && iss !== expected.issuer)
    return { refused: 'the token is by another issuer' };
  const time = wrongTime(opened.claims, expected.nowUs, TOKEN_LIFE_S_MAX);
  if (time !== undefined) return { refused: `the token is ${time}` };
  const thumbprint = isFields(cnf) ? cnf['jkt'] : undefined;
  if (
    typeof sub !== 'string' ||
    !isPersonId(sub) ||
    !isText(name, NAME_CHARACTERS_MAX) ||
    !isList(roles, ROLES_MAX, isRole) ||
    typeof exp !== 'number' ||
    typeof thumbprint !== 'string' ||
    !THUMBPRINT.test(thumbprint)
  ) {
    return { refused: 'the token is malformed' };
  }
  return { person: sub, name, roles, keyThumbprint: thumbprint, expiresAtUs: exp * 1_000_000 };
}

function isRole(value: unknown): value is string {
  return isText(value, 64);
}

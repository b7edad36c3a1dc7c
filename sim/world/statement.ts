import { createHash, createHmac } from 'node:crypto';
import { equal, fromBase64, text, toBase64, utf8 } from '../../proto/bytes.ts';
import type { Chance } from '../fault/chance.ts';

/**
 * What somebody signs statements with in a world: whoever has this object can sign, and whoever has it can check. It stands for ES256,
 * whose signatures are random and come from a thread pool when they like, so that no run with them could be replayed.
 */
export interface StatementKey {
  /** 43 characters of base64url, as long as an RFC 7638 thumbprint. */
  readonly thumbprint: string;
  mac(message: Uint8Array): Uint8Array;
}

export function statementKey(chance: Chance): StatementKey {
  const secret = chance.bytes(32);
  return {
    thumbprint: createHash('sha256').update(secret).digest('base64url'),
    mac: (message) => createHmac('sha256', secret).update(message).digest(),
  };
}

/** A signed statement whose signature holds. */
export interface Stated {
  readonly claims: Readonly<Record<string, unknown>>;
  /** The thumbprint of the key that signed. */
  readonly signer: string;
}

/** Signs claims in the form of a compact JWS. */
export function state(typ: string, claims: object, key: StatementKey): string {
  const header = toBase64(utf8(JSON.stringify({ typ, kid: key.thumbprint })));
  const said = `${header}.${toBase64(utf8(JSON.stringify(claims)))}`;
  return `${said}.${toBase64(key.mac(utf8(said)))}`;
}

/** Opens what {@link state} made of this `typ` with a key that `keyNamed` knows; undefined for anything else. */
export function openStatement(
  statement: unknown,
  typ: string,
  keyNamed: (thumbprint: string) => StatementKey | undefined,
): Stated | undefined {
  if (typeof statement !== 'string') return undefined;
  const [header = '', payload = '', signature = ''] = statement.split('.');
  try {
    const { typ: named, kid } = fieldsOf(header);
    const key = typeof kid === 'string' && named === typ ? keyNamed(kid) : undefined;
    if (key === undefined || !equal(key.mac(utf8(`${header}.${payload}`)), fromBase64(signature)))
      return undefined;
    return { claims: fieldsOf(payload), signer: key.thumbprint };
  } catch {
    return undefined;
  }
}

/** What it says, whoever signed it. */
export function claimsIn(statement: string): Readonly<Record<string, unknown>> {
  return fieldsOf(statement.split('.')[1] ?? '');
}

function fieldsOf(part: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(text(fromBase64(part)));
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

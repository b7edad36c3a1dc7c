import { createHash } from 'node:crypto';
import { fromBase64, text, toBase64, toHex, utf8 } from '../../proto/bytes.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import type { Signer } from './town.ts';

/** A signed statement whose signature holds. */
export interface Stated {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Raw key that signed, hex. */
  readonly by: string;
  /** {@link thumbprintOf} that key. */
  readonly signer: string;
}

/**
 * Signs claims in the form of a compact JWS. With Ed25519, whose signatures are the same each time and come at once: those of
 * the product are ES256 by WebCrypto, random and from a thread pool, and no run with them could be replayed.
 */
export function state(typ: string, claims: object, signer: Signer): string {
  const header = toBase64(utf8(JSON.stringify({ typ, key: toBase64(signer.publicKey) })));
  const said = `${header}.${toBase64(utf8(JSON.stringify(claims)))}`;
  return `${said}.${toBase64(signer.sign(utf8(said)))}`;
}

/** Opens what {@link state} made of this `typ`; undefined for anything else. Whose key it was, is for the caller to know. */
export function openStatement(statement: unknown, typ: string): Stated | undefined {
  if (typeof statement !== 'string') return undefined;
  const [header = '', payload = '', signature = ''] = statement.split('.');
  try {
    const { typ: named, key } = fieldsOf(header);
    if (named !== typ || typeof key !== 'string') return undefined;
    const publicKey = fromBase64(key);
    const holds = nodeChecker.verify(publicKey, utf8(`${header}.${payload}`), fromBase64(signature));
    if (!holds) return undefined;
    return { claims: fieldsOf(payload), by: toHex(publicKey), signer: thumbprintOf(publicKey) };
  } catch {
    return undefined;
  }
}

/** A key's name, as long as an RFC 7638 thumbprint: 43 characters of base64url. */
export function thumbprintOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('base64url');
}

function fieldsOf(part: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(text(fromBase64(part)));
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

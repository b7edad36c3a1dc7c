import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, calculateJwkThumbprint, type CryptoKey, type JWK } from 'jose';

/** What a dock answered to an opening. */
export interface Opening {
  readonly session: string;
  readonly grant: string;
  readonly entry: string;
  readonly proof: string;
}

/** Somebody who asks: a bearer token or none, and a page with a key of its own. */
export class Caller {
  /** As the table names the column. */
  readonly column: string;
  readonly person: string;
  readonly token: string | undefined;
  readonly jwk: JWK;
  /** Of the released recording; absent where none was given. */
  opening: Opening | undefined;
  readonly #key: CryptoKey;

  private constructor(given: Pick<Caller, 'column' | 'person' | 'token' | 'jwk'> & { key: CryptoKey }) {
    this.column = given.column;
    this.person = given.person;
    this.token = given.token;
    this.jwk = given.jwk;
    this.#key = given.key;
  }

  /** `tokenFor` makes the token that is to bind this page's key. */
  static async make(
    { column, person }: { readonly column: string; readonly person: string },
    tokenFor: (page: { readonly jwk: JWK; readonly thumbprint: string }) => Promise<string | undefined>,
  ): Promise<Caller> {
    const { privateKey: key, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const token = await tokenFor({ jwk, thumbprint: await calculateJwkThumbprint(jwk) });
    return new Caller({ column, person, token, jwk, key });
  }

  get headers(): Readonly<Record<string, string>> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }

  /** A compact JWS as this page makes it, key in the header. */
  sign(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
    return new SignJWT({ nonce: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ, jwk: this.jwk })
      .setIssuedAt()
      .sign(this.#key);
  }
}

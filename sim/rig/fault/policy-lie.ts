import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';

/**
 * How a policy service lies to a dock. `allow` and `unsigned` come from somebody without its key, as does an old grant (`replayed`). The
 * four that are about something `other` or `expired` are right in every other way: a service that went wrong, or was broken into, could
 * sign them. The last four are no answers at all.
 */
export type PolicyLie =
  | 'allow'
  | 'deny'
  | 'unsigned'
  | 'replayed'
  | 'other-recording'
  | 'other-person'
  | 'other-key'
  | 'expired'
  | 'truncated'
  | 'error'
  | 'html'
  | 'huge';

/** What a lie is made of. */
export interface LieMaterial {
  /** The dock's question, as parsed. */
  readonly question: Readonly<Record<string, unknown>>;
  /** SHA-256 of the recording's manifest, hex, when the dock has registered it. */
  readonly manifest: string | undefined;
  /** The service's own answer and a grant it gave before, where they are needed. */
  readonly honest: string;
  readonly oldGrant: string | undefined;
  /** Name of the service as issuer. */
  readonly issuer: string;
}

/** A whole HTTP answer. */
export interface LyingAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const GRANT_LIFE_S = 60;
const HUGE_CHARACTERS = 1024 * 1024;
const OTHER_RECORDING = 'f'.repeat(32);
const OTHER_KEY = 'A'.repeat(43);
const TYP = 'holdfast-grant+jwt';

/** Makes false answers. */
export class Liar {
  readonly #own: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  readonly #signing: KeyObject | undefined;

  /** `signingPem`: the service's own private key (PKCS#8), for lies that it alone could sign. */
  constructor(signingPem: string | undefined) {
    this.#signing = signingPem === undefined ? undefined : createPrivateKey(signingPem);
  }

  /** Throws TypeError for a lie that takes what is not there: the service's key, or a grant to tell again. */
  async answer(lie: PolicyLie, material: LieMaterial): Promise<LyingAnswer> {
    switch (lie) {
      case 'error':
        return { status: 500, contentType: 'application/json', body: '{"error":"internal"}' };
      case 'html':
        return { status: 200, contentType: 'text/html', body: '<!doctype html><title>Sign in</title>' };
      case 'truncated':
        return json(material.honest.slice(0, Math.floor(material.honest.length / 2)));
      case 'huge':
        return json(JSON.stringify({ decision: true, context: { reason: 'x'.repeat(HUGE_CHARACTERS) } }));
      case 'deny':
        return json(JSON.stringify(DENIED));
      case 'replayed':
        return allowed(existing(material.oldGrant, 'no grant was given before'));
      case 'allow':
      case 'unsigned':
      case 'other-recording':
      case 'other-person':
      case 'other-key':
      case 'expired':
        return allowed(await this.#grant(lie, material));
      default:
        return lie satisfies never;
    }
  }

  async #grant(lie: keyof typeof TWISTS, material: LieMaterial): Promise<string> {
    const claims = { ...(await claimsFor(material)), ...TWISTS[lie] };
    if (lie === 'unsigned') return unsigned(claims);
    const real = this.#signing;
    const key = lie === 'allow' ? this.#own : existing(real, `"${lie}" takes the key of the service`);
    // A forger would put the name of the right key on it: that is public.
    const kid = await calculateJwkThumbprint(createPublicKey(real ?? key).export({ format: 'jwk' }));
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, typ: TYP }).sign(key);
  }
}

const DENIED = {
  decision: false,
  context: { reason: 'Not today.', missing: [], regime: 'doj', standing: 'none' },
};
const TWISTS = {
  allow: {},
  unsigned: {},
  'other-recording': { recording: OTHER_RECORDING },
  'other-person': { sub: 'somebody-else' },
  'other-key': { cnf: { jkt: OTHER_KEY } },
  expired: { iat: 1_000_000_000, exp: 1_000_000_000 + GRANT_LIFE_S },
} as const;

/** A grant that answers exactly this question, as the service would write it. */
async function claimsFor({ question, manifest, issuer }: LieMaterial): Promise<JWTPayload> {
  const context = fieldsIn(question['context']);
  const opening = context['opening'] === undefined ? undefined : fieldsIn(context['opening']);
  const iat = Math.floor(Date.now() / 1_000);
  const chunks = context['chunks'];
  return {
    kind: opening === undefined ? 'release' : 'open',
    recording: fieldsIn(question['resource'])['id'],
    ...{ manifest: manifest ?? '0'.repeat(64), purpose: context['purpose'], nonce: context['nonce'] },
    action: fieldsIn(question['action'])['name'],
    ...{ policySet: 'lie', regime: 'doj', newestFact: 1 },
    chunks: Array.isArray(chunks) ? chunks : [0, 1],
    ...(opening === undefined ? {} : { cnf: { jkt: await thumbprintIn(opening['proof']) } }),
    ...{ iss: issuer, aud: String(context['dock']), sub: String(fieldsIn(question['subject'])['id']) },
    ...{ jti: randomUUID(), iat, exp: iat + GRANT_LIFE_S },
  };
}

/** Thumbprint of the page's key, which stands in the proof that it signed. */
async function thumbprintIn(proof: unknown): Promise<string> {
  const { jwk } = typeof proof === 'string' ? decodeProtectedHeader(proof) : {};
  return jwk === undefined ? OTHER_KEY : calculateJwkThumbprint(jwk);
}

function unsigned(claims: JWTPayload): string {
  const plain = new UnsecuredJWT(claims).encode();
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: TYP })).toString('base64url');
  return plain.replace(/^[^.]+/, header);
}

function allowed(grant: string): LyingAnswer {
  return json(JSON.stringify({ decision: true, context: { reason: 'Everybody may.', grant } }));
}

function json(body: string): LyingAnswer {
  return { status: 200, contentType: 'application/json', body };
}

function existing<Thing>(thing: Thing | undefined, missing: string): Thing {
  if (thing === undefined) throw new TypeError(missing);
  return thing;
}

/** The members of a JSON object; none of anything else. */
export function fieldsIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

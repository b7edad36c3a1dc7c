import { isPersonId } from '../../../proto/ids.ts';
import { SignInError } from '../errors.ts';
import type { Role } from '../facts/fact.ts';
import type { PersonState } from '../facts/knowledge.ts';
import { SIGN_IN_LIFE_S } from './token.ts';

/** Where a claim stands: its name, and the names inside it when it is an object. */
export type ClaimPath = readonly [string, ...string[]];

/** How the word of an OpenID provider is read. */
export interface ClaimRules {
  readonly person: {
    readonly claim: ClaimPath;
    /** What the provider says to whom that is here; without it the claim itself is the person. */
    readonly ids?: ReadonlyMap<string, string> | undefined;
  };
  /** For people. */
  readonly name: ClaimPath;
  /** Without it the roles are those of the facts. */
  readonly roles?:
    | { readonly claim: ClaimPath; readonly map: ReadonlyMap<string, readonly Role[]> }
    | undefined;
  /** One of these classes of authentication is asked for, and must have been met. */
  readonly acr?: readonly string[] | undefined;
  /** The one domain whose people are let in (Google Workspace). */
  readonly hd?: string | undefined;
  /** Whoever does not say when the person proved who they are is not believed. */
  readonly requireAuthTime: boolean;
}

/** Whom the provider named. Nothing of it has been held against the facts yet. */
export interface Identified {
  readonly person: string;
  readonly name: string;
  /** Undefined where the rules read no roles. */
  readonly roles: readonly Role[] | undefined;
  /** When they proved who they are, seconds since 1970. */
  readonly signedInAtS: number;
}

export type Claims = Readonly<Record<string, unknown>>;

const NAME_CHARACTERS_MAX = 200;
const GROUPS_MAX = 10_000;
/** Two machines' clocks. */
const SKEW_S = 60;

/** Reads claims whose signature, issuer, audience, nonce and age have been verified. Throws SignInError. */
export function identify(claims: Claims, rules: ClaimRules, nowMs: number): Identified {
  checkAssurance(claims, rules);
  const person = personIn(claims, rules);
  return {
    person,
    name: nameIn(claims, rules.name) ?? person,
    roles: rolesIn(claims, rules.roles),
    signedInAtS: signedInAt(claims, rules, Math.floor(nowMs / 1_000)),
  };
}

/**
 * The roles that a sign-in is for: those on file that the provider gives as well, never more than either says. Throws SignInError
 * UNKNOWN_PERSON for whom no fact names, NO_ROLE when nothing is left.
 */
export function admit(
  { person, roles: given }: { readonly person: string; readonly roles: readonly string[] | undefined },
  onFile: PersonState | undefined,
): readonly Role[] {
  if (onFile === undefined) throw refused('UNKNOWN_PERSON', `nobody here is called ${person}`);
  const roles = given === undefined ? onFile.roles : onFile.roles.filter((role) => given.includes(role));
  if (roles.length > 0) return roles;
  const [here, there] = [onFile.roles.join(', '), given?.join(', ') ?? ''];
  throw refused('NO_ROLE', `${person} has the roles [${here}] on file and [${there}] by their groups`);
}

function personIn(claims: Claims, { person: { claim, ids } }: ClaimRules): string {
  const value = at(claims, claim);
  const said = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof said !== 'string') throw refused('UNKNOWN_PERSON', `there is no claim ${claim.join('.')}`);
  // Anybody may write somebody else's address into a profile.
  if (claim[0] === 'email' && claims['email_verified'] !== true)
    throw refused('UNKNOWN_PERSON', 'the provider has not verified the address that names the person');
  const person = ids === undefined ? said : ids.get(said);
  if (person !== undefined && isPersonId(person)) return person;
  throw refused('UNKNOWN_PERSON', `claim ${claim.join('.')} is ${JSON.stringify(said.slice(0, 64))}`);
}

function nameIn(claims: Claims, claim: ClaimPath): string | undefined {
  const value = at(claims, claim);
  const name = typeof value === 'string' ? value.trim().slice(0, NAME_CHARACTERS_MAX) : '';
  return name === '' ? undefined : name;
}

function rolesIn(claims: Claims, rules: ClaimRules['roles']): readonly Role[] | undefined {
  if (rules === undefined) return undefined;
  const value = at(claims, rules.claim);
  const groups: readonly unknown[] = Array.isArray(value) ? value.slice(0, GROUPS_MAX) : [value];
  const roles = groups.flatMap((group) => (typeof group === 'string' ? (rules.map.get(group) ?? []) : []));
  return [...new Set(roles)];
}

function checkAssurance(claims: Claims, { acr, hd }: ClaimRules): void {
  const { acr: met, hd: domain } = claims;
  if (acr !== undefined && !acr.some((one) => one === met))
    throw refused('OTHER_ASSURANCE', `acr is ${JSON.stringify(met ?? null)}, wanted: ${acr.join(', ')}`);
  if (hd !== undefined && domain !== hd)
    throw refused('OTHER_ASSURANCE', `hd is ${JSON.stringify(domain ?? null)}, wanted: ${hd}`);
}

/** A session at the provider may be older than the sign-in here; what is said of it here must not be younger. */
function signedInAt({ auth_time: saidS }: Claims, { requireAuthTime }: ClaimRules, nowS: number): number {
  if (saidS === undefined && !requireAuthTime) return nowS;
  if (typeof saidS !== 'number' || !Number.isFinite(saidS))
    throw refused('NOT_BELIEVED', 'auth_time is missing or is no number');
  if (saidS > nowS + SKEW_S) throw refused('NOT_BELIEVED', 'auth_time is in the future');
  if (saidS <= nowS - SIGN_IN_LIFE_S) throw refused('OTHER_ASSURANCE', 'the person signed in too long ago');
  return Math.min(Math.floor(saidS), nowS);
}

function at(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
}

function refused(code: SignInError['code'], why: string): SignInError {
  return new SignInError(code, why, { retry: 'never' });
}

import { existsSync } from 'node:fs';
import {
  badConfig,
  PEOPLE_FORMAT,
  PERSON,
  readPeople,
  readSources,
  SOURCE_NAME,
  type StoredSource,
} from './config.ts';
import { writeDurably } from './custodian/file.ts';
import { randomToken } from './custodian/keys.ts';
import { hashPassword } from './custodian/password.ts';
import { FACT_TYPES, OWN_SOURCE, ROLES } from './facts/fact.ts';

/**
 * Puts a person who may sign in into the file of accounts, or gives them a new password and new roles. Resolves with the roles, in the
 * order of the list of roles. Rejects with ConfigError when an id, a role or the file is wrong; the file is as it was then.
 */
export async function enrolPerson(one: {
  readonly person: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly org?: string;
  /** Asked for once the rest is known to be right. */
  readonly password: () => string;
  /** The file; made when missing. */
  readonly people: string;
}): Promise<readonly string[]> {
  const { person, name, org } = one;
  if (!PERSON.test(person))
    throw badConfig(`"${person}" cannot name a person: 1 to 64 of A-Z a-z 0-9 . _ @ -`);
  const roles = ROLES.filter((role) => one.roles.includes(role));
  const unknown = one.roles.find((role) => !ROLES.some((known) => known === role));
  if (unknown !== undefined || roles.length === 0) {
    throw badConfig(
      `${unknown === undefined ? 'no --role given' : `no role "${unknown}"`}; there are: ${ROLES.join(', ')}`,
    );
  }
  const before = existsSync(one.people) ? readPeople(one.people) : [];
  const password = await hashPassword(one.password());
  const account = { person, name, roles, ...(org === undefined ? {} : { org }), password };
  const people = [...before.filter((each) => each.person !== person), account];
  // Password hashes are for the service alone.
  writeDurably(one.people, `${JSON.stringify({ format: PEOPLE_FORMAT, people }, null, 2)}\n`, 0o600);
  return roles;
}

/**
 * Puts a system that may send facts into the file of sources, and its bearer token into `tokenFile` when one is named. Returns the token.
 * Throws ConfigError when a name, a type or the file is wrong, or the source is there already and is not to be replaced.
 */
export function enrolSource(source: {
  readonly name: string;
  readonly may: readonly StoredSource['may'][number][];
  /** The file; made when missing. */
  readonly sources: string;
  readonly tokenFile?: string;
  readonly replace?: boolean;
}): string {
  const { name, may, tokenFile } = source;
  if (!SOURCE_NAME.test(name) || name === OWN_SOURCE) throw badConfig(`"${name}" cannot name a source`);
  const unknown = may.find((type) => type !== '*' && !FACT_TYPES.includes(type));
  if (unknown !== undefined)
    throw badConfig(`no fact type "${unknown}"; there are: ${FACT_TYPES.join(', ')}`);
  const before = existsSync(source.sources) ? readSources(source.sources) : [];
  if (before.some((one) => one.name === name) && source.replace !== true) {
    throw badConfig(`${source.sources} already has ${name}; --replace gives it a new token`);
  }
  const token = randomToken();
  const sources = [...before.filter((one) => one.name !== name), { name, token, may }];
  writeDurably(source.sources, `${JSON.stringify(sources, null, 2)}\n`, 0o600);
  if (tokenFile !== undefined) writeDurably(tokenFile, `${token}\n`, 0o600);
  return token;
}

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isPersonId } from '../../../proto/ids.ts';
import { badConfig, readDocument, readText } from '../config.ts';
import type { ClaimPath } from '../custodian/oidc-claims.ts';
import type { ProviderSettings } from '../custodian/oidc.ts';
import { ROLES } from '../facts/fact.ts';
import { isLoopbackPage } from './origin.ts';

const WORD = z.string().min(1).max(256);
const claim = z
  .union([WORD, z.array(WORD).min(1).max(8)])
  .transform((path): ClaimPath => (typeof path === 'string' ? [path] : [path[0] ?? '', ...path.slice(1)]));
const file = z.strictObject({
  issuer: z
    .string()
    .max(2_048)
    .refine(isIssuer, 'an https URL without query and fragment; http only on this machine'),
  clientId: WORD,
  clientSecretFile: WORD.optional(),
  clientSecretEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
    .optional(),
  clientAuthentication: z.enum(['basic', 'post', 'none']).default('basic'),
  label: z.string().min(1).max(100),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'one scope in each text'))
    .max(32)
    .refine((scopes) => scopes.includes('openid'), 'must have "openid"')
    .default(['openid', 'profile']),
  userinfo: z.boolean().default(false),
  person: z.strictObject({
    claim,
    ids: z.record(z.string().max(256), z.string().refine(isPersonId, 'cannot name a person')).optional(),
  }),
  name: claim.default(['name']),
  roles: z.strictObject({ claim, map: z.record(WORD, z.array(z.enum(ROLES)).min(1)) }).optional(),
  acr: z
    .array(z.string().regex(/^[\x21-\x7e]{1,256}$/))
    .min(1)
    .max(16)
    .optional(),
  hd: WORD.optional(),
  requireAuthTime: z.boolean().default(false),
});

/**
 * Reads the file that `--oidc` names, and the secret that this file points to: another file, beside it when its path is relative, or a
 * variable of `environment`. Throws ConfigError BAD_CONFIG with the place in it and what is wrong there.
 */
export function readOidc(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  const parsed = file.safeParse(jsonOf(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw badConfig(`${path}: ${place === '' ? '' : `${place}: `}${issue?.message ?? 'not as it should be'}`);
  }
  const {
    clientSecretFile,
    clientSecretEnv,
    clientAuthentication: kind,
    person,
    roles,
    ...rest
  } = parsed.data;
  const credential =
    kind === 'none'
      ? noSecret(path, clientSecretFile ?? clientSecretEnv)
      : { kind, secret: secretOf(path, { clientSecretFile, clientSecretEnv }, environment) };
  return {
    ...rest,
    credential,
    person: { claim: person.claim, ids: person.ids && new Map(Object.entries(person.ids)) },
    roles: roles && { claim: roles.claim, map: new Map(Object.entries(roles.map)) },
  };
}

interface Whereabouts {
  readonly clientSecretFile: string | undefined;
  readonly clientSecretEnv: string | undefined;
}

function secretOf(
  path: string,
  { clientSecretFile, clientSecretEnv }: Whereabouts,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if ((clientSecretFile === undefined) === (clientSecretEnv === undefined)) {
    throw badConfig(
      `${path}: give clientSecretFile or clientSecretEnv, one of them; without a secret, "clientAuthentication": "none"`,
    );
  }
  const [from, text] =
    clientSecretFile === undefined
      ? [`the variable ${clientSecretEnv}`, environment[clientSecretEnv ?? ''] ?? '']
      : [clientSecretFile, readText(resolve(dirname(path), clientSecretFile))];
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw badConfig(`${path}: there is no client secret in ${from}`);
  return secret;
}

function noSecret(path: string, given: string | undefined): { readonly kind: 'none' } {
  if (given === undefined) return { kind: 'none' };
  throw badConfig(`${path}: "clientAuthentication": "none" sends no secret, and ${given} is given`);
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'https:' || isLoopbackPage(url)) && url.username === '' && url.password === '';
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readDocument(path));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw badConfig(`${path} is not JSON`, cause);
    throw cause;
  }
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policySetTextToParts, policyToJson, schemaToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { RegimeError } from '../errors.ts';
import { canonical } from '../facts/canonical.ts';
import type { PolicyTexts } from '../facts/policy-sets.ts';
import { runCanaries } from './canary.ts';
import { prepareRules, type Policy, type Rules, type RulesParts } from './rules.ts';

export const REGIMES_DIRECTORY = fileURLToPath(new URL('../regimes', import.meta.url));

const BASE = 'base';
const SCHEMA_FILE = 'policy.cedarschema';

interface ParsedPolicy extends Policy {
  /** Cedar's own JSON of the policy. */
  readonly json: unknown;
}

/** Regimes that have a file, sorted. */
export function regimes(directory: string = REGIMES_DIRECTORY): readonly string[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.cedar'))
    .map((name) => name.slice(0, -'.cedar'.length));
  return names.filter((name) => name !== BASE).sort();
}

/** The texts of one regime as they stand in the directory. Throws RegimeError NO_SUCH_REGIME. */
export function readTexts(regime: string, directory: string = REGIMES_DIRECTORY): PolicyTexts {
  if (!regimes(directory).includes(regime)) {
    throw new RegimeError(
      'NO_SUCH_REGIME',
      `no regime "${regime}"; there are: ${regimes(directory).join(', ')}`,
      { retry: 'never' },
    );
  }
  const schemaPath = join(directory, SCHEMA_FILE);
  const text = (file: string): string => readFileSync(join(directory, `${file}.cedar`), 'utf8');
  return {
    regime,
    schema: existsSync(schemaPath) ? readFileSync(schemaPath, 'utf8') : '',
    files: { [BASE]: text(BASE), [regime]: text(regime) },
  };
}

/**
 * Checks all that can be checked of a policy set before its first question: strict validation, an `@id` and a `@text` on each
 * policy, no person or recording named, and canaries, which are requests that must be denied. Throws RegimeError; with it the
 * service must not start.
 */
export function checkedRules(texts: PolicyTexts): Rules {
  checkAgainstSchema(parse(texts).policies, texts.schema);
  const rules = uncheckedRules(texts);
  runCanaries(rules);
  return rules;
}

/** The same without asking Cedar whether they make sense, which takes seconds: for regimes that were checked before. Throws RegimeError. */
export function uncheckedRules(texts: PolicyTexts): Rules {
  const parts = parse(texts);
  for (const { id, file, json } of parts.policies)
    if (looksAtWhole(json, false))
      throw bad(file, `policy ${id} looks at a whole record: name the attributes`);
  return prepareRules({ ...parts, byAttribute: true });
}

/**
 * The same rules without the checks, for deciding again what was decided under them, by a later version of this program too: of
 * a gate they see the attributes that their own schema declares. Throws RegimeError when Cedar cannot read them.
 */
export function rulesOf(texts: PolicyTexts): Rules {
  return prepareRules({ ...parse(texts), declared: attributesOf(parseSchema(texts.schema)) });
}

/** Reads and checks one regime. Throws RegimeError. */
export function loadRules(regime: string, directory: string = REGIMES_DIRECTORY): Rules {
  return checkedRules(readTexts(regime, directory));
}

function parse({ regime, schema, files }: PolicyTexts): RulesParts & {
  readonly policies: readonly ParsedPolicy[];
} {
  const parsedSchema = parseSchema(schema);
  const policies = [BASE, regime].flatMap((file) => parseFile(file, files[file] ?? ''));
  checkIds(policies);
  return { regime, hash: hashOf(policies, parsedSchema), policies, reads: attributesIn(policies), schema };
}

// Without the schema action groups do not exist, and the forbids on them vanish without an error.
function parseSchema(schema: string): unknown {
  const parsed = schemaToJson(schema);
  if (parsed.type === 'success' && /\baction\b/.test(schema)) return parsed.json;
  const why =
    parsed.type === 'failure' ? parsed.errors.map(({ message }) => message).join('; ') : 'it is empty';
  throw new RegimeError('BAD_SCHEMA', `${SCHEMA_FILE} cannot be used: ${why}`, { retry: 'never' });
}

function parseFile(file: string, text: string): readonly ParsedPolicy[] {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw bad(file, parts.errors.map(({ message }) => message).join('; '));
  if (parts.policy_templates.length > 0) throw bad(file, 'templates are not used here');
  return parts.policies.map((source) => parsePolicy(source, file));
}

function parsePolicy(source: string, file: string): ParsedPolicy {
  const parsed = policyToJson(source);
  if (parsed.type === 'failure') throw bad(file, parsed.errors.map(({ message }) => message).join('; '));
  const { effect, annotations, principal } = parsed.json;
  const { id = '', text = '' } = annotations ?? {};
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(id))
    throw bad(file, `a policy has no usable @id: ${source.slice(0, 80)}`);
  if (text.trim() === '') throw bad(file, `policy ${id} has no @text`);
  if (!id.startsWith(`${file}-`)) throw bad(file, `policy ${id} must begin with "${file}-"`);
  const named = JSON.stringify(parsed.json).match(/"type":"(Person|Recording)"/);
  if (named !== null) throw bad(file, `policy ${id} names one ${named[1]}; a rule is for everybody`);
  const role = principal.op === 'in' && 'entity' in principal ? idOf(principal.entity) : undefined;
  const about = { reads: attributesIn(parsed.json), ...(role === undefined ? {} : { role }) };
  return { id, text, effect, file, source, ...about, json: parsed.json };
}

/** Cedar's JSON names an entity in one of two ways. */
function idOf(entity: { readonly id: string } | { readonly __entity: { readonly id: string } }): string {
  return '__entity' in entity ? entity.__entity.id : entity.id;
}

function checkIds(policies: readonly Policy[]): void {
  const seen = new Set<string>();
  for (const { id, file } of policies) {
    if (seen.has(id)) throw bad(file, `two policies are called ${id}`);
    seen.add(id);
  }
}

function checkAgainstSchema(policies: readonly Policy[], schema: string): void {
  const staticPolicies = Object.fromEntries(policies.map(({ id, source }) => [id, source]));
  const answer = validate({ schema, policies: { staticPolicies }, validationSettings: { mode: 'strict' } });
  // A warning says, for instance, that a policy can never apply. In a set this small that is a mistake too.
  const problems =
    answer.type === 'failure'
      ? answer.errors.map(({ message }) => message)
      : [...answer.validationErrors, ...answer.validationWarnings]
          .map(({ policyId, error }) => `${policyId}: ${error.message}`)
          .concat(answer.otherWarnings.map(({ message }) => message));
  if (problems.length > 0) throw bad('policies', problems.join('; '));
}

/** Over Cedar's JSON of the schema and of each policy, keys sorted, policies sorted by id. */
function hashOf(policies: readonly ParsedPolicy[], schema: unknown): string {
  const sorted = [...policies].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, json }) => [id, json]);
  return createHash('sha256')
    .update(canonical({ schema, policies: sorted }))
    .digest('hex');
}

/** Names under any `attributes` of the schema's JSON. */
function attributesOf(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const own = 'attributes' in schema && typeof schema.attributes === 'object' ? schema.attributes : null;
  const inside = Object.values(schema).flatMap((member) => [...attributesOf(member)]);
  return new Set([...Object.keys(own ?? {}), ...inside]);
}

function attributesIn(json: unknown): ReadonlySet<string> {
  const found = JSON.stringify(json).matchAll(/"attr":"([A-Za-z]+)"/g);
  return new Set([...found].map(([, name]) => name ?? ''));
}

/** The records of the schema, and the variables that are records. */
const RECORDS: ReadonlySet<string> = new Set(['incident', 'person']);
const VARIABLES: ReadonlySet<string> = new Set(['context', 'resource', 'principal']);

/**
 * Does Cedar's JSON of a policy use a record as a value, and not only for one of its attributes? Then what it depends on could not be
 * told by names. `inside` says that the expression is what an attribute is taken of, or is asked for one, or is looked up in roles.
 */
function looksAtWhole(json: unknown, inside: boolean): boolean {
  if (typeof json !== 'object' || json === null) return false;
  if (Array.isArray(json)) return json.some((one) => looksAtWhole(one, false));
  return Object.entries(json).some(([operator, operand]: [string, unknown]) => {
    if (operator === 'Var') return !inside && typeof operand === 'string' && VARIABLES.has(operand);
    if (typeof operand !== 'object' || operand === null) return false;
    const { left, attr, ...others }: Readonly<Record<string, unknown>> = { ...operand };
    if (operator === '.' || operator === 'has') {
      const isRecord = operator === '.' && typeof attr === 'string' && RECORDS.has(attr);
      return (isRecord && !inside) || looksAtWhole(left, true);
    }
    if (operator === 'in') return looksAtWhole(left, true) || looksAtWhole(others, false);
    return looksAtWhole(operand, false);
  });
}

function bad(where: string, why: string): RegimeError {
  return new RegimeError('BAD_POLICY', `${where}: ${why}`, { retry: 'never' });
}

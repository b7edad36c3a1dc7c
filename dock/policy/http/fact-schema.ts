import { z } from 'zod';
import { WRAPS_BYTES_MAX } from '../../../proto/limits.ts';
import { FORCES, INJURIES, ROLES, STATEMENTS, type Fact } from '../facts/fact.ts';
import { badRequest } from './failure.ts';

const FACTS_MAX = 1_000;
// Base64 of the largest Wraps message.
const WRAPS_CHARACTERS_MAX = Math.ceil(WRAPS_BYTES_MAX / 3) * 4;
// Base64 of the largest manifest, 4 MiB, with its signature.
const MANIFEST_CHARACTERS_MAX = 6 * 1024 * 1024;

const factId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable characters without spaces');
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,63}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ : / @ -');
const person = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ @ -');
const instant = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 date and time with an offset' });
const hash = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be a hash');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hex digits');
const words = z.string().min(1).max(1_000);

const common = { id: factId, at: instant };
const about = { ...common, incident: name };
const aboutPerson = { ...about, person };
const order = { ...common, recording: name, by: person, reason: words };
const link = { ...common, recording: name, incident: name };

// Strict: a member we do not know might mean something (`draft: true`), so it is refused rather than dropped.
const fact = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('person.enrolled'),
    person,
    roles: z.array(z.enum(ROLES)).max(ROLES.length),
    org: z.string().max(200).optional(),
  }),
  z.strictObject({ ...about, type: z.literal(['incident.opened', 'misconduct.alleged']) }),
  z.strictObject({
    ...about,
    type: z.literal('force.classified'),
    force: z.enum(FORCES),
    deathInCustody: z.boolean(),
    injury: z.enum(INJURIES),
    vulnerable: z.boolean(),
    by: person,
    supersedes: factId.optional(),
  }),
  z.strictObject({
    ...aboutPerson,
    type: z.literal(['officer.involved', 'interview.scheduled', 'interview.held']),
  }),
  z.strictObject({
    ...aboutPerson,
    type: z.literal(['report.filed', 'report.supplemented']),
    reportHash: hash,
  }),
  z.strictObject({ ...aboutPerson, type: z.literal('report.withdrawn'), reportHash: hash.optional() }),
  z.strictObject({
    ...aboutPerson,
    type: z.literal('statement.given'),
    kind: z.enum(STATEMENTS),
    recorded: z.boolean(),
  }),
  z.strictObject({
    ...aboutPerson,
    type: z.literal('statement.withdrawn'),
    kind: z.enum(STATEMENTS),
  }),
  z.strictObject({ ...aboutPerson, type: z.literal(['case.assigned', 'case.unassigned']), case: name }),
  z.strictObject({
    ...common,
    type: z.literal('recording.registered'),
    recording: name,
    camera: name,
    officer: person.or(z.literal('')),
    startedAt: instant,
    endedAt: instant,
    manifestHash: sha256,
    wraps: z.string().min(1).max(WRAPS_CHARACTERS_MAX).optional(),
    manifest: z.string().min(1).max(MANIFEST_CHARACTERS_MAX).optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('recording.destroyed'),
    recording: name,
    manifestHash: sha256,
    entry: z.number().int().min(0),
  }),
  z.strictObject({ ...link, type: z.literal(['recording.linked', 'recording.unlinked']) }),
  z.strictObject({
    ...common,
    type: z.literal('access.authorised'),
    recording: name,
    person,
    by: person,
    expiresAt: instant,
  }),
  z.strictObject({ ...common, type: z.literal('access.revoked'), recording: name, person, by: person }),
  z.strictObject({
    ...order,
    type: z.literal(['recording.sealed', 'recording.unsealed', 'hold.placed', 'hold.lifted']),
  }),
  // Understood, so that who says it is told that they may not rather than that it is no fact.
  z.strictObject({
    ...common,
    type: z.literal('regime.adopted'),
    agency: z.string().max(200),
    // Empty where a line is taken back.
    regime: name.or(z.literal('')),
    policySet: sha256,
    from: instant,
  }),
]);

/** A body that is one fact or an array of them. Throws RequestError BAD_REQUEST that names the field. */
export function parseFacts(body: unknown): { readonly facts: readonly Fact[]; readonly isBatch: boolean } {
  if (!Array.isArray(body)) return { facts: [parseFact(body, '')], isBatch: false };
  if (body.length === 0 || body.length > FACTS_MAX)
    throw badRequest(`an array of facts holds 1 to ${FACTS_MAX}`);
  return { facts: body.map((one, index) => parseFact(one, `[${index}]`)), isBatch: true };
}

function parseFact(body: unknown, place: string): Fact {
  const result = fact.safeParse(body);
  // The schema's optional members may be `undefined`, which JSON cannot say; ours may only be absent.
  if (result.success) return result.data as Fact;
  const issue = result.error.issues[0];
  const field = [place, ...(issue?.path.map(String) ?? [])].filter((part) => part !== '').join('.');
  throw badRequest(
    `not a fact: ${field === '' ? '' : `${field}: `}${issue?.message ?? 'not as it should be'}`,
    field,
  );
}

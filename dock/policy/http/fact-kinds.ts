import { z } from 'zod';
import { WRAPS_BYTES_MAX } from '../../../proto/limits.ts';
import { FORCES, INJURIES, ROLES, STATEMENTS, type FactType } from '../facts/fact.ts';

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
const somebody = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ @ -');
const instant = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 date and time with an offset' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hex digits');

const id = factId.describe(
  'Chosen by the source, and unique among its own: the same fact sent twice is one fact.',
);
const at = instant.describe('When it happened, as the source says (RFC 3339). For people: no rule reads it.');
const incident = name.describe('Number of the incident.');
const recording = name.describe('Id of the recording, as the camera gave it: 32 hex digits.');
const person = somebody.describe('Whom it is about.');
const by = somebody.describe('Who decided so.');
const reportHash = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be a hash')
  .describe('Hash of the locked report. A draft has none and is not filed.');
const kindOfStatement = z.enum(STATEMENTS).describe('What kind of statement.');
const manifestHash = sha256.describe('SHA-256 of the encoded SignedManifest, in hex.');

const common = { id, at };
const about = { ...common, incident };
const aboutPerson = { ...about, person };
const order = {
  ...common,
  recording,
  by,
  reason: z.string().min(1).max(1_000).describe('Why, in words for people.'),
};
const link = { ...common, recording, incident };
const part = { ...aboutPerson, case: name.describe('Number of the case.') };

const EXAMPLES = {
  incident: '24-118842',
  recording: '00112233445566778899aabbccddeeff',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  at: '2026-11-21T10:00:00Z',
} as const;
const here = { incident: EXAMPLES.incident };
const officer = { ...here, person: '4411' };
const footage = { recording: EXAMPLES.recording };

/** What a fact type means, and the members of one that could be sent, besides its id, type and time. */
interface Meaning {
  readonly means: string;
  readonly example: Readonly<Record<string, unknown>>;
}

// Strict: a member we do not know might mean something (`draft: true`), so it is refused rather than dropped.
function kind<const Type extends FactType, Shape extends typeof common>(
  type: Type,
  { means, example }: Meaning,
  shape: Shape,
): z.ZodObject<{ type: z.ZodLiteral<Type> } & Shape, z.core.$strict> {
  const whole = { id: `${type}-1`, type, at: EXAMPLES.at, ...example };
  return z.strictObject({ type: z.literal(type), ...shape }).meta({ description: means, examples: [whole] });
}

const registration = {
  ...common,
  recording,
  camera: name.describe('Id of the camera.'),
  officer: somebody.or(z.literal('')).describe('Who held the camera; empty when nobody was assigned to it.'),
  startedAt: instant.describe('When the recording began.'),
  endedAt: instant.describe('When it ended.'),
  manifestHash,
};
const manifest = z
  .string()
  .min(1)
  .max(MANIFEST_CHARACTERS_MAX)
  .optional()
  .describe(
    "The encoded SignedManifest in base64; checked against the camera's enrolled key before the fact is taken.",
  );
const registered = {
  ...footage,
  camera: 'cam-7',
  officer: '4411',
  startedAt: '2026-11-21T09:40:00Z',
  endedAt: '2026-11-21T09:58:00Z',
  manifestHash: EXAMPLES.sha256,
};

const ofPeople = [
  kind(
    'person.enrolled',
    {
      means: 'A person, the roles they hold and the agency they are of. The newest one counts.',
      example: { person: '4411', roles: ['officer'], org: 'PPB' },
    },
    {
      ...common,
      person,
      roles: z.array(z.enum(ROLES)).max(ROLES.length).describe('Every role this person holds.'),
      org: z.string().max(200).optional().describe('Agency. Left out, the person is of none.'),
    },
  ),
  kind('incident.opened', { means: 'An incident was opened.', example: here }, about),
  kind('misconduct.alleged', { means: 'Misconduct in this incident is alleged.', example: here }, about),
  kind(
    'force.classified',
    {
      means:
        'What force was used. Nobody who took part may say so, and one that lowers force, injury, vulnerability or a death in custody names in `supersedes` the fact that it replaces.',
      example: {
        ...here,
        ...{ force: 'non_deadly', deathInCustody: false, injury: 'non_serious', vulnerable: false },
        by: 'sgt-1',
      },
    },
    {
      ...about,
      force: z.enum(FORCES).describe('The gravest force used.'),
      deathInCustody: z.boolean().describe('Somebody died in custody.'),
      injury: z.enum(INJURIES).describe('The gravest injury.'),
      vulnerable: z.boolean().describe('Somebody was handcuffed or in a mental-health crisis.'),
      by: somebody.describe('The person who classified.'),
      supersedes: factId.optional().describe('Id of the classification that this one lowers.'),
    },
  ),
  kind(
    'officer.involved',
    { means: 'This person took part in the incident.', example: officer },
    aboutPerson,
  ),
  kind(
    'interview.scheduled',
    { means: 'An interview of this person about the incident is scheduled.', example: officer },
    aboutPerson,
  ),
  kind('interview.held', { means: 'That interview was held.', example: officer }, aboutPerson),
] as const;

const ofWords = [
  kind(
    'report.filed',
    {
      means: 'The initial report of this person on the incident is filed and locked.',
      example: { ...officer, reportHash: EXAMPLES.sha256 },
    },
    { ...aboutPerson, reportHash },
  ),
  kind(
    'report.supplemented',
    {
      means: 'A supplement to that report is filed and locked.',
      example: { ...officer, reportHash: EXAMPLES.sha256 },
    },
    { ...aboutPerson, reportHash },
  ),
  kind(
    'report.withdrawn',
    { means: 'The report is taken back: what it had released is withheld again.', example: officer },
    { ...aboutPerson, reportHash: reportHash.optional() },
  ),
  kind(
    'statement.given',
    {
      means: 'This person gave a statement about the incident.',
      example: { ...officer, kind: 'candid', recorded: true },
    },
    { ...aboutPerson, kind: kindOfStatement, recorded: z.boolean().describe('It was recorded.') },
  ),
  kind(
    'statement.withdrawn',
    {
      means: 'Every statement of that kind by this person so far was entered wrongly.',
      example: { ...officer, kind: 'candid' },
    },
    { ...aboutPerson, kind: kindOfStatement },
  ),
  kind(
    'case.assigned',
    {
      means: 'A case about the incident was assigned to this person.',
      example: { ...here, person: 'ia-1', case: 'IA-26-017' },
    },
    part,
  ),
  kind(
    'case.unassigned',
    {
      means: "This person's part in that case has ended. The case itself has not: its footage is still kept.",
      example: { ...here, person: 'ia-1', case: 'IA-26-017' },
    },
    part,
  ),
] as const;

const registeredKind = kind(
  'recording.registered',
  { means: 'A dock holds this recording.', example: registered },
  {
    ...registration,
    wraps: z
      .string()
      .min(1)
      .max(WRAPS_CHARACTERS_MAX)
      .optional()
      .describe(
        'Encoded Wraps of a sealed recording in base64. Stored, listed and announced is `wrapsHash` instead.',
      ),
    manifest,
  },
);

const registeredOnFile = kind(
  'recording.registered',
  {
    means: 'A dock holds this recording. As stored, with what became of its wraps.',
    example: { ...registered, wrapsHash: EXAMPLES.sha256 },
  },
  {
    ...registration,
    manifest,
    wrapsHash: sha256.optional().describe('SHA-256 of the encoded Wraps, in hex.'),
    recipients: z
      .array(z.string())
      .optional()
      .describe('Who the wraps are for: RFC 7638 thumbprints in base64url, in the order of the wraps.'),
    unknownRecipients: z
      .array(z.string())
      .optional()
      .describe('Those of them that this service did not know when it took the fact.'),
  },
);

const ofRecordings = [
  kind(
    'recording.destroyed',
    {
      means: 'A dock has destroyed what it held of a recording, as it was allowed to.',
      example: { ...footage, manifestHash: EXAMPLES.sha256, entry: 42 },
    },
    {
      ...common,
      recording,
      manifestHash,
      entry: z.number().int().min(0).describe('Index of the entry that says so in the ledger of that dock.'),
    },
  ),
  kind(
    'recording.linked',
    { means: 'The recording shows this incident.', example: { ...footage, ...here } },
    link,
  ),
  kind('recording.unlinked', { means: 'It does not.', example: { ...footage, ...here } }, link),
  kind(
    'access.authorised',
    {
      means: 'Somebody with the right to do so lets this person view the recording, until a moment.',
      example: { ...footage, person: '4411', by: 'chief-1', expiresAt: '2026-12-21T10:00:00Z' },
    },
    { ...common, recording, person, by, expiresAt: instant.describe('Until when (RFC 3339).') },
  ),
  kind(
    'access.revoked',
    {
      means: 'Every authorisation of that person for that recording so far is taken back.',
      example: { ...footage, person: '4411', by: 'chief-1' },
    },
    { ...common, recording, person, by },
  ),
] as const;

const ofOrders = [
  kind(
    'recording.sealed',
    {
      means: 'A court has sealed the recording: nobody views it.',
      example: { ...footage, by: 'court-1', reason: 'Order 26-0815' },
    },
    order,
  ),
  kind(
    'recording.unsealed',
    {
      means: "Whoever placed a seal lifts it. Refused while another's stands and `by` has none.",
      example: { ...footage, by: 'court-1', reason: 'Order 26-0815 is lifted' },
    },
    order,
  ),
  kind(
    'hold.placed',
    {
      means: 'A legal hold: the recording must not be destroyed. It has no say in viewing.',
      example: { ...footage, by: 'attorney-1', reason: 'Claim 26-104' },
    },
    order,
  ),
  kind(
    'hold.lifted',
    {
      means: 'Whoever placed a hold lifts it, as often as they placed one.',
      example: { ...footage, by: 'attorney-1', reason: 'Claim 26-104 is settled' },
    },
    order,
  ),
  // Understood, so that who says it is told that they may not rather than that it is no fact.
  kind(
    'regime.adopted',
    {
      means:
        "From a moment on, decisions about recordings of this agency's officers follow this regime. Only the service itself says so; from any source it is refused with 403.",
      example: { agency: 'PPB', regime: 'city', policySet: EXAMPLES.sha256, from: EXAMPLES.at },
    },
    {
      ...common,
      agency: z.string().max(200).describe('Empty for everybody whose agency has no adoption of its own.'),
      regime: name.or(z.literal('')).describe('Name of the regime; empty where an adoption is taken back.'),
      policySet: sha256.describe('SHA-256 of its policies, in hex.'),
      from: instant.describe('From when on (RFC 3339).'),
    },
  ),
] as const;

/** A fact as a source sends it. */
export const sentFact = z.discriminatedUnion('type', [
  ...ofPeople,
  ...ofWords,
  registeredKind,
  ...ofRecordings,
  ...ofOrders,
]);

/** A fact as it is stored and listed. */
export const storedFact = z.discriminatedUnion('type', [
  ...ofPeople,
  ...ofWords,
  registeredOnFile,
  ...ofRecordings,
  ...ofOrders,
]);

import { isCameraId, isRecordingId, type CameraId, type RecordingId } from './ids.ts';
import { parseInstant } from './instant.ts';

/** Lower-case hexadecimal SHA-256, 64 digits. */
export type HexDigest = string;
/** Keyed HMAC of a person's id, 64 hexadecimal digits: entries never name people. */
export type Pseudonym = string;

type Check<T> = (value: unknown) => value is T;

const DIGEST = /^[0-9a-f]{64}$/;
// A digest, or nothing: a camera's first recording has no previous root.
const DIGEST_OR_EMPTY = /^(?:[0-9a-f]{64})?$/;
const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;
// Codes, versions, purposes, fact types: short printable words without spaces.
const WORD = /^[\x21-\x7e]{1,128}$/;
// Silence has no regime: nobody answered.
const WORD_OR_EMPTY = /^[\x21-\x7e]{0,128}$/;
const FACT_TYPES_MAX = 64;

const matches =
  (pattern: RegExp): Check<string> =>
  (value): value is string =>
    typeof value === 'string' && pattern.test(value);
const digest: Check<HexDigest> = matches(DIGEST);
const pseudonym: Check<Pseudonym> = matches(DIGEST);
const word = matches(WORD);
const recording: Check<RecordingId> = (value): value is RecordingId =>
  typeof value === 'string' && isRecordingId(value);
const camera: Check<CameraId> = (value): value is CameraId => typeof value === 'string' && isCameraId(value);
const count: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
// A log's -1 would read as "none"; policy services number their facts from 0 or 1 and say -1 before the first.
const factIndex: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && Number(value) >= -1;
const instant: Check<string> = (value): value is string =>
  typeof value === 'string' && parseInstant(value) !== undefined;
const transport: Check<'serial' | 'mqtt'> = (value): value is 'serial' | 'mqtt' =>
  value === 'serial' || value === 'mqtt';
const basis: Check<'local' | 'utc'> = (value): value is 'local' | 'utc' =>
  value === 'local' || value === 'utc';
/** A field that older entries do not have. */
const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value);
const factTypes: Check<readonly string[]> = (value): value is readonly string[] =>
  Array.isArray(value) && value.length <= FACT_TYPES_MAX && value.every(word);

/** Every entry type, its fields and what each must be. `v`, `type` and `at` stand in every entry. */
export const ENTRY_FIELDS = {
  /** An enrolled camera was met: makes its signatures checkable by someone who has only the ledger. */
  'device.enrolled': { camera, publicKey: matches(PUBLIC_KEY) },
  /** The dock took custody. `manifest` is of the encoded SignedManifest, `stamps` of the stamps file. */
  accepted: {
    recording,
    camera,
    counter: count,
    previousRoot: matches(DIGEST_OR_EMPTY),
    manifest: digest,
    root: digest,
    bytes: count,
    chunks: count,
    stamps: digest,
    transport,
    receivedAt: instant,
    uncertaintyUs: count,
    basis,
    officer: pseudonym,
  },
  /** Quarantined: kept aside, never released. */
  refused: { recording, camera, manifest: digest, reason: word, bytes: count },
  /** The camera says that its flash is free. */
  erased: { recording, camera },
  /**
   * `grant` is the digest of the policy service's JWS. `authorisedUntil`, here and in `granted`: the allow is an
   * exception, made by somebody's authorisation, and ends with it.
   */
  released: {
    recording,
    person: pseudonym,
    grant: digest,
    regime: word,
    policySet: word,
    newestFact: factIndex,
    authorisedUntil: optional(instant),
  },
  /** Written only when it changes. */
  withheld: {
    recording,
    person: pseudonym,
    reason: word,
    missing: factTypes,
    regime: matches(WORD_OR_EMPTY),
  },
  /** A release that ended. */
  revoked: { recording, person: pseudonym, reason: word },
  /** One opening. `session` is the digest of the session id; `keyThumbprint` is RFC 7638. */
  granted: {
    recording,
    person: pseudonym,
    grant: digest,
    grantId: word,
    purpose: word,
    session: digest,
    keyThumbprint: word,
    authorisedUntil: optional(instant),
  },
  /** Refused openings, aggregated: `count` of them. */
  denied: { recording, person: pseudonym, purpose: word, reason: word, count },
  /** The first byte of a session left. */
  viewed: { recording, person: pseudonym, session: digest },
} as const satisfies Record<string, Record<string, Check<unknown>>>;

export type EntryType = keyof typeof ENTRY_FIELDS;

type Fields = typeof ENTRY_FIELDS;
type Checked<C> = C extends Check<infer T> ? T : never;

type OptionalKey<F> = { [K in keyof F]: undefined extends Checked<F[K]> ? K : never }[keyof F];

/** The shape of one entry type, read off the table. */
export type EntryOf<T extends EntryType> = { readonly type: T; readonly at: string } & {
  readonly [K in Exclude<keyof Fields[T], OptionalKey<Fields[T]>>]: Checked<Fields[T][K]>;
} & { readonly [K in OptionalKey<Fields[T]>]?: Checked<Fields[T][K]> };

export const isEntryType = (name: string): name is EntryType => Object.hasOwn(ENTRY_FIELDS, name);

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
const integer: Check<number> = (value): value is number => Number.isSafeInteger(value);
const suite: Check<0 | 1> = (value): value is 0 | 1 => value === 0 || value === 1;
const oneOf =
  <Word extends string>(...words: readonly Word[]): Check<Word> =>
  (value): value is Word =>
    words.some((one) => one === value);
const absence = oneOf('gap', 'broken-link', 'overdue', 'partial');
const part = oneOf('chunk', 'manifest', 'wraps', 'stamps');
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
    /** 0: stored as recorded; 1: sealed. */
    suite: optional(suite),
    /** Digest of the wraps of a sealed recording. */
    wraps: optional(digest),
    /** How many disks held and gave back every byte before this was written. */
    copies: optional(count),
    /** Of the dock's clock; stamps are compared within one. */
    epoch: optional(count),
  },
  /** Quarantined: kept aside, never released. `counter` when the camera's signature on its manifest holds. */
  refused: { recording, camera, manifest: digest, reason: word, bytes: count, counter: optional(count) },
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
  /** An evidence package was made: `sealed` holds what the dock stores, `opened` holds footage under a grant. */
  exported: {
    recording,
    form: oneOf('sealed', 'opened'),
    manifest: digest,
    person: optional(pseudonym),
    grant: optional(digest),
  },
  /** The dock began to run: a new clock epoch. `config` is the digest of what it runs with, secrets left out. */
  started: { epoch: count, version: word, config: digest },
  'config.changed': { config: digest, previous: digest },
  /** The dock's UTC jumped against its monotonic clock by `stepUs`; `epoch` is the new one. */
  'clock.stepped': { epoch: count, stepUs: integer, wallBefore: instant, wallAfter: instant },
  /**
   * Footage that should be here and is not. `gap`: counters that no recording has; `broken-link`: a recording that does not
   * name its predecessor's root; `overdue`: a camera that left and did not come back; `partial`: an upload that stopped.
   */
  missing: {
    camera,
    kind: absence,
    counterFrom: optional(count),
    counterTo: optional(count),
    recording: optional(recording),
  },
  /** What an earlier `missing` named has been explained: `because` says how. */
  found: {
    camera,
    kind: absence,
    because: word,
    counterFrom: optional(count),
    counterTo: optional(count),
    recording: optional(recording),
  },
  /** The disk no longer gives back what was accepted. `copyIn` is a camera that has not said it erased its copy. */
  damaged: {
    recording,
    manifest: digest,
    what: part,
    chunk: optional(count),
    expected: digest,
    found: matches(DIGEST_OR_EMPTY),
    copyIn: optional(camera),
  },
  repaired: {
    recording,
    manifest: digest,
    what: part,
    chunk: optional(count),
    /** `index`: what is written the same way each time was written again; `disk`: it reads well again by itself. */
    from: oneOf('mirror', 'camera', 'index', 'disk'),
  },
  /**
   * Legal hold: nothing is destroyed while one is in force. `fact` is the digest of what the policy service was told, `by`
   * whoever placed it, who alone lifts it.
   */
  'hold.placed': { recording, reason: word, by: optional(pseudonym), fact: optional(digest) },
  'hold.lifted': { recording, reason: word, by: optional(pseudonym), fact: optional(digest) },
  /** Until when the rules keep a recording, as decided at `at`. */
  retained: { recording, until: instant, rule: word },
  /** Wraps and content were destroyed; manifest and stamps stay. `decision` is the digest of the answer that allowed it. */
  destroyed: {
    recording,
    manifest: digest,
    wraps: matches(DIGEST_OR_EMPTY),
    bytes: count,
    rule: word,
    decision: digest,
  },
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

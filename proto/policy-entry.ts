import { utf8 } from './bytes.ts';
import { canonicalJson, parseCanonical } from './canonical-json.ts';
import { ProofError } from './errors.ts';
import { isDockId, isRecordingId } from './ids.ts';
import { parseInstant } from './instant.ts';
import { LEDGER_ENTRY_BYTES_MAX } from './limits.ts';

const ENTRY_VERSION = 1;
const DIGEST = /^[0-9a-f]{64}$/;
// RFC 7638 with SHA-256, base64url.
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
// Versions, fact types, sources, ids of grants, regimes: short printable words without spaces.
const WORD = /^[\x21-\x7e]{1,128}$/;

/** What stands in every entry: RFC 3339 UTC with microseconds, by the service's clock. */
interface Said {
  readonly at: string;
}

/** The service was started; `custodian` is the thumbprint (RFC 7638) of the key that cameras seal to. */
export interface ServiceStarted extends Said {
  readonly type: 'service.started';
  readonly version: string;
  readonly custodian: string;
}

/** A fact was taken. What it says is behind `commitment`: SHA-256 of a salt of 32 random bytes and the stored text, since facts about people can be guessed. */
export interface FactTaken extends Said {
  readonly type: 'fact.taken';
  readonly fact: number;
  readonly factType: string;
  readonly source: string;
  readonly commitment: string;
}

/** Decisions `from` to `to`, both inclusive, were on file. `hash` is the SHA-256 of their commitments side by side. */
export interface Decided extends Said {
  readonly type: 'decided';
  readonly from: number;
  readonly to: number;
  readonly hash: string;
}

/** Where a dock's ledger says that it used the grant. */
export interface DockLedgerPlace {
  readonly index: number;
  readonly size: number;
  readonly root: string;
}

/** Keys were given to one page. A crash after this entry leaves it without keys; no keys are given without it. */
export interface KeysReleased extends Said {
  readonly type: 'keys.released';
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest. */
  readonly manifest: string;
  /** Second index exclusive. */
  readonly chunks: readonly [number, number];
  /** SHA-256 of the grant, as a compact JWS. */
  readonly grant: string;
  readonly grantId: string;
  /** Pseudonym (HMAC-SHA-256 under a key of this service). */
  readonly person: string;
  /** Thumbprint of the key that the page signed with. */
  readonly page: string;
  /** Thumbprint of the key that the keys were sealed to. */
  readonly receiver: string;
  readonly dock: string;
  readonly dockLedger: DockLedgerPlace;
  /**
   * Names the decision that the rules gave when they were asked again for these keys: SHA-256 of a salt of 32 random bytes and what the
   * service has on file of it. Entries of older versions lack it.
   */
  readonly decision?: string;
  readonly regime: string;
  readonly policySet: string;
  readonly newestFact: number;
}

/** A signed decision record was given out, to the page that the grant binds: once a grant, however often that page asks. */
export interface DecisionShown extends Said {
  readonly type: 'decision.shown';
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest. */
  readonly manifest: string;
  /** SHA-256 of the grant, as a compact JWS. */
  readonly grant: string;
  readonly grantId: string;
  /** Pseudonym, as in {@link KeysReleased}. */
  readonly person: string;
  /** Thumbprint of the key that the page signed with. */
  readonly page: string;
  /** The dock that the grant is for. */
  readonly dock: string;
  /** Names the decision that the grant was made for, as {@link Decided} would say it of that one alone. */
  readonly decision: string;
  readonly regime: string;
  readonly policySet: string;
  readonly newestFact: number;
}

/** Cameras seal to another key of the custodian from here on: by a change in use, or from a recovery key. */
export interface CustodianChanged extends Said {
  readonly type: 'custodian.rotated' | 'custodian.recovered';
  readonly from: string;
  readonly to: string;
}

/** The service signs grants and tokens with another key from its next start on; `kid` of both. */
export interface SignerRotated extends Said {
  readonly type: 'signer.rotated';
  readonly from: string;
  readonly to: string;
}

/** One statement in the ledger of a policy service. */
export type PolicyEntry =
  | ServiceStarted
  | FactTaken
  | Decided
  | KeysReleased
  | DecisionShown
  | CustodianChanged
  | SignerRotated;

/** An entry of a type that this version does not know: shown and proved, never acted on. */
export interface UnknownPolicyEntry extends Said {
  readonly type: 'unknown';
  /** What the entry calls itself. */
  readonly named: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const [digest, thumbprint, word] = [matches(DIGEST), matches(THUMBPRINT), matches(WORD)];
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const ordinal: Check = (value) => count(value) && Number(value) > 0;
const range: Check = (value) =>
  Array.isArray(value) && value.length === 2 && value.every(count) && Number(value[0]) < Number(value[1]);
const place: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const { index, size, root }: Fields = { ...value };
  return count(index) && count(size) && Number(index) < Number(size) && digest(root);
};
const recording: Check = (value) => typeof value === 'string' && isRecordingId(value);
const dock: Check = (value) => typeof value === 'string' && isDockId(value);
const rotation = { from: thumbprint, to: thumbprint };

/** Every type, its fields and what each must be. `v`, `type` and `at` stand in every entry. */
export const POLICY_ENTRY_FIELDS: Readonly<Record<PolicyEntry['type'], Readonly<Record<string, Check>>>> = {
  'service.started': { version: word, custodian: thumbprint },
  'fact.taken': { fact: ordinal, factType: word, source: word, commitment: digest },
  decided: { from: ordinal, to: ordinal, hash: digest },
  'keys.released': {
    recording,
    manifest: digest,
    chunks: range,
    grant: digest,
    grantId: word,
    person: digest,
    page: thumbprint,
    receiver: thumbprint,
    dock,
    dockLedger: place,
    decision: (value) => value === undefined || digest(value),
    regime: word,
    policySet: word,
    newestFact: count,
  },
  'decision.shown': {
    ...{ recording, manifest: digest, grant: digest, grantId: word, person: digest, page: thumbprint, dock },
    ...{ decision: digest, regime: word, policySet: word, newestFact: count },
  },
  'custodian.rotated': rotation,
  'custodian.recovered': rotation,
  'signer.rotated': rotation,
};

/**
 * The bytes that go into the ledger of a policy service: JSON in UTF-8 with keys sorted and no white space, so that one statement has one
 * spelling. Adds `"v":1`. Throws ProofError BAD_ENTRY when a field is out of range.
 */
export function encodePolicyEntry(entry: PolicyEntry): Uint8Array {
  const fields: Fields = { ...entry, v: ENTRY_VERSION };
  checkFields(entry.type, fields);
  const bytes = utf8(canonicalJson(fields));
  if (bytes.length > LEDGER_ENTRY_BYTES_MAX) throw bad(`is larger than ${LEDGER_ENTRY_BYTES_MAX} bytes`);
  return bytes;
}

/**
 * Inverse of {@link encodePolicyEntry}. An unknown `type` is kept as {@link UnknownPolicyEntry}; extra fields of a known type are kept
 * too. Throws ProofError BAD_ENTRY for anything else, and for JSON that is not in canonical form.
 */
export function decodePolicyEntry(bytes: Uint8Array): PolicyEntry | UnknownPolicyEntry {
  const fields = parseCanonical(bytes, bad);
  const { v, type, at, ...rest } = fields;
  if (v !== ENTRY_VERSION) throw bad(`has version ${String(v)}, not ${ENTRY_VERSION}`);
  if (typeof type !== 'string') throw bad('has no type');
  if (!isPolicyEntryType(type)) return { type: 'unknown', named: type, at: instant(at), fields: rest };
  checkFields(type, fields);
  // Every field of this type was checked just above, so the record is what its type says.
  return { type, at, ...rest } as PolicyEntry;
}

function isPolicyEntryType(type: string): type is PolicyEntry['type'] {
  return Object.hasOwn(POLICY_ENTRY_FIELDS, type);
}

function checkFields(type: PolicyEntry['type'], fields: Fields): void {
  instant(fields['at']);
  for (const [name, holds] of Object.entries(POLICY_ENTRY_FIELDS[type])) {
    if (!holds(fields[name])) throw bad(`of type ${type} has a bad ${name}`);
  }
  if (type === 'decided' && Number(fields['from']) > Number(fields['to'])) throw bad('ends before it begins');
}

function instant(value: unknown): string {
  if (typeof value !== 'string' || parseInstant(value) === undefined) throw bad('has a bad at');
  return value;
}

function bad(problem: string, cause?: unknown): ProofError {
  return new ProofError('BAD_ENTRY', `policy entry ${problem}`, { retry: 'never', cause });
}

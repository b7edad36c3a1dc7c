import { FieldError } from '../../proto/errors.ts';

/** A fact that the service does not take. Nothing of its request was stored. */
export class FactError extends FieldError<
  | 'MAY_NOT_ASSERT'
  | 'NOT_RECORDS_SOURCE'
  | 'SELF_CLASSIFICATION'
  | 'QUIET_DOWNGRADE'
  | 'ALREADY_REGISTERED'
  | 'BAD_MANIFEST'
  | 'BAD_WRAPS'
  | 'NO_SUCH_HOLD'
  | 'NO_SUCH_SEAL'
  | 'NO_SUCH_CASE'
  | 'NO_SUCH_STATEMENT'
  | 'NOT_DECIDED'
  | 'HELD'
  | 'ID_TAKEN'
> {}

/** The facts on disk are not what was written, or cannot be written now. */
export class StoreError extends FieldError<'STORE_DAMAGED' | 'STORE_BUSY' | 'STORE_IO'> {}

/** A policy set that must not decide anything: the service refuses to start with it. */
export class RegimeError extends FieldError<
  'NO_SUCH_REGIME' | 'NONE_IN_FORCE' | 'BAD_SCHEMA' | 'BAD_POLICY' | 'CANARY_ALLOWED' | 'CANARY_FAILED'
> {}

/** A token, proof, password or key that is not believed. The message is for the log and for the asking dock. */
export class TrustError extends FieldError<
  'BAD_TOKEN' | 'BAD_PROOF' | 'BAD_KEY' | 'BAD_ACCOUNT' | 'TOO_MANY_TRIES'
> {}

/**
 * A sign-in by OpenID Connect that came to nothing. The message is for the operator's log. NOT_STARTED_HERE: not under way, or in another
 * browser. OTHER_ASSURANCE: signed in, and not in the way that is asked for.
 */
export class SignInError extends FieldError<
  | 'PROVIDER_DOWN'
  | 'PROVIDER_REFUSED'
  | 'NOT_BELIEVED'
  | 'NOT_STARTED_HERE'
  | 'OTHER_ASSURANCE'
  | 'UNKNOWN_PERSON'
  | 'NO_ROLE'
> {}

/**
 * A request for keys that is not heard. CONSISTENCY_NEEDED: ask again with a proof from or to `facts.size`. NOT_SEALED: the
 * recording has no keys. NOT_KEYED: nothing here could open it. LEDGER_WAITING: what is written down cannot be published yet.
 */
export class KeysError extends FieldError<
  | 'BAD_KEY_REQUEST'
  | 'BAD_GRANT'
  | 'GRANT_EXPIRED'
  | 'GRANT_USED'
  | 'OTHER_SIGNER'
  | 'UNKNOWN_DOCK'
  | 'BAD_ENTRY'
  | 'BAD_LEDGER_PROOF'
  | 'CONSISTENCY_NEEDED'
  | 'LEDGER_FORKED'
  | 'NOT_SEALED'
  | 'NOT_KEYED'
  | 'LEDGER_WAITING'
> {}

/** A request for a decision record that is not heard. RULES_CHANGED: the service has been started with other rules since. */
export class RecordError extends FieldError<'BAD_DECISION_REQUEST' | 'RULES_CHANGED'> {}

/**
 * The service's own ledger cannot go on. LOG_AHEAD, LOG_DIFFERS: facts.db is not the one it was written from. LOG_KEY_LOST: a key that
 * it needs is gone.
 */
export class OwnLogError extends FieldError<'LOG_AHEAD' | 'LOG_DIFFERS' | 'LOG_KEY_LOST'> {}

/** The operator must mend a flag or a file before the service can start. */
export class ConfigError extends FieldError<'BAD_CONFIG'> {}

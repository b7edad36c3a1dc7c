/** Small printable facts about an error: for logs, never for logic. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Base of every error we expect to meet in the field. A bug is not one: bugs fail an `assert`. */
export abstract class FieldError<Code extends string> extends Error {
  /** What callers switch on; the message is for people. */
  readonly code: Code;
  /** Decided where it happened, obeyed where it is handled. */
  readonly retry: 'later' | 'never';
  readonly facts: Facts;

  constructor(
    code: Code,
    message: string,
    options: { retry: 'later' | 'never'; facts?: Facts; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retry = options.retry;
    this.facts = options.facts ?? {};
  }
}

/** A statement that arrived or was read back and does not hold: wrong shape, wrong hash, wrong signature. */
export class ProofError extends FieldError<
  | 'BAD_NOTE'
  | 'BAD_SIGNATURE'
  | 'BAD_PROOF'
  | 'BAD_GROWTH'
  | 'BAD_MANIFEST'
  | 'BAD_WRAPS'
  | 'BAD_HEAD'
  | 'BAD_RECEIPT'
  | 'BAD_ENTRY'
  | 'BAD_IDENTITY'
> {}

/**
 * A sealed message that does not open. SEAL_KEY: no key has this length. SEAL_LENGTH: no message has this length.
 * SEAL_TRUNCATED: its end is missing. SEAL_COMMITMENT: it was sealed with another key or for another place, or its header
 * is damaged. SEAL_SEGMENT: a segment is damaged or was moved.
 */
export class SealError extends FieldError<
  'SEAL_KEY' | 'SEAL_LENGTH' | 'SEAL_TRUNCATED' | 'SEAL_COMMITMENT' | 'SEAL_SEGMENT'
> {}

/** Bytes that are not a valid PDU. Returned as a value by parsers, counted and dropped by links. */
export class PduError extends FieldError<
  'PDU_SHORT' | 'PDU_CRC' | 'PDU_OVERSIZE' | 'PDU_UNKNOWN_TYPE' | 'PDU_MALFORMED' | 'PDU_RANGE'
> {}

/**
 * A link that cannot do what was asked. LINK_OPEN: it could not be opened, try later. LINK_GONE: it has ended
 * or was closed. LINK_OVERSIZE: this packet is larger than the link takes, and always will be.
 */
export class LinkError extends FieldError<'LINK_OPEN' | 'LINK_GONE' | 'LINK_OVERSIZE'> {
  /** `name` is the link's; `why` is for people. */
  static gone(name: string, why?: string): LinkError {
    return new LinkError('LINK_GONE', `${name} is closed${why === undefined ? '' : `: ${why}`}`, {
      retry: 'later',
    });
  }

  static oversize(bytes: number, bytesMax: number): LinkError {
    const facts = { bytes, bytesMax };
    return new LinkError('LINK_OVERSIZE', `packet of ${bytes} B; this link takes ${bytesMax} B`, {
      retry: 'never',
      facts,
    });
  }
}

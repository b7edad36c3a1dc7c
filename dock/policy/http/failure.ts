import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { FieldError } from '../../../proto/errors.ts';
import { FactError, StoreError, TrustError } from '../errors.ts';

/** A request that is refused as such: who asks or how it is written. */
export class RequestError extends FieldError<'BAD_REQUEST' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND'> {}

/** Every code that an error of ours carries out of the HTTP edge. */
export type Code = RequestError['code'] | FactError['code'] | StoreError['code'] | TrustError['code'];

/** The one table from codes to HTTP. */
export const STATUS: Readonly<Record<Code, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  MAY_NOT_ASSERT: 403,
  NOT_RECORDS_SOURCE: 403,
  SELF_CLASSIFICATION: 403,
  QUIET_DOWNGRADE: 409,
  ALREADY_REGISTERED: 409,
  BAD_MANIFEST: 400,
  BAD_WRAPS: 400,
  NO_SUCH_HOLD: 409,
  NO_SUCH_SEAL: 409,
  NO_SUCH_CASE: 409,
  NO_SUCH_STATEMENT: 409,
  NOT_DECIDED: 403,
  HELD: 409,
  ID_TAKEN: 409,
  STORE_DAMAGED: 503,
  STORE_BUSY: 503,
  STORE_IO: 503,
  BAD_TOKEN: 401,
  BAD_PROOF: 401,
  BAD_KEY: 400,
  BAD_ACCOUNT: 401,
  TOO_MANY_TRIES: 429,
};

/** Seconds a refused client should wait; the sign-in window is a minute. */
const RETRY_AFTER_S = 60;

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

/** Any error as what the caller is told. What is our own fault is told as no more than that. */
export function failureOf(error: unknown): Failure {
  if (isOurs(error)) {
    const { field } = error.facts;
    const named = typeof field === 'string' ? { field } : positionOf(error);
    return { status: STATUS[error.code], code: error.code, message: error.message, ...named };
  }
  const status = statusOf(error);
  // The certification of AuthZEN 1.0 wants 400 where HTTP has finer words (415 for a content type).
  if (status === 413) return { status, code: 'TOO_LARGE', message: 'the request body is too large' };
  if (status >= 400 && status < 500) {
    return {
      status: 400,
      code: 'BAD_REQUEST',
      message: error instanceof Error ? error.message : 'bad request',
    };
  }
  return { status: 500, code: 'INTERNAL', message: 'the policy service failed; its log says why' };
}

export function sendFailure(reply: FastifyReply, failure: Failure): FastifyReply {
  const { status, code, message, field } = failure;
  if (status === 401) reply.header('www-authenticate', challenge(reply.request));
  if (status === 429) reply.header('retry-after', String(RETRY_AFTER_S));
  return reply.code(status).send({ error: { code, message, ...(field === undefined ? {} : { field }) } });
}

/** RFC 6750, section 3: what is missing, or wrong with what was given. */
function challenge({ headers }: FastifyRequest): string {
  return headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
}

/** Answers every error of a route; `report` gets those that are our own fault. */
export function failureHandler(
  report: (error: unknown) => void,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, _request, reply) => {
    const failure = failureOf(error);
    if (failure.status >= 500) report(error);
    return sendFailure(reply, failure);
  };
}

export function badRequest(message: string, field?: string): RequestError {
  return new RequestError('BAD_REQUEST', message, {
    retry: 'never',
    ...(field === undefined || field === '' ? {} : { facts: { field } }),
  });
}

type Ours = FieldError<Code>;

function isOurs(error: unknown): error is Ours {
  return (
    error instanceof RequestError ||
    error instanceof FactError ||
    error instanceof StoreError ||
    error instanceof TrustError
  );
}

/** Which fact of a batch it was. */
function positionOf({ facts }: Ours): { readonly field?: string } {
  return typeof facts['position'] === 'number' ? { field: `[${facts['position']}]` } : {};
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { SourceAccount } from '../config.ts';
import type { Accounts } from '../custodian/accounts.ts';
import type { Source } from '../facts/fact.ts';
import type { Rules } from '../decide/rules.ts';
import type { KeyCourt } from '../handover.ts';
import type { OwnLog } from '../ledger/open.ts';
import type { RecordCourt } from '../retelling.ts';
import { RequestError } from './failure.ts';
import type { OpenId } from './oidc.ts';

/** What the HTTP edge serves. */
export interface Service extends KeyCourt, RecordCourt {
  /** This service's own ledger. */
  readonly log: OwnLog;
  readonly sources: readonly SourceAccount[];
  readonly accounts: Accounts;
  /** The way to sign in besides accounts. */
  readonly openId?: OpenId | undefined;
  /** Addresses, besides loopback ones, that a sign-in may lead back to. */
  readonly viewers: readonly string[];
  /** Base URL of this service, without a trailing slash. */
  url(): string;
  /** Told of errors that are our own fault, and of docks that show two histories. */
  report(this: void, error: unknown): void;
}

/** The rules in force for what no agency in particular recorded: what the service names when it is asked how it stands. */
export function rulesOfNobody({ ruleBook, book, clock }: Service): Rules {
  return ruleBook.inForce(book.known, { recording: '', nowMs: clock.nowMs() });
}

/**
 * The source whose bearer token (RFC 6750) the request carries. Throws RequestError UNAUTHENTICATED. Digests of
 * one length are compared, and all of them, so the time taken says nothing about any token.
 */
export function authenticate({ sources }: Pick<Service, 'sources'>, request: FastifyRequest): Source {
  const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const given = digest(token);
  let found: Source | undefined;
  for (const source of sources) {
    if (timingSafeEqual(digest(source.token), given)) found = source;
  }
  if (found !== undefined && token !== '') return found;
  throw new RequestError('UNAUTHENTICATED', 'a bearer token of an enrolled source is needed', {
    retry: 'never',
  });
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

import { z } from 'zod';
import { RECORD_ANSWERS } from '../decisions.ts';
import { STATUS, type Code } from '../failure.ts';
import { KEY_ANSWERS } from '../keys.ts';
import type { Answer, Answers, Headers } from './operation.ts';

/** Codes of the edge itself, which no error class has. */
const EDGE = { TOO_LARGE: 413, INTERNAL: 500 } as const;
type Told = Code | keyof typeof EDGE;

const MEANS: Readonly<Record<Told, string>> = {
  BAD_REQUEST: 'the request cannot be read; `field` names the member at fault',
  UNAUTHENTICATED: 'no bearer token of an enrolled source',
  FORBIDDEN: 'not from here',
  NOT_FOUND: 'there is nothing of that name',
  MAY_NOT_ASSERT: 'this source may not say this',
  NOT_RECORDS_SOURCE: 'a dock says what it holds and no more',
  SELF_CLASSIFICATION: 'whoever took part does not classify',
  QUIET_DOWNGRADE: 'it lowers what was classified, and does not name what it replaces',
  ALREADY_REGISTERED: 'the recording is registered with another camera, manifest or officer',
  BAD_MANIFEST: "it is not the enrolled camera's own word, or says something else",
  BAD_WRAPS: 'the wraps are not those that the manifest names',
  NO_SUCH_HOLD: 'they have no hold in force',
  NO_SUCH_SEAL: 'they have no seal in force, and another stands',
  NO_SUCH_CASE: 'this would end nothing, while another case of that person stands',
  NO_SUCH_STATEMENT: 'this would end nothing, while another statement of that person stands',
  NOT_DECIDED: 'that dock was never allowed to destroy the recording',
  HELD: 'the recording is under a legal hold by now',
  ID_TAKEN: 'this source has another fact of that id',
  STORE_DAMAGED: 'what is on disk is not what was written',
  STORE_BUSY: 'somebody else is writing: ask again',
  STORE_IO: 'it cannot be written now, so it is not answered',
  BAD_TOKEN: 'the viewer token is not believed, or no longer',
  BAD_PROOF: 'what the page signed is not believed',
  BAD_KEY: 'not a public P-256 key',
  BAD_ACCOUNT: 'person and password do not belong together',
  TOO_MANY_TRIES: 'too many tries: wait for as long as `Retry-After` says',
  TOO_LARGE: 'the body is too large',
  INTERNAL: 'the service failed; its log says why',
};

const KEYS_MEAN: Readonly<Record<keyof typeof KEY_ANSWERS, string>> = {
  BAD_KEY_REQUEST: 'not a request, not signed, too old, for another service, or without a usable key',
  BAD_GRANT: 'the grant is not ours, or for another manifest',
  GRANT_EXPIRED: 'the grant is older than a minute',
  GRANT_USED: 'keys were given to another request under this grant',
  OTHER_SIGNER: 'another page signs than the one that the grant binds',
  UNKNOWN_DOCK: 'no such dock is enrolled',
  BAD_ENTRY: 'the entry does not say that this page used this grant',
  BAD_LEDGER_PROOF: "the dock's ledger does not hold the entry",
  CONSISTENCY_NEEDED: 'ask the dock for the proof from or to `size`, and send it along',
  LEDGER_FORKED: "the dock's ledger shows two histories",
  NOT_SEALED: 'the recording is not sealed, so it has no keys',
  NOT_KEYED: 'nothing here could open it',
  LEDGER_WAITING: 'it is written down and cannot be published yet: ask again with the same request',
};

const RECORDS_MEAN: Readonly<Record<keyof typeof RECORD_ANSWERS, string>> = {
  BAD_DECISION_REQUEST: 'not a request, not signed, too old, or for another service',
  RULES_CHANGED: 'the service has been started with other rules since',
};

/** Headers that say what a refused client should do. */
const HEADERS: Readonly<Record<number, Headers>> = {
  401: { 'WWW-Authenticate': 'RFC 6750: `Bearer`, with `error="invalid_token"` when one was given.' },
  429: { 'Retry-After': 'Seconds to wait.' },
};

/** A refusal, with what it is called and what that means. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly means: string;
}

/** The answers that stand for these codes: one for each status, its body naming the codes that can be in it. */
export function refusals(...codes: readonly Told[]): Answers {
  const status: Readonly<Record<Told, number>> = { ...STATUS, ...EDGE };
  return answersOf(
    codes.map((code) => ({ status: status[code], code, means: MEANS[code] })),
    { field: z.string().describe('The member of the request that is at fault.').optional() },
  );
}

/** Those of a request that a grant opens, where codes are spelt as a dock spells its own. */
export function grantRefusals(...codes: readonly (keyof typeof KEY_ANSWERS)[]): Answers {
  return answersOf(codes.map((name) => refusal(KEY_ANSWERS[name], KEYS_MEAN[name])));
}

/** Those of a request for a decision record, besides the ones of its grant. */
export function recordRefusals(...codes: readonly (keyof typeof RECORD_ANSWERS)[]): Answers {
  return answersOf(codes.map((name) => refusal(RECORD_ANSWERS[name], RECORDS_MEAN[name])));
}

/** The same request may be answered in all these ways: answers of one status become one. */
export function anyOf(...sets: readonly Answers[]): Answers {
  const all = sets.flatMap((set) => Object.entries(set));
  const merged: Record<string, Answer> = {};
  for (const [status, answer] of all) {
    const before = merged[status];
    merged[status] = before === undefined ? answer : either(before, answer);
  }
  return merged;
}

function either(one: Answer, other: Answer): Answer {
  const bodies = [one.body, other.body].filter((body) => body !== undefined);
  return {
    ...one,
    description: `${one.description}\n${other.description}`,
    headers: { ...one.headers, ...other.headers },
    ...(bodies.length === 0 ? {} : { body: z.union(bodies) }),
  };
}

function refusal([status, code]: readonly [number, string], means: string): Refusal {
  return { status, code, means };
}

function answersOf(all: readonly Refusal[], more: Readonly<Record<string, z.ZodType>> = {}): Answers {
  const statuses = [...new Set(all.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const here = all.filter((one) => one.status === status);
      const headers = HEADERS[status];
      const answer: Answer = {
        description: here.map(({ code, means }) => `- \`${code}\`: ${means}.`).join('\n'),
        ...(headers === undefined ? {} : { headers }),
        body: failure(
          here.map(({ code }) => code),
          more,
        ),
      };
      return [status, answer];
    }),
  );
}

function failure(codes: readonly string[], more: Readonly<Record<string, z.ZodType>>): z.ZodType {
  const size = z.int().min(0).optional().describe('Entries that the ledger had when it was last seen.');
  return z.strictObject({
    error: z.strictObject({ code: z.enum(codes), message: z.string().describe('For people.'), ...more }),
    ...(codes.includes('consistency-needed') ? { size } : {}),
  });
}

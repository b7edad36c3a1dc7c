import type { z } from 'zod';

/** How the document groups what can be asked; in its order. */
export const TAGS = {
  facts: 'What sources tell the service, and what it has been told.',
  decisions: 'OpenID AuthZEN Authorization API 1.0: may this person do this?',
  keys: 'What a page is given for a recording that it has opened at a dock. The signature inside is the only credential.',
  people: 'How a person signs in, and a page stays signed in.',
  trust: 'What everybody may check: public keys, and the ledger of the service.',
  service: 'How it stands, and this document.',
  demonstration: 'Only with `--demo-records`. A real service does not have it.',
} as const;
export type Tag = keyof typeof TAGS;

/** One way a request can be answered. */
export interface Answer {
  readonly description: string;
  /** Headers of this answer besides those that every answer has: name, and what it says. */
  readonly headers?: Headers;
  /** Absent: no body. For another media type than JSON a string. */
  readonly body?: z.ZodType;
  /** Default: `application/json`. */
  readonly mediaType?: string;
  /** It may be a page for people instead. */
  readonly orPage?: true;
}

/** Headers of an answer: name, and what it says. */
export type Headers = Readonly<Record<string, string>>;

/** By status. */
export type Answers = Readonly<Record<number, Answer>>;

/** One method of one address, for those who have never seen this program. The schemas are those that check the request. */
export interface Operation {
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Default: nobody has to say who they are, or what is sent says so. */
  readonly credential?: 'source';
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Media type of the body. Default: `application/json`. */
  readonly sends?: string;
  readonly answers: Answers;
}

/** By method and address as the router has them: `POST /v1/facts`. */
export type Operations = Readonly<Record<string, Operation>>;

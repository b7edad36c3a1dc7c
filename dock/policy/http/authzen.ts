import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { giveWay } from '../clock.ts';
import type { Source } from '../facts/fact.ts';
import type { Request } from '../hearing.ts';
import { requestIdIn } from './edge.ts';
import { badRequest, RequestError } from './failure.ts';

const EVALUATIONS_MAX = 1_000;
const BODY_BYTES_MAX = 2 * 1024 * 1024;
const METADATA = '/.well-known/authzen-configuration';
const WORD = z.string().min(1).max(256);

// Members we do not know are ignored, as the specification asks; what is known must have its type.
const entity = z.object({ type: WORD, id: WORD, properties: z.record(z.string(), z.unknown()).optional() });
const action = z.object({ name: WORD, properties: z.record(z.string(), z.unknown()).optional() });
const context = z.object({
  purpose: z.string().max(64).optional().describe('Why. Every rule asks for one.'),
  dock: z.string().min(1).max(64).optional().describe('The dock that asks for a grant, under its own name.'),
  nonce: z.string().min(1).max(256).optional().describe('Chosen by that dock, and in the grant.'),
  days: z
    .number()
    .int()
    .optional()
    .describe('How long that dock keeps recordings, when it asks to destroy one.'),
  chunks: z
    .tuple([z.int().min(0), z.int().min(0)])
    .optional()
    .describe('Which chunks are to be opened, from the first up to and without the second.'),
  opening: z
    .object({
      token: z.string().max(8_192).describe('The viewer token of the person (JWT).'),
      proof: z.string().max(8_192).describe('By the key which that token binds (JWS).'),
    })
    .optional()
    .describe('What a page signed to open the recording.'),
});
/** One access evaluation request (AuthZEN 1.0, section 6.1). */
export const evaluation = z.object({
  subject: entity,
  action,
  resource: entity,
  context: context.optional(),
});
type Evaluation = z.infer<typeof evaluation>;

/** Many at once (section 7.1). Each of `evaluations` is looked at by itself, so that one which cannot be heard spoils no other. */
export const batch = z.object({
  subject: entity.partial().optional(),
  action: action.partial().optional(),
  resource: entity.partial().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  evaluations: z.array(z.unknown()).max(EVALUATIONS_MAX).optional(),
  options: z
    .object({
      evaluations_semantic: z
        .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
        .optional(),
    })
    .optional(),
});

/** An item of a batch that could not be heard (AuthZEN 1.0, section 7.2.1). */
interface Unheard {
  readonly decision: false;
  readonly context: {
    readonly reason: string;
    readonly error: { readonly status: 400; readonly message: string };
  };
}

/** Who decides behind this API. */
export interface DecisionPoint {
  /** Base URL, without a trailing slash: the identity of this decision point. */
  url(this: void): string;
  /** Who asks. Throws RequestError UNAUTHENTICATED. */
  authenticate(this: void, request: FastifyRequest): Source;
  /** Decides. Nothing of it is answered before it is written down. */
  judge(this: void, request: Request): Promise<Judged>;
  /** Has all that was decided written down soon, and together. */
  write(this: void): void;
}

/** What was decided, and the answer to it once that is written down. */
export interface Judged {
  readonly decision: boolean;
  answer(this: void): Promise<Verdict | Unheard>;
}

/** One access evaluation response (AuthZEN 1.0, section 6.2). */
export interface Verdict {
  readonly decision: boolean;
  readonly context: object;
}

/** OpenID AuthZEN Authorization API 1.0: evaluation, evaluations, metadata. Searches are not offered. */
export function authzenRoutes(app: FastifyInstance, pdp: DecisionPoint): void {
  // Before the body is read: who may not ask is not told what is wrong with the question.
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    pdp.authenticate(request);
    checkRequestId(request);
  };
  const options = { bodyLimit: BODY_BYTES_MAX, onRequest };
  app.post('/access/v1/evaluation', options, async (request) => hearOne(pdp, request));
  app.post('/access/v1/evaluations', options, async (request) => {
    const whole = parse(batch, request.body);
    const { evaluations = [] } = whole;
    if (evaluations.length === 0) return hearOne(pdp, request);
    return { evaluations: await hearAll(pdp, request, { ...whole, evaluations }) };
  });
  metadataRoutes(app, pdp);
}

/**
 * Where a client looks for the metadata: the well-known part stands between host and path of the identity (section
 * 9.2.1). Without the path too, for a gateway that strips it.
 */
function metadataRoutes(app: FastifyInstance, pdp: DecisionPoint): void {
  const metadata = (): object => {
    const url = pdp.url();
    return {
      policy_decision_point: url,
      access_evaluation_endpoint: `${url}/access/v1/evaluation`,
      access_evaluations_endpoint: `${url}/access/v1/evaluations`,
    };
  };
  app.get(METADATA, async () => metadata());
  app.get<{ Params: { '*': string } }>(`${METADATA}/*`, async ({ params }) => {
    if (new URL(pdp.url()).pathname === `/${params['*']}`) return metadata();
    throw new RequestError('NOT_FOUND', 'there is no decision point of that name here', { retry: 'never' });
  });
}

/** It is kept with the decision and echoed as it is (section 10.1.3): another one in its place would be a lie to whoever looks for it. */
function checkRequestId(request: FastifyRequest): void {
  if (request.headers['x-request-id'] === undefined || requestIdIn(request) !== undefined) return;
  throw badRequest('X-Request-ID is 1 to 256 printable ASCII characters', 'x-request-id');
}

async function hearOne(pdp: DecisionPoint, request: FastifyRequest): Promise<Verdict | Unheard> {
  const from = { source: pdp.authenticate(request), requestId: request.id };
  const { answer } = await pdp.judge(requestOf(parse(evaluation, request.body), from));
  pdp.write();
  return answer();
}

async function hearAll(
  pdp: DecisionPoint,
  request: FastifyRequest,
  whole: z.infer<typeof batch> & { readonly evaluations: readonly unknown[] },
): Promise<readonly (Verdict | Unheard)[]> {
  const from = { source: pdp.authenticate(request), requestId: request.id };
  const semantic = whole.options?.evaluations_semantic ?? 'execute_all';
  const judged: Judged[] = [];
  try {
    for (const item of whole.evaluations) {
      // A decision takes its time; a thousand in a row would leave event streams without their comment.
      await giveWay();
      const parsed = evaluation.safeParse(withDefaults(item, whole));
      const one = parsed.success
        ? await pdp.judge(requestOf(parsed.data, from))
        : unheard(problemOf(parsed.error).message);
      judged.push(one);
      if (semantic === 'deny_on_first_deny' && !one.decision) break;
      if (semantic === 'permit_on_first_permit' && one.decision) break;
    }
  } finally {
    // What was decided before one that failed is on record as well.
    pdp.write();
  }
  return Promise.all(judged.map(({ answer }) => answer()));
}

/**
 * What an item leaves out it takes from the top of the batch: whole members, and of a member it does give the
 * fields every request needs (section 7.1.1).
 */
function withDefaults(item: unknown, whole: z.infer<typeof batch>): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const own: Readonly<Record<string, unknown>> = { ...item };
  return {
    subject: filled(own['subject'], whole.subject, ['type', 'id']),
    action: filled(own['action'], whole.action, ['name']),
    resource: filled(own['resource'], whole.resource, ['type', 'id']),
    context: own['context'] === undefined ? whole.context : own['context'],
  };
}

function filled(
  own: unknown,
  fallback: Readonly<Record<string, unknown>> | undefined,
  needed: readonly string[],
): unknown {
  if (own === undefined || fallback === undefined) return own ?? fallback;
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return own;
  return { ...Object.fromEntries(needed.map((field) => [field, fallback[field]])), ...own };
}

/** What an evaluation asks, as the court hears it. */
export function requestOf(
  { subject, action: { name }, resource, context: claimed }: Evaluation,
  from: { readonly source: Source; readonly requestId: string },
): Request {
  return {
    source: from.source,
    requestId: from.requestId,
    subjectType: subject.type,
    resourceType: resource.type,
    question: { person: subject.id, action: name, recording: resource.id, purpose: claimed?.purpose ?? '' },
    dock: claimed?.dock,
    nonce: claimed?.nonce,
    opening: claimed?.opening,
    chunks: claimed?.chunks,
    days: claimed?.days,
  };
}

function unheard(message: string): Judged {
  const context = { reason: message, error: { status: 400, message } } as const;
  return { decision: false, answer: async () => ({ decision: false, context }) };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { message, field } = problemOf(result.error);
  throw badRequest(message, field);
}

function problemOf(error: z.ZodError): { readonly message: string; readonly field: string } {
  const issue = error.issues[0];
  const field = issue?.path.join('.') ?? '';
  return {
    message: `not an evaluation request: ${field}: ${issue?.message ?? 'not as it should be'}`,
    field,
  };
}

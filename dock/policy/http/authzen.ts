import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { randomId } from '../custodian/keys.ts';
import type { Source } from '../facts/fact.ts';
import { asksToDestroy, hearDestruction } from '../destruction.ts';
import { hear, type Answer, type Request } from '../hearing.ts';
import { badRequest } from './failure.ts';
import { authenticate, type Service } from './service.ts';

const EVALUATIONS_MAX = 1_000;
const BODY_BYTES_MAX = 2 * 1024 * 1024;
const WORD = z.string().min(1).max(256);

// Members we do not know are ignored, as the specification asks; what is known must have its type.
const entity = z.object({ type: WORD, id: WORD, properties: z.record(z.string(), z.unknown()).optional() });
const action = z.object({ name: WORD, properties: z.record(z.string(), z.unknown()).optional() });
const context = z.object({
  purpose: z.string().max(64).optional(),
  dock: z.string().min(1).max(64).optional(),
  nonce: z.string().min(1).max(256).optional(),
  days: z.number().int().optional(),
  chunks: z.tuple([z.int().min(0), z.int().min(0)]).optional(),
  opening: z.object({ token: z.string().max(8_192), proof: z.string().max(8_192) }).optional(),
});
const evaluation = z.object({ subject: entity, action, resource: entity, context: context.optional() });
type Evaluation = z.infer<typeof evaluation>;

const batch = z.object({
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

/** OpenID AuthZEN Authorization API 1.0: evaluation, evaluations, metadata. */
export function authzenRoutes(app: FastifyInstance, service: Service): void {
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    authenticate(service, request);
  };
  const options = { bodyLimit: BODY_BYTES_MAX, onRequest };
  app.post('/access/v1/evaluation', options, async (request) => hearOne(service, request, request.body));
  app.post('/access/v1/evaluations', options, async (request) => {
    const whole = parse(batch, request.body);
    const { evaluations = [] } = whole;
    if (evaluations.length === 0) return hearOne(service, request, request.body);
    return { evaluations: await hearAll(service, request, { ...whole, evaluations }) };
  });
  app.get('/.well-known/authzen-configuration', async () => ({
    policy_decision_point: service.url(),
    access_evaluation_endpoint: `${service.url()}/access/v1/evaluation`,
    access_evaluations_endpoint: `${service.url()}/access/v1/evaluations`,
  }));
}

async function hearOne(service: Service, request: FastifyRequest, body: unknown): Promise<Answer> {
  const source = authenticate(service, request);
  return heard(service, requestOf(parse(evaluation, body), { source, requestId: requestIdOf(request) }));
}

function heard(service: Service, request: Request): Promise<Answer> {
  return asksToDestroy(request) ? hearDestruction(service, request) : hear(service, request);
}

async function hearAll(
  service: Service,
  request: FastifyRequest,
  whole: z.infer<typeof batch> & { readonly evaluations: readonly unknown[] },
): Promise<readonly (Answer | Unheard)[]> {
  const source = authenticate(service, request);
  const requestId = requestIdOf(request);
  const semantic = whole.options?.evaluations_semantic ?? 'execute_all';
  const answers: (Answer | Unheard)[] = [];
  for (const item of whole.evaluations) {
    const parsed = evaluation.safeParse(withDefaults(item, whole));
    const answer = parsed.success
      ? await heard(service, requestOf(parsed.data, { source, requestId }))
      : unheard(problemOf(parsed.error).message);
    answers.push(answer);
    if (semantic === 'deny_on_first_deny' && !answer.decision) break;
    if (semantic === 'permit_on_first_permit' && answer.decision) break;
  }
  return answers;
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
    context: own['context'] ?? whole.context,
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

function requestOf(
  { subject, action: { name }, resource, context: claimed }: Evaluation,
  from: { readonly source: Source; readonly requestId: string },
): Request {
  return {
    ...from,
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

function unheard(message: string): Unheard {
  return { decision: false, context: { reason: message, error: { status: 400, message } } };
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

function requestIdOf({ headers }: FastifyRequest): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && given.length <= 256 ? given : randomId();
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { giveWay } from '../clock.ts';
import { openAsked, type Kind } from '../custodian/asking.ts';
import type { Rules } from '../decide/rules.ts';
import { casesOf, type Cases } from '../oversight/cases.ts';
import { changesOf, type PolicyChanges } from '../oversight/changes.ts';
import { compareFor, KnownRegimes, type Comparison } from '../oversight/comparison.ts';
import { INCIDENT_FACTS_MAX } from '../oversight/incident.ts';
import { Pace } from '../oversight/pace.ts';
import { badRequest, RequestError } from './failure.ts';
import { signedRequest } from './keys.ts';
import { openToPages } from './pages.ts';
import type { Service } from './service.ts';

const BODY_BYTES_MAX = 16 * 1024;
const OVERSIGHT: Kind = { typ: 'holdfast-oversight+jwt', what: 'the question' };

const name = z.string().min(1).max(64);

/** What may be asked: the claim `ask` inside the request. */
export const question = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cases') }),
  z.strictObject({
    kind: z.literal('changes'),
    before: z.int().min(1).optional().describe('Only those filed before the fact with this index.'),
  }),
  z.strictObject({
    kind: z.literal('compare'),
    incident: name,
    regimes: z.tuple([name, name]).describe('Two regimes of this service, by name.'),
  }),
]);
type Question = z.output<typeof question>;

/** What the answers are made of. */
type Answer =
  | ({ readonly kind: 'cases' } & Cases)
  | ({ readonly kind: 'changes'; readonly regimes: readonly string[] } & PolicyChanges)
  | { readonly kind: 'compare'; readonly comparison: Comparison };

interface Parts {
  readonly regimes: KnownRegimes;
  readonly pace: Pace;
}

/** `POST /v1/oversight`: for the page of whoever oversees. The signature over the token is the credential; docks see tokens. */
export function oversightRoutes(app: FastifyInstance, service: Service): void {
  const parts: Parts = { regimes: new KnownRegimes(), pace: new Pace() };
  const onRequest = openToPages(app, service, '/v1/oversight');
  app.post('/v1/oversight', { bodyLimit: BODY_BYTES_MAX, onRequest }, async (request): Promise<Answer> => {
    const body = signedRequest.safeParse(request.body);
    if (!body.success) throw badRequest('the body is {"request"}, signed by the page', 'request');
    const nowMs = service.clock.nowMs();
    const { viewer, payload } = await openAsked(service.issuer, body.data.request, {
      kind: OVERSIGHT,
      nowMs,
    });
    parts.pace.take(viewer.person, nowMs);
    const ask = question.safeParse(payload['ask']);
    if (!ask.success)
      throw badRequest(
        'the question is not understood',
        ['ask', ...(ask.error.issues[0]?.path ?? [])].join('.'),
      );
    return answerTo(service, parts, { ask: ask.data, person: viewer.person, nowMs });
  });
}

async function answerTo(
  service: Service,
  parts: Parts,
  { ask, person, nowMs }: { readonly ask: Question; readonly person: string; readonly nowMs: number },
): Promise<Answer> {
  const { book, ruleBook } = service;
  switch (ask.kind) {
    case 'cases':
      return { kind: 'cases', ...(await casesOf({ book, ruleBook, nowMs }, person)) };
    case 'changes':
      return {
        ...{ kind: 'changes', regimes: parts.regimes.names },
        ...changesOf(book, { before: ask.before, nowMs }),
      };
    case 'compare':
      return { kind: 'compare', comparison: await compared(service, parts, { ask, person }) };
    default:
      return ask satisfies never;
  }
}

async function compared(
  { book }: Service,
  { regimes, pace }: Parts,
  { ask, person }: { readonly ask: Extract<Question, { kind: 'compare' }>; readonly person: string },
): Promise<Comparison> {
  const [first, second] = ask.regimes;
  if (first === second) throw badRequest('name two regimes that are not the same', 'ask.regimes');
  const one = rulesNamed(regimes, first);
  // The first time in the life of the service each takes as long as at its start, so others go in between.
  await giveWay();
  const rules = [one, rulesNamed(regimes, second)] as const;
  const { incident } = ask;
  const found = await pace.compare(person, () => compareFor(book, person, { incident, rules }));
  switch (found.outcome) {
    case 'compared':
      return found.comparison;
    case 'not-yours':
      // The same for an incident of others and for one that does not exist.
      throw new RequestError('NOT_FOUND', 'you have no case on such an incident', { retry: 'never' });
    case 'too-large':
      throw badRequest(
        `there is too much on file of this incident to compare it here (${INCIDENT_FACTS_MAX} facts at most): ask for \`holdfast policy diff\` on the service's machine`,
        'ask.incident',
      );
    default:
      return found satisfies never;
  }
}

function rulesNamed(regimes: KnownRegimes, regime: string): Rules {
  const rules = regimes.get(regime);
  if (rules !== undefined) return rules;
  throw badRequest(`there is no such regime; there are: ${regimes.names.join(', ')}`, 'ask.regimes');
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SourceAccount } from '../config.ts';
import { ConfigError } from '../errors.ts';
import type { Request } from '../hearing.ts';
import { authzenRoutes, type Verdict } from './authzen.ts';
import { openEdge, type EdgeOptions } from './edge.ts';
import { authenticate } from './service.ts';

const WORD = z.string().min(1).max(256);
const entity = z.strictObject({ type: WORD, id: WORD });
const list = z.array(entity).max(10_000);
/** Type and id, or the id alone where only one of that kind has it. */
const reference = z.union([WORD, entity]);
const file = z.strictObject({
  subjects: list,
  resources: list,
  allow: z.array(z.strictObject({ subject: reference, action: WORD, resource: reference })).max(100_000),
});
type Entity = z.infer<typeof entity>;

/** A small policy store: what it names it knows, what it allows is allowed, all else is denied. */
export interface Fixture {
  readonly subjects: readonly Entity[];
  readonly resources: readonly Entity[];
  judge(this: void, question: Asked): Judged;
}

interface Judged {
  readonly allowed: boolean;
  readonly reason: string;
}

interface Asked {
  readonly subject: Entity;
  readonly action: string;
  readonly resource: Entity;
}

/** Reads the text of a `--fixture` file. Throws ConfigError BAD_CONFIG with the place in it and what is wrong there. */
export function readFixture(path: string, text: string): Fixture {
  const parsed = file.safeParse(jsonOf(path, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw bad(path, issue?.path.join('.') ?? '', issue?.message ?? 'not as it should be');
  }
  const { subjects, resources, allow } = parsed.data;
  const known = {
    subject: table(path, 'subjects', subjects),
    resource: table(path, 'resources', resources),
  };
  const allowed = new Set(
    allow.map(({ subject, action, resource }, index) =>
      keyOf({
        subject: resolved(path, subjects, { at: `allow.${index}.subject`, reference: subject }),
        action,
        resource: resolved(path, resources, { at: `allow.${index}.resource`, reference: resource }),
      }),
    ),
  );
  const judge = (asked: Asked): Judged => {
    const { subject, action, resource } = asked;
    const [who, what] = [`${subject.type} ${subject.id}`, `${resource.type} ${resource.id}`];
    if (!known.subject.has(nameOf(subject))) return no(`The fixture has no subject ${who}.`);
    if (!known.resource.has(nameOf(resource))) return no(`The fixture has no resource ${what}.`);
    const isAllowed = allowed.has(keyOf(asked));
    const verb = isAllowed ? 'allows' : 'does not allow';
    return { allowed: isAllowed, reason: `The fixture ${verb} ${who} to ${action} ${what}.` };
  };
  return { subjects, resources, judge };
}

export interface FixtureOptions extends Pick<EdgeOptions, 'tls' | 'limits' | 'report'> {
  /** Asked for as a bearer token; without one anybody may ask. */
  readonly token?: string;
  url(this: void): string;
}

/** The AuthZEN edge of the service, and nothing else of it, with a fixture behind it: no facts, no keys, no custodian. Not yet listening. */
export function buildFixtureServer(
  fixture: Fixture,
  { token, url, ...options }: FixtureOptions,
): FastifyInstance {
  const nobody = { name: 'fixture', may: new Set<never>() };
  const sources: readonly SourceAccount[] = token === undefined ? [] : [{ ...nobody, token }];
  const app = openEdge(options);
  authzenRoutes(app, {
    url,
    authenticate: (request) => (token === undefined ? nobody : authenticate({ sources }, request)),
    judge: async (request) => {
      const { decision, context } = verdict(fixture, request);
      return { decision, answer: async () => ({ decision, context }) };
    },
    write: () => undefined,
  });
  app.get('/healthz', async () => ({ ok: true, fixture: true }));
  return app;
}

function verdict(
  fixture: Fixture,
  { subjectType, resourceType, requestId, question: { person, action, recording } }: Request,
): Verdict {
  const subject = { type: subjectType, id: person };
  const resource = { type: resourceType, id: recording };
  const { allowed, reason } = fixture.judge({ subject, action, resource });
  return { decision: allowed, context: { reason, requestId } };
}

function no(reason: string): Judged {
  return { allowed: false, reason };
}

/** By name, so that none is there twice. */
function table(path: string, field: string, entities: readonly Entity[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, one] of entities.entries()) {
    if (names.has(nameOf(one))) throw bad(path, `${field}.${index}`, `${one.type} ${one.id} is there twice`);
    names.add(nameOf(one));
  }
  return names;
}

function resolved(
  path: string,
  entities: readonly Entity[],
  { at, reference }: { readonly at: string; readonly reference: string | Entity },
): Entity {
  const named = entities.filter((one) =>
    typeof reference === 'string' ? one.id === reference : nameOf(one) === nameOf(reference),
  );
  const [found] = named;
  const shown = typeof reference === 'string' ? reference : `${reference.type} ${reference.id}`;
  if (found === undefined) throw bad(path, at, `there is no ${shown} in this file`);
  if (named.length > 1) {
    throw bad(path, at, `${named.length} have the id ${shown}: write {"type","id"}`);
  }
  return found;
}

/** One text for a type and an id, whatever characters they have. */
function nameOf({ type, id }: Entity): string {
  return JSON.stringify([type, id]);
}

function keyOf({ subject, action, resource }: Asked): string {
  return JSON.stringify([nameOf(subject), action, nameOf(resource)]);
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError('BAD_CONFIG', `${path} is not JSON`, { retry: 'never', cause });
  }
}

function bad(path: string, place: string, problem: string): ConfigError {
  return new ConfigError('BAD_CONFIG', `${path}: ${place}: ${problem}`, { retry: 'never' });
}

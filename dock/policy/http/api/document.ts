import { z } from 'zod';
import { sentFact, storedFact } from '../fact-kinds.ts';
import { refusals } from './refusals.ts';
import { TAGS, type Answer, type Operation, type Operations } from './operation.ts';

type Json = Readonly<Record<string, unknown>>;

/** A route of the service: `POST`, `/v1/facts`. */
export interface Route {
  readonly method: string;
  readonly url: string;
}

export interface Described {
  readonly operations: Operations;
  /** Schemas that have a name of their own in the document, besides facts. */
  readonly named: Readonly<Record<string, z.ZodType>>;
}

/** Version of OpenAPI. */
export const OPENAPI = '3.1.1';
const COMPONENTS = '#/components/schemas/';
const JSON_TYPE = 'application/json';
const REQUEST_ID = { $ref: '#/components/headers/RequestId' };
const SOURCE = 'Needs the bearer token of an enrolled source.';
/** Any route can fail so. */
const ALWAYS = refusals('INTERNAL');

const ABOUT = `What the policy service takes and answers, made from the schemas that check the requests.

An error is \`{"error":{"code","message","field"?}}\`. Besides the answers listed here: 404 \`NOT_FOUND\` for an address that is none, 405 \`METHOD_NOT_ALLOWED\` with \`Allow\`,
408 \`TOO_SLOW\` and 431 \`TOO_LARGE\` for a request that does not arrive. A \`GET\` can be asked with \`HEAD\`. A body that names a member twice, nests deeper than 64 or is not UTF-8 is refused with 400.`;

/**
 * The OpenAPI 3.1 document of these routes. The routes are there already, so nothing that does not exist is described; one without a
 * description is left out.
 */
export function documentOf(routes: readonly Route[], { operations, named }: Described): Json {
  const described = routes.flatMap((route) => {
    const operation = operations[`${route.method} ${route.url}`];
    return operation === undefined
      ? []
      : [{ ...route, operation: { ...operation, answers: { ...operation.answers, ...ALWAYS } } }];
  });
  const { schemaOf, components } = schemasOf(
    described.map(({ operation }) => operation),
    named,
  );
  const paths: Record<string, Record<string, Json>> = {};
  for (const { method, url, operation } of described) {
    const path = url.replace('*', '{path}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operation, schemaOf) };
  }
  const used = new Set(described.map(({ operation }) => operation.tag));
  return {
    openapi: OPENAPI,
    info: { title: 'Holdfast policy service', version: '1', description: ABOUT },
    tags: Object.entries(TAGS)
      .filter(([name]) => [...used].some((tag) => tag === name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        source: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of an enrolled source (RFC 6750).',
        },
      },
      headers: {
        RequestId: { description: 'That of the request, or one of ours.', schema: { type: 'string' } },
      },
      schemas: components,
    },
  };
}

type SchemaOf = (schema: z.ZodType) => Json;

/** JSON Schema (2020-12, as OpenAPI 3.1 has it) of every schema of these operations; what has a name is a component, everything else stands where it is used. */
function schemasOf(
  operations: readonly Operation[],
  named: Described['named'],
): {
  readonly schemaOf: SchemaOf;
  readonly components: Json;
} {
  const registry = z.registry<{ id: string }>();
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, name]));
  const all = unions();
  for (const { name, schema, kinds } of all) {
    names.set(schema, name);
    for (const [component, kind] of Object.entries(kinds)) names.set(kind, component);
  }
  const components = [...names.values()];
  for (const schema of operations.flatMap(schemasIn)) {
    if (!names.has(schema)) names.set(schema, `place ${names.size}`);
  }
  for (const [schema, id] of names) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `${COMPONENTS}${id}` });
  const plain = (name: string): Json => {
    const whole = Object.entries(schemas[name] ?? {});
    const rest = whole.filter(([key]) => key !== '$schema' && key !== '$id');
    const mapping = all.find((union) => union.name === name)?.mapping;
    return {
      ...Object.fromEntries(rest),
      ...(mapping === undefined ? {} : { discriminator: { propertyName: 'type', mapping } }),
    };
  };
  return {
    schemaOf(schema) {
      const name = names.get(schema) ?? '';
      return components.includes(name) ? { $ref: `${COMPONENTS}${name}` } : plain(name);
    },
    components: Object.fromEntries(components.map((name) => [name, plain(name)])),
  };
}

interface Union {
  readonly name: string;
  readonly schema: typeof sentFact | typeof storedFact;
  /** Component of each type. */
  readonly kinds: Readonly<Record<string, z.ZodType>>;
  readonly mapping: Readonly<Record<string, string>>;
}

/** Each type of fact is a component under its own name; one that is stored otherwise than it is sent, under a second one. */
function unions(): readonly Union[] {
  const sent = new Map<string, z.ZodType>(sentFact.options.map((one) => [one.shape.type.value, one]));
  return Object.entries({ SentFact: sentFact, StoredFact: storedFact }).map(([name, schema]) => {
    const named = schema.options.map((kind): readonly [string, string, z.ZodType] => {
      const type = kind.shape.type.value;
      return [type, sent.get(type) === kind ? type : `${type}.on-file`, kind];
    });
    return {
      name,
      schema,
      kinds: Object.fromEntries(named.map(([, component, kind]) => [component, kind])),
      mapping: Object.fromEntries(named.map(([type, component]) => [type, `${COMPONENTS}${component}`])),
    };
  });
}

function schemasIn({ path, query, headers, body, answers }: Operation): readonly z.ZodType[] {
  const given = [path, query, headers, body, ...Object.values(answers).map((one) => one.body)];
  return given.filter((schema) => schema !== undefined);
}

function operationOf(operation: Operation, schemaOf: SchemaOf): Json {
  const { id, tag, summary, description, credential, body, sends, answers } = operation;
  const parameters = [
    ...parametersOf('path', operation.path, schemaOf),
    ...parametersOf('query', operation.query, schemaOf),
    ...parametersOf('header', operation.headers, schemaOf),
  ];
  const content = body && { [sends ?? JSON_TYPE]: { schema: schemaOf(body) } };
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, credential && SOURCE].filter((part) => part !== undefined).join('\n\n'),
    security: credential === undefined ? [] : [{ [credential]: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, schemaOf)]),
    ),
  };
}

function parametersOf(place: string, schema: z.ZodObject | undefined, schemaOf: SchemaOf): readonly Json[] {
  if (schema === undefined) return [];
  const { properties, required } = z
    .object({ properties: z.record(z.string(), z.looseObject({})), required: z.array(z.string()).optional() })
    .parse(schemaOf(schema));
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required?.includes(name) ?? false,
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function responseOf({ description, headers, body, mediaType, orPage }: Answer, schemaOf: SchemaOf): Json {
  const named = Object.entries(headers ?? {}).map(([name, says]) => [
    name,
    { description: says, schema: { type: 'string' } },
  ]);
  const content = {
    ...(body === undefined ? {} : { [mediaType ?? JSON_TYPE]: { schema: schemaOf(body) } }),
    ...(orPage === true ? { 'text/html': { schema: { type: 'string' } } } : {}),
  };
  // A stream is written past the hook that adds it.
  const isStream = mediaType === 'text/event-stream';
  return {
    description,
    headers: { ...(isStream ? {} : { 'X-Request-ID': REQUEST_ID }), ...Object.fromEntries(named) },
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

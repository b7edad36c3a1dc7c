import { isDeepStrictEqual } from 'node:util';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ViewerApp } from '../../../../dock/viewer/server.ts';

/** What fits no schema of its route: an answer of an undeclared status or media type, and a value that its schema would not let out. */
export function holdToSchemas(app: ViewerApp): string[] {
  const undeclared: string[] = [];
  const note = (request: FastifyRequest, what: string): void =>
    void undeclared.push(`${request.method} ${request.routeOptions.url ?? request.url}: ${what}`);
  // As the route gave it: what the serializer takes off or refuses is not seen any more behind it.
  app.addHook('preSerialization', async (request, reply, payload) => {
    const schema = answerOf(request, reply.statusCode);
    const said: unknown = JSON.parse(JSON.stringify(payload));
    if (!(schema instanceof z.ZodType)) return payload;
    const { success, data, error } = schema.safeParse(said);
    if (!success) note(request, `${reply.statusCode} is not as declared: ${error.message}`);
    else if (!isDeepStrictEqual(data, said)) note(request, `${reply.statusCode} says more than is declared`);
    return payload;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    // The files of /docs are another's and no part of the document.
    if (request.is404 || request.routeOptions.schema?.hide === true) return payload;
    const schema = answerOf(request, reply.statusCode);
    const type = String(reply.getHeader('content-type')).split(';', 1)[0] ?? '';
    if (schema === undefined) note(request, `${reply.statusCode} is not declared`);
    else if (
      !typesOf(schema).some((declared) => declared === type || declared === 'application/octet-stream')
    )
      note(request, `${reply.statusCode} is not declared as ${type}`);
    return payload;
  });
  return undeclared;
}

/** What a route declares for a status: a schema, or schemas by media type. */
function answerOf(request: FastifyRequest, status: number): unknown {
  const answers = request.routeOptions.schema?.response;
  return typeof answers === 'object' && answers !== null
    ? (answers as Readonly<Record<number, unknown>>)[status]
    : undefined;
}

function typesOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodType) return ['application/json'];
  return Object.keys((schema as { readonly content: object }).content);
}

import { z } from 'zod';

/** As much of OpenAPI 3.1 as is looked at here. */
export interface Document {
  readonly [name: string]: unknown;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly unknown[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Schema }> }>;
}

/** As much of a JSON Schema. */
export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly oneOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
  readonly discriminator?: { readonly propertyName: string; readonly mapping: Record<string, string> };
}

/** What is answered, as far as a document speaks of it. */
export interface Heard {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** `GET /v1/facts` and so on, as the document has them. */
export function operationsIn({ paths }: Document): string[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** What the document does not say of this answer, or says otherwise. */
export function problemWith(document: Document, operation: string, heard: Heard): string | undefined {
  const { statusCode, headers, body } = heard;
  const response = find(document, operation)?.responses[statusCode];
  if (response === undefined) return `${operation} has no ${statusCode}`;
  if (body === '') return undefined;
  const type = String(headers['content-type']).split(';')[0] ?? '';
  const schema = response.content?.[type]?.schema;
  if (schema === undefined) return `${operation} ${statusCode} has no ${type}`;
  const value: unknown = type === 'application/json' ? JSON.parse(body) : body;
  const { error } = check(document, schema).safeParse(value);
  return error && `${operation} ${statusCode}: ${z.prettifyError(error)} in ${body.slice(0, 300)}`;
}

/** Is that a body that the document allows? */
export function bodyMatches(document: Document, operation: string, body: unknown): boolean {
  const schema = find(document, operation)?.requestBody?.content['application/json']?.schema;
  return schema !== undefined && check(document, schema).safeParse(body).success;
}

function find({ paths }: Document, operation: string): Operation | undefined {
  const [method = '', path = ''] = operation.split(' ');
  return paths[path]?.[method.toLowerCase()];
}

/** The schema as the document has it, made a check again: so what is checked is what a stranger reads. */
function check({ components }: Document, schema: Schema): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: components.schemas });
  return z.fromJSONSchema(
    JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')) as z.core.JSONSchema.JSONSchema,
  );
}

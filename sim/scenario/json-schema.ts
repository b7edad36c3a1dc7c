import { z } from 'zod';
import { scenarioSchema } from './schema.ts';

const ADDRESS = 'https://holdfast.invalid/scenario.schema.json';

/** JSON Schema (2020-12) of a scenario file, as docs/scenario.schema.json has it: what editors check while a file is written. */
export function jsonSchema(): string {
  return `${JSON.stringify({ $id: ADDRESS, ...schemaObject() }, null, 2)}\n`;
}

/** The same as an object. Names that a schema cannot look up (is there such a camera?) are the reader's to check. */
export function schemaObject(): z.core.JSONSchema.BaseSchema {
  // What a file says, not what a runner gets: lengths of time are words there.
  return z.toJSONSchema(scenarioSchema, { io: 'input', reused: 'inline' });
}

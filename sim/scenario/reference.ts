import type { z } from 'zod';
import { schemaObject } from './json-schema.ts';

type Node = z.core.JSONSchema.BaseSchema;

interface Table {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly string[];
}

/** The keys of a scenario file as Markdown tables, made from the schema that checks it. */
export function reference(): string {
  const root = schemaObject();
  const defined = Object.values(root.$defs ?? {}).find(isNode);
  const tables = tablesOf('The file', defined ?? root);
  return `${tables.map(({ title, about, rows }) => [`### ${title}`, '', ...(about === '' ? [] : [about, '']), '| key | value | meaning |', '| --- | --- | --- |', ...rows].join('\n')).join('\n\n')}\n`;
}

/** A table for this object, then one for each object below it. */
function tablesOf(title: string, node: Node): readonly Table[] {
  const entries = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    isNode(child) ? [{ key, child }] : [],
  );
  const rows = entries.map(({ key, child }) => {
    const isNeeded = node.required?.includes(key) === true;
    const below = shapesOf(child).some((one) => one.properties !== undefined);
    return `| \`${key}\`${isNeeded ? '' : ' ?'} | ${cell(valueOf(child))}${below ? ', below' : ''} | ${cell(child.description ?? '')} |`;
  });
  const own = {
    title,
    about: title === 'The file' ? 'A key with a question mark may be left out.' : '',
    rows,
  };
  return [
    own,
    ...entries.flatMap(({ key, child }) =>
      shapesOf(child)
        .filter((one) => one.properties !== undefined)
        .flatMap((one) =>
          tablesOf(title === 'The file' ? `\`${key}\`` : `${title.slice(0, -1)}.${key}\``, one),
        ),
    ),
  ];
}

/** The shapes that a value may have, through lists, records and choices. */
function shapesOf(node: Node): readonly Node[] {
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) return choices.filter(isNode).flatMap(shapesOf);
  if (isNode(node.items)) return shapesOf(node.items);
  if (node.properties === undefined && isNode(node.additionalProperties))
    return shapesOf(node.additionalProperties);
  return [node];
}

function valueOf(node: Node): string {
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) return [...new Set(choices.filter(isNode).map(valueOf))].join(' or ');
  if (node.enum !== undefined) return node.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.type === 'array') {
    const parts = (node.prefixItems ?? []).filter(isNode).map(valueOf);
    if (parts.length > 0) return `[${parts.join(', ')}]`;
    return isNode(node.items) ? `list of ${valueOf(node.items)}` : 'list';
  }
  if (node.title !== undefined) return node.title;
  if (node.type === 'object' && node.properties === undefined && isNode(node.additionalProperties))
    return `by name: ${valueOf(node.additionalProperties)}`;
  return WORDS[String(node.type)] ?? 'anything';
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'keys',
};

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The scenarios that come with holdfast, as paths of their files, in order of their names. */
export function shippedScenarios(): readonly string[] {
  const folder = new URL('.', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => fileURLToPath(new URL(name, folder)));
}

import { readFileSync } from 'node:fs';
import { FieldError } from '../../proto/errors.ts';
import { readScenario } from '../scenario/reader.ts';
import { runScenario } from './scenario/run.ts';
import type * as declared from './rig.d.mts';

/** See rig.d.mts, which is what a stranger's compiler reads. */
export class RigError extends FieldError<'SCENARIO'> {}

/** See rig.d.mts. */
export const rig: typeof declared.rig = async (scenario, options = {}) => {
  const isText = typeof scenario === 'string' && scenario.includes('\n');
  const read = isText
    ? readScenario(scenario, 'scenario')
    : readScenario(readFileSync(scenario, 'utf8'), String(scenario));
  const result = await runScenario(read, options);
  if (result.outcome === 'passed') return result;
  const { name, seed, problems, heard } = result;
  const lines = [`${name} (seed ${seed}):`, ...problems, ...heard.map((line) => `  ${line}`)];
  throw new RigError('SCENARIO', lines.join('\n'), { retry: 'never' });
};

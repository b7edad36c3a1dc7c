import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { jsonSchema } from '../../scenario/json-schema.ts';
import { readScenario, ScenarioError } from '../../scenario/reader.ts';
import { reference } from '../../scenario/reference.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { shippedScenarios } from '../../scenario/shipped.ts';
import { junit, row, summary, totals } from './results.ts';
import { Ticker } from './ticker.ts';
import type { RunResult } from '../rig.d.mts';
import { runScenario } from './run.ts';

const JOBS_MAX = 16;

interface Options {
  readonly json?: true;
  readonly junit?: string;
  readonly seed?: string;
  readonly keep?: string;
  readonly list?: true;
  readonly camera?: string;
  readonly plant?: true;
  readonly port?: readonly string[];
  readonly jobs: number;
  readonly schema?: true;
  readonly reference?: true;
}

const EXAMPLES = `
A scenario is a YAML file, described in docs/SCENARIOS.md; without one, all that come with holdfast are run, and a bare name
is one of those. Ctrl-C ends the scenario under way and everything that it started.

Examples:
  All scenarios that come with holdfast, two at a time, with a report for a build server:
    holdfast rig run --jobs 2 --junit scenarios.xml
  One of them, with another seed, and everything that it made kept:
    holdfast rig run undock-at-99 --seed 4711 --keep ./runs
  Does it notice its own planted fault? It must fail:
    holdfast rig run undock-at-99 --plant
  One of your own, over two real ports with a cable between them:
    holdfast rig run mine.yaml --port bay1=/dev/ttyUSB0 --port cam-1=/dev/ttyUSB1
  The format, for an editor that checks while you write:
    holdfast rig run --schema > scenario.schema.json
`;

/** Adds `run` to `holdfast rig`; `ended` takes the exit code: 0 only when every scenario passed. */
export function addRun(command: Command, ended: (exitCode: number) => void): void {
  command
    .description(
      'runs scenarios with real programs on real terminals and brokers, and says which promises held',
    )
    .argument('[scenario...]', 'YAML files, or names of scenarios that come with holdfast')
    .option('--list', 'print the scenarios and run none')
    .option('--json', 'one JSON object a scenario on stdout, and one for all at the end')
    .option('--junit <file>', 'also write JUnit XML')
    .option('--seed <text>', "in place of the scenarios' own")
    .option('--keep <dir>', 'leave what the runs made below this folder')
    .option('--camera <file>', 'a Node program to run in place of `holdfast device`, with the same arguments')
    .option('--plant', "switch each scenario's own planted fault on: it must fail then")
    .option('--port <name=path...>', 'a real serial port in place of a bay or of a camera’s end of its cable')
    .option('--jobs <n>', 'how many scenarios run side by side', jobCount, 1)
    .option('--schema', 'print the JSON Schema of scenario files')
    .option('--reference', 'print the reference of scenario files as Markdown')
    .addHelpText('after', EXAMPLES)
    .action(async (names: readonly string[], options: Options) => ended(await run(names, options)));
}

async function run(names: readonly string[], options: Options): Promise<number> {
  if (options.schema === true) return print(jsonSchema());
  if (options.reference === true) return print(reference());
  const scenarios = (names.length === 0 ? shippedScenarios() : names.map(fileOf)).map(load);
  if (options.list === true) return list(scenarios, options);
  const ports = new Map((options.port ?? []).map(portOf));
  refuseStrangePorts(ports, scenarios);
  if (options.junit !== undefined) refuseUnwritable(options.junit);
  if (options.keep !== undefined) refuseNoFolder(options.keep);
  if (options.camera !== undefined) refuseMissing(options.camera);
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const results = await runAll(scenarios, { options, ports, signal: stopper.signal });
    if (options.junit !== undefined) writeFileSync(options.junit, junit(results));
    const counts = totals(results);
    const ok = counts.passed === scenarios.length;
    if (options.json === true) print(`${JSON.stringify({ event: 'run', ok, ...counts })}\n`);
    else print(summary(results));
    return ok ? 0 : 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

interface Round {
  readonly options: Options;
  readonly ports: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/** So many at a time, each told of as it ends. */
async function runAll(
  scenarios: readonly Scenario[],
  { options, ports, signal }: Round,
): Promise<readonly RunResult[]> {
  const { seed, keep, plant, camera, json } = options;
  const nameWidth = Math.max(...scenarios.map(({ name }) => name.length));
  const ticker = new Ticker(process.stderr);
  const results: RunResult[] = [];
  const waiting = [...scenarios];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const { name } = next;
      const tell = ({ atMs, text }: { readonly atMs: number; readonly text: string }): void =>
        ticker.show(name, `${name}: +${(atMs / 1_000).toFixed(1)} s ${text}`);
      const result = await runScenario(next, { seed, keep, plant, camera, ports, signal, tell });
      ticker.done(name);
      results.push(result);
      print(
        json === true
          ? `${JSON.stringify({ event: 'scenario', ...result })}\n`
          : `${row(result, nameWidth)}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  ticker.end();
  return results;
}

/** A path, or the bare name of a scenario that comes with holdfast. */
function fileOf(name: string): string {
  if (/[./\\]/.test(name)) return resolve(name);
  const shipped = shippedScenarios();
  const file = shipped.find((path) => basename(path, '.yaml') === name);
  if (file !== undefined) return file;
  const names = shipped.map((path) => basename(path, '.yaml')).join(', ');
  throw new ScenarioError(`no scenario "${name}" comes with holdfast; give a file, or one of ${names}`);
}

function load(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new ScenarioError(`${file}: cannot be read; give the path of a scenario file`);
  }
  return readScenario(text, file);
}

function list(scenarios: readonly Scenario[], { json }: Options): number {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, about, seed, plant } of scenarios) {
    const plain = about.replaceAll(/\s+/g, ' ').trim();
    print(
      json === true
        ? `${JSON.stringify({ event: 'scenario', name, about: plain, seed, plant: plant?.what ?? '' })}\n`
        : `${name.padEnd(width)}  ${plain}\n`,
    );
  }
  return 0;
}

function portOf(given: string): readonly [string, string] {
  const [name = '', ...path] = given.split('=');
  if (name === '' || path.join('=') === '')
    throw new ScenarioError(`--port: "${given}" is not NAME=PATH, such as bay1=/dev/ttyUSB0`);
  return [name, path.join('=')];
}

function refuseStrangePorts(ports: ReadonlyMap<string, string>, scenarios: readonly Scenario[]): void {
  for (const { name, site } of scenarios) {
    const known = [
      ...site.cameras.map(({ id }) => id),
      ...site.docks.flatMap(({ bays }) => bays.map((bay) => bay.name)),
    ];
    for (const port of ports.keys())
      if (!known.includes(port))
        throw new ScenarioError(`--port: ${name} has no bay or camera "${port}"; it has ${known.join(', ')}`);
  }
}

function refuseUnwritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch {
    throw new ScenarioError(`--junit: nothing can be written to ${file}; name a folder that is there`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new ScenarioError(`--junit: ${file} is a folder; name a file`);
}

function refuseNoFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
  } catch {
    throw new ScenarioError(`--keep: nothing can be kept in ${dir}; name a folder that can be written to`);
  }
}

function refuseMissing(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new ScenarioError(`--camera: ${file} is no file; name a Node program`);
}

function jobCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > JOBS_MAX)
    throw new InvalidArgumentError(`must be a whole number from 1 to ${JOBS_MAX}.`);
  return count;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

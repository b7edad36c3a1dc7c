import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from './caller.ts';
import { callersOf, COLUMNS } from './callers.ts';
import { askOf } from './asks.ts';
import { dockRoutes, policyRoutes } from './routes.ts';
import { asPage, type Bench, hidden, indices, methodOn, path, twins } from './probes.ts';
import { FILES, filesOf, METHODS, PATH_TURNS, pathForm } from './hostile.ts';
import { Chance } from '../../../sim/fault/chance.ts';
import { openScene, type Scene } from './scene.ts';
import { type Cell, readTable, type Row } from './table.ts';
import { Tells } from './tells.ts';
import { type Ask, send, sendRaw } from './wire.ts';

// Goal: nobody is answered more than `table.md` says, by any route there is, and nobody less. Method: a real dock and a real policy
// service that hold a recording in each state; each row is asked by each person, and the answer searched for what it tells.

const ROWS = readTable(COLUMNS);
/** So many at once that the service checks every password. */
const ASKERS = 3;
const SAID_CHARACTERS = 200;
const agent = new Agent({ keepAlive: true });
/** For what may end its connection. */
const fresh = new Agent();
let scene: Scene;
let callers: ReadonlyMap<string, Caller>;
let tells: Tells;

beforeAll(async () => {
  scene = await openScene();
  callers = await callersOf(scene);
  tells = new Tells(scene);
});
afterAll(async () => {
  agent.destroy();
  await scene?.close();
});

describe('the table', () => {
  test('has every route, and no other', async () => {
    const rowsOf = (server: Row['server']): readonly string[] =>
      [...new Set(ROWS.filter((row) => row.server === server).map(({ route }) => route))].toSorted();
    expect(rowsOf('dock')).toEqual(await dockRoutes());
    expect(rowsOf('policy')).toEqual(await policyRoutes());
    const [routes, who] = [rowsOf('dock').length + rowsOf('policy').length, COLUMNS.all.length];
    const size = `${routes} routes in ${ROWS.length} rows x ${who} who ask = ${ROWS.length * who} cells`;
    process.stdout.write(`access table: ${size}\n`);
  });

  const named = ROWS.map((row) => [`${row.server} ${row.route} ${row.about}`.trim(), row] as const);
  test.each(named)('%s', async (_, row) => {
    const wrong: string[] = [];
    for (let at = 0; at < COLUMNS.all.length; at += ASKERS) {
      const some = COLUMNS.all.slice(at, at + ASKERS);
      wrong.push(...(await Promise.all(some.map((column) => problemWith(row, column)))).flat());
    }
    expect(wrong, `table.md:${row.line}`).toEqual([]);
  });
});

// Goal: what nobody foresaw gives nobody anything. Method: hostile ids, indices, methods, paths, origins and connections, drawn from a seed
// that failures name; every answer is searched for what was planted. HOLDFAST_ACCESS_ROUNDS=N draws N times as many.
describe('what is asked otherwise', () => {
  const rounds = Number(process.env['HOLDFAST_ACCESS_ROUNDS'] ?? 1);
  const seeds = (name: string, count: number): readonly string[] =>
    Array.from({ length: count * rounds }, (_, at) => `${name}/${at}`);
  const bench = (): Bench => ({ agent: fresh, scene, callers, tells, rows: ROWS });
  const all = async <Item>(
    items: readonly Item[],
    probe: (item: Item) => Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    const problems: string[] = [];
    for (const item of items)
      problems.push(
        ...(await probe(item)).map((text) => `${typeof item === 'string' ? item : ''} ${text}`.trim()),
      );
    return problems;
  };
  /** Each address once, as asked by the officer who may most. */
  const addresses = async (): Promise<readonly { readonly row: Row; readonly ask: Ask }[]> => {
    const caller = callers.get('after');
    if (caller === undefined) return [];
    const firsts = new Map(ROWS.toReversed().map((row) => [`${row.server} ${row.route}`, row]));
    return Promise.all(
      [...firsts.values()].map(async (row) => ({
        row,
        ask: await askOf(row, { scene, caller, after: caller }),
      })),
    );
  };

  test('a recording that somebody may not know of is one that does not exist, to the byte', async () => {
    expect(await all(seeds('twins', 250), (seed) => twins(bench(), seed))).toEqual([]);
  });

  test('an index is a number that was opened, or nothing', async () => {
    expect(await all(seeds('indices', 5), (seed) => indices(bench(), seed))).toEqual([]);
  });

  test('no other method does anything', async () => {
    const asks = (await addresses()).flatMap((at) => METHODS.map((method) => ({ ...at, method })));
    expect(await all(asks, (one) => methodOn(bench(), one))).toEqual([]);
  });

  test('no path leads to a file that is not for everybody', async () => {
    const files = [...FILES, ...filesOf(scene)];
    for (const base of [scene.dockUrl, scene.policyUrl]) {
      const isPublic = await publicBodies(base);
      const draw = (seed: string): string =>
        pathForm(
          Number(seed.split('/')[1]),
          new Chance(`${seed} ${base === scene.dockUrl ? 'dock' : 'policy'}`),
          files,
        );
      const probe = (seed: string) => path(bench(), { base, target: draw(seed), isPublic });
      expect(await all(seeds('path', PATH_TURNS), probe)).toEqual([]);
    }
  });

  test('no page from elsewhere reads an answer', async () => {
    expect(await all(await addresses(), (at) => asPage(bench(), at))).toEqual([]);
  });

  test('no connection becomes another, and no request hides in one', async () => {
    for (const base of [scene.dockUrl, scene.policyUrl]) {
      expect(await hidden(bench(), base)).toEqual([]);
      const upgrade =
        'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket, h2c\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
      for (const target of ['/', '/v1/updates', '/v1/events', '/healthz'])
        expect(
          (await sendRaw(base, `GET ${target} HTTP/1.1\r\nHost: dock\r\n${upgrade}\r\n`, 200)).text,
        ).not.toMatch(/^HTTP\/1\.1 101/);
    }
  });
});

/** Everything that a server gives to whoever asks for it by its right name. */
async function publicBodies(base: string): Promise<(body: string) => boolean> {
  const server = base === scene.dockUrl ? 'dock' : 'policy';
  const caller = callers.get('anonymous');
  if (caller === undefined) return () => false;
  const bodies = new Set<string>();
  for (const row of ROWS.filter(
    (one) => one.server === server && one.cells.get('anonymous')?.status === 200,
  )) {
    const { body } = await send(agent, await askOf(row, { scene, caller, after: caller }));
    bodies.add(body.toString('latin1'));
  }
  return (body) => bodies.has(body);
}

/** What is otherwise than the table says. */
async function problemWith(row: Row, column: string): Promise<readonly string[]> {
  const [caller, after] = [callers.get(column), callers.get('after')];
  const expected = row.cells.get(column);
  if (caller === undefined || after === undefined || expected === undefined)
    return [`nobody is called ${column}`];
  const answer = await send(agent, await askOf(row, { scene, caller, after }));
  const { leaks, tells: letters } = tells.of(answer, caller.person);
  const found: Cell = { status: answer.status, tells: letters };
  const leaked = leaks.map((what) => `${column} is given ${what}`);
  if (inWords(found) === inWords(expected)) return leaked;
  const said = answer.body.toString('latin1').slice(0, SAID_CHARACTERS);
  return [
    ...leaked,
    `${column} is to be answered ${inWords(expected)} and is answered ${inWords(found)}: ${said}`,
  ];
}

function inWords({ status, tells: letters }: Cell): string {
  return `${status} ${letters}`.trim();
}

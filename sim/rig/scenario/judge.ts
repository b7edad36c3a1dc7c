import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInstant } from '../../../proto/instant.ts';
import type { WantedEvent } from '../../scenario/step-schema.ts';
import { COMMAND } from '../program.ts';
import { lookInto } from './access.ts';
import { custodyProblems } from './custody.ts';
import { ledgerOf, settledAt } from './holdings.ts';
import type { Installation } from './installation.ts';

/** What is wrong while the programs still run: who can open what, and how a dock names the officer. */
export async function accessProblems(on: Installation): Promise<readonly string[]> {
  const found: string[] = [];
  for (const wish of on.scenario.expect.access) {
    const problem = await lookInto(wish, on);
    if (problem !== undefined) found.push(problem);
  }
  return [...found, ...(await listProblems(on))];
}

/** What is wrong once they have ended: custody, ledgers, stamps, events and lengths of time. `wallMs` is the true time of a moment of the run. */
export async function finalProblems(
  on: Installation,
  wallMs: (atMs: number) => number,
): Promise<readonly string[]> {
  return [
    ...(await custodyProblems(on)),
    ...(await verifyProblems(on)),
    ...entryProblems(on),
    ...stampProblems(on, wallMs),
    ...eventProblems(on),
    ...lengthProblems(on),
    ...refusedCommands(on),
  ];
}

/** Each officer sees their recordings in the dock's list, under their own name. */
async function listProblems(on: Installation): Promise<readonly string[]> {
  const found: string[] = [];
  for (const made of on.truth.recordings.values()) {
    const settled = settledAt(made.id, on);
    if (settled?.is !== 'accepted') continue;
    const officer = on.scenario.expect.recordings[made.name]?.officer ?? made.officer;
    const rows = await (await on.signIn(officer, settled.dock)).list();
    const row = rows.find(({ id }) => id === made.id);
    if (row === undefined)
      found.push(`${settled.dock} does not list ${made.name} for ${officer}, whose it is`);
    else if (row.officer !== officer)
      found.push(`${settled.dock} lists ${made.name} as a recording of ${row.officer}, not of ${officer}`);
  }
  return found;
}

/** Asks `holdfast verify`, which shares nothing with the dock that wrote the log but the files. */
async function verifyProblems(on: Installation): Promise<readonly string[]> {
  const answers = await Promise.all(
    on.docks.map(async ({ id }) => {
      const dir = join(on.site.dockDir(id), 'ledger');
      const said = await verify(dir, readFileSync(join(dir, 'vkey'), 'utf8').trim());
      return said === undefined ? [] : [`the ledger of ${id} does not verify: ${said}`];
    }),
  );
  return answers.flat();
}

/** What it says against the ledger. */
function verify(dir: string, vkey: string): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(process.execPath, [COMMAND, 'verify', dir, '--vkey', vkey], (error, stdout, stderr) => {
      done(error === null ? undefined : `${stderr.trim()} ${stdout.trim().split('\n').at(-1) ?? ''}`.trim());
    });
  });
}

function entryProblems(on: Installation): readonly string[] {
  const { has, never } = on.scenario.expect.ledger;
  const types = new Set<string>(on.docks.flatMap(({ id }) => ledgerOf(id, on).map(({ type }) => type)));
  return [
    ...has.flatMap((type) => (types.has(type) ? [] : [`no ledger has an entry "${type}"`])),
    ...never.flatMap((type) => (types.has(type) ? [`a ledger has an entry "${type}"`] : [])),
  ];
}

/** Dock and runner stand on one machine: a stamp is near the moment at which the camera told of its receipt. */
function stampProblems(on: Installation, wallMs: (atMs: number) => number): readonly string[] {
  const most = on.scenario.expect.stamps;
  return [...on.truth.recordings.values()].flatMap(({ id, name, camera }) => {
    const [receipt] = on.story.all({ of: camera, event: 'receipt', having: { recording: id } });
    const settled = settledAt(id, on);
    if (receipt === undefined || settled?.is !== 'accepted') return [];
    const apartMs = Math.abs((parseInstant(settled.receivedAt) ?? 0) / 1_000 - wallMs(receipt.atMs));
    return apartMs <= most
      ? []
      : [
          `${settled.dock} stamped ${name} ${settled.receivedAt}, ${Math.round(apartMs / 1_000)} s from the truth`,
        ];
  });
}

/** Events that have not yet occurred as often as they must. */
export function awaitedEvents({ scenario, story }: Installation): readonly WantedEvent[] {
  return scenario.expect.events.flatMap(({ event, times = 1 }) => {
    const least = typeof times === 'number' ? times : times[0];
    return story.all(event).length < least ? [event] : [];
  });
}

function eventProblems({ scenario, story }: Installation): readonly string[] {
  return scenario.expect.events.flatMap(({ event, times = [1, Number.POSITIVE_INFINITY] }) => {
    const [least, most] = typeof times === 'number' ? [times, times] : times;
    const count = story.all(event).length;
    if (count >= least && count <= most) return [];
    const wanted =
      least === most
        ? `${least} times`
        : `at least ${least} times${most === Number.POSITIVE_INFINITY ? '' : ` and at most ${most}`}`;
    return [`${said(event)} ${count} times and should say it ${wanted}`];
  });
}

function lengthProblems({ scenario, story }: Installation): readonly string[] {
  return scenario.expect.lengths.flatMap(({ from, to, most, least }) => {
    const [start] = story.all(from);
    const end = start === undefined ? undefined : story.all(to).find(({ atMs }) => atMs >= start.atMs);
    if (start === undefined || end === undefined)
      return [
        `nobody knows how long from "${from.of} ${from.event}" to "${to.of} ${to.event}": one never came`,
      ];
    const ms = Math.round(end.atMs - start.atMs);
    const isWithin = ms <= (most ?? Number.POSITIVE_INFINITY) && ms >= (least ?? 0);
    const limits = [
      least === undefined ? '' : `at least ${least} ms`,
      most === undefined ? '' : `at most ${most} ms`,
    ];
    return isWithin
      ? []
      : [
          `from "${from.of} ${from.event}" to "${to.of} ${to.event}" took ${ms} ms and should take ${limits.filter(Boolean).join(' and ')}`,
        ];
  });
}

/** A camera that does not know a command says so, and then the timeline did not happen. */
function refusedCommands({ story, cameras }: Installation): readonly string[] {
  return story.heard.flatMap(({ of, event }) =>
    cameras.has(of) && event.event === 'refused' && event['code'] === undefined
      ? [`${of} refused a command: ${String(event['message'])}`]
      : [],
  );
}

function said({ of, event, having }: WantedEvent): string {
  const fields = Object.entries(having).map(([key, value]) => `${key} ${String(value)}`);
  return `${of} says "${event}"${fields.length === 0 ? '' : ` with ${fields.join(', ')}`}`;
}

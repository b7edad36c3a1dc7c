import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import { COMMAND } from '../rig/program.ts';
import { type DemoConfig, readConfig } from './config.ts';
import { invite, serve } from './person.ts';
import { Screen } from './screen.ts';
import { Stage, type Take } from './stage.ts';
import { type Fate, isRight, openIncident, play } from './story.ts';

// As a shell reports a program that Ctrl-C ended.
const STOPPED = 130;

/** `holdfast demo`: the whole story. Exit code 0 when everything was as it must be. */
export async function main(argv: readonly string[]): Promise<number> {
  const config = readConfig(argv);
  // With --json, stdout is for the summary alone.
  const screen = new Screen(config.json ? process.stderr : process.stdout);
  const dir =
    config.data === undefined ? mkdtempSync(join(tmpdir(), 'holdfast-demo-')) : resolve(config.data);
  mkdirSync(dir, { recursive: true });
  try {
    return await tell(dir, config, screen);
  } finally {
    if (config.data === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

async function tell(dir: string, config: DemoConfig, screen: Screen): Promise<number> {
  screen.note(`Holdfast demo: three cameras, one dock, one policy service, regime ${config.regime}.`);
  const stage = await Stage.open(dir, config, screen);
  const stop = (): void => {
    void stage.close().finally(() => {
      if (config.data === undefined) rmSync(dir, { recursive: true, force: true });
      process.exit(STOPPED);
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const takes = await stage.record(config.recordSeconds);
    screen.endBars();
    for (const take of takes) await openIncident(stage, take);
    if (!config.once) {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    }
    const fates = config.once ? await playAll(stage, takes, screen) : await entertain(stage, takes, screen);
    const summary = await summarise({ stage, config, fates });
    if (config.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    else if (config.once) for (const line of plain(summary, config)) screen.note(line);
    return summary.ok ? 0 : 1;
  } finally {
    await stage.close();
  }
}

async function playAll(stage: Stage, takes: readonly Take[], screen: Screen): Promise<readonly Fate[]> {
  const fates: Fate[] = [];
  for (const take of takes) fates.push(await play(stage, take, screen));
  return fates;
}

/** A person drives; what they did or left undone is no mistake of the programs. */
async function entertain(stage: Stage, takes: readonly Take[], screen: Screen): Promise<readonly Fate[]> {
  invite(stage, screen);
  await serve(stage, takes, screen);
  return [];
}

interface Summary {
  readonly ok: boolean;
  readonly recordings: readonly Fate[];
  readonly ledger: {
    readonly dir: string;
    readonly origin: string;
    readonly size: number;
    readonly vkey: string;
    readonly verified: boolean;
  };
  readonly policy: { readonly url: string; readonly regime: string };
  readonly viewer: { readonly url: string };
}

async function summarise({
  stage,
  config,
  fates,
}: {
  stage: Stage;
  config: DemoConfig;
  fates: readonly Fate[];
}): Promise<Summary> {
  const dir = stage.site.ledgerDir;
  const vkey = readFileSync(join(dir, 'vkey'), 'utf8').trim();
  const { origin, size } = parseCheckpoint(
    readFileSync(join(dir, 'checkpoint'), 'utf8').split('\n\n')[0]?.concat('\n') ?? '',
  );
  const verified = await verifies(dir, vkey);
  const isWhole = !config.once || fates.length > 0;
  return {
    ok: verified && isWhole && fates.every((fate) => isRight(fate, config.regime)),
    recordings: fates,
    ledger: { dir, origin, size, vkey, verified },
    policy: { url: stage.policyUrl, regime: config.regime },
    viewer: { url: stage.dockUrl },
  };
}

/** Asks `holdfast verify`, a program that shares nothing with the dock that wrote the log but the files. */
function verifies(dir: string, vkey: string): Promise<boolean> {
  return new Promise((done) => {
    execFile(process.execPath, [COMMAND, 'verify', dir, '--vkey', vkey], (error) => done(error === null));
  });
}

function plain({ ok, recordings, ledger }: Summary, config: DemoConfig): readonly string[] {
  const yes = (flag: boolean | undefined): string => {
    if (flag === undefined) return '-';
    return flag ? 'yes' : 'no';
  };
  const rows = recordings.map((one) =>
    [
      one.incident,
      one.force.padEnd(10),
      one.transport.padEnd(6),
      yes(one.heldBeforeReport).padEnd(11),
      yes(one.releasedAfterReport).padEnd(12),
      yes(one.releasedAfterAuthorisation).padEnd(13),
      yes(one.identical).padEnd(9),
      yes(one.sealed).padEnd(6),
      yes(one.erasedFromCamera),
    ].join('  '),
  );
  return [
    '',
    'incident   force       over    held before  after report  after auth.    identical  sealed  erased from camera',
    ...rows,
    '',
    `ledger: ${ledger.size} entries, ${ledger.verified ? 'verified' : 'DOES NOT VERIFY'}; ${config.data === undefined ? 'removed with the rest (--data DIR keeps it)' : ledger.dir}`,
    ok ? 'Everything was as it must be.' : 'Something was not as it must be.',
  ];
}

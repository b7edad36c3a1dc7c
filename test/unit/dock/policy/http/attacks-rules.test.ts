import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { expect } from 'vitest';
import { loadRegimes } from '../../../../../dock/policy/adoption.ts';
import { parseOptions, type RegimeLine } from '../../../../../dock/policy/config.ts';
import { REGIMES_DIRECTORY } from '../../../../../dock/policy/decide/load.ts';
import { replay, type Replayed } from '../../../../../dock/policy/decide/replay.ts';
import { OwnLogError, type RegimeError } from '../../../../../dock/policy/errors.ts';
import { openDatabase } from '../../../../../dock/policy/facts/database.ts';
import { readFactsFile } from '../../../../../dock/policy/facts/read-only.ts';
import { readOwnBook } from '../../../../../dock/policy/ledger/own-book.ts';
import { startOwnLog } from '../../../../../dock/policy/ledger/start.ts';
import { whoOpened } from '../../../../../dock/policy/ledger/who-opened.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { doj, fact, NOW_MS } from '../story.ts';
import { AttackScene } from './attack-scene.ts';
import { attackTable, type Attack, type Refused, type Stage } from './attack-table.ts';
import { RECORDER } from './service.ts';

// Goal: the attack table of the release, part of the rules and of the service's own files: nobody swaps rules behind its back, changes
// what was decided, or sets its ledger back, without the service refusing or the swap showing. Method: the whole service over real
// databases and a copy of the regimes; files are edited as somebody with the disk in hand would, in a scene of its own for each attack.

const SINCE_EVER: readonly RegimeLine[] = [{ agency: '', regime: 'doj', fromMs: 0 }];
const MINUTE_MS = 60_000;

interface Scene {
  readonly at: AttackScene;
  /** A copy of the regimes, which the service was started with. */
  readonly regimes: string;
  readonly more: string;
}

type OnRules = Attack<Scene>;

async function start(): Promise<Scene> {
  const more = mkdtempSync(join(tmpdir(), 'holdfast-attack-'));
  const regimes = join(more, 'regimes');
  cpSync(REGIMES_DIRECTORY, regimes, { recursive: true });
  const at = await AttackScene.start({ lines: SINCE_EVER, regimesDirectory: regimes });
  await at.town.tell(fact('report.withdrawn', { person: RECORDER }));
  return { at, regimes, more };
}

async function stop({ at, more }: Scene): Promise<void> {
  await at.stop();
  rmSync(more, { recursive: true });
}

function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, 'utf8');
  expect(change(before)).not.toBe(before);
  writeFileSync(path, change(before));
}

/** The rules that the service says it decides by. */
const inForce = async ({ at }: Scene): Promise<unknown> => (await at.town.get('/healthz')).body['policySet'];

/** The service would not start with these files, and says why. */
function noStart({ regimes }: Scene, code: RegimeError['code']): Refused {
  let failure: unknown;
  try {
    loadRegimes(SINCE_EVER, regimes);
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ code });
  return {
    by: `the service does not start, ${code}`,
    reason: failure instanceof Error ? failure.message : '',
  };
}

const NO_FORBIDS = (text: string): string => text.replaceAll(/\bforbid\b/g, 'permit');
const LETS_IN = '@id("doj-all") @text("Everybody.") permit (principal, action, resource);\n';

/** A copy of facts.db in which somebody has done this; and what deciding it all again says. */
function planted({ at, more }: Scene, sql: string): Replayed {
  const copy = join(more, 'copy');
  mkdirSync(copy);
  at.town.database.pragma('wal_checkpoint(TRUNCATE)');
  cpSync(join(at.town.folder, 'facts.db'), join(copy, 'facts.db'));
  const database = new Sqlite(join(copy, 'facts.db'));
  for (const table of ['facts', 'decisions', 'policy_sets'])
    for (const trigger of ['stay', 'kept']) database.exec(`DROP TRIGGER ${table}_${trigger}`);
  database.exec(sql);
  database.close();
  return decidedAgain(copy);
}

const decidedAgain = (folder: string): Replayed => readFactsFile(folder, (database) => replay(database, {}));

function shown(replayed: Replayed, what: string): Refused {
  const whats = replayed.differing.flatMap(({ differs }) => differs.map((one) => one.what));
  expect(whats).toContain(what);
  return {
    by: 'holdfast policy replay, exit 1',
    reason: `${replayed.differing.length} decisions differ: ${[...new Set(whats)].join(', ')}`,
  };
}

const RULES: Readonly<Record<string, OnRules>> = {
  'policy set swapped: the file edited behind a running service': async (scene) => {
    const before = await inForce(scene);
    edit(join(scene.regimes, 'doj.cedar'), (text) => text + LETS_IN);
    const refused = scene.at.denied(await scene.at.evaluate(), /report/);
    expect(await inForce(scene)).toBe(before);
    expect(scene.at.town.service.journal.about(recordingId).at(-1)?.policySet).toBe(before);
    return { ...refused, by: 'rules are read at start alone' };
  },
  'policy set swapped: by one that lets everybody in, and a restart': async (scene) => {
    edit(join(scene.regimes, 'doj.cedar'), (text) => text + LETS_IN);
    return noStart(scene, 'CANARY_ALLOWED');
  },
  'policy set swapped: by one without its forbids, and a restart': async (scene) => {
    edit(join(scene.regimes, 'base.cedar'), NO_FORBIDS);
    return noStart(scene, 'CANARY_ALLOWED');
  },
  'policy set swapped: by one that names a person, and a restart': async (scene) => {
    const permit = '@id("doj-one") @text("One.") permit (principal == Person::"4411", action, resource);\n';
    edit(join(scene.regimes, 'doj.cedar'), (text) => text + permit);
    return noStart(scene, 'BAD_POLICY');
  },
  'policy set swapped: by one that passes every check, and a restart': async (scene) => {
    const before = await inForce(scene);
    edit(join(scene.regimes, 'doj.cedar'), (text) => text.replace('@text("', '@text("Truly: '));
    await scene.at.restart({ lines: SINCE_EVER, regimesDirectory: scene.regimes });
    const now = await inForce(scene);
    expect(now).not.toBe(before);
    const { service, reported, folder } = scene.at.town;
    expect(service.book.known.adoptions()).toMatchObject([{ policySet: before }, { policySet: now }]);
    const adoptions = scene.at
      .entries()
      .filter((one) => 'factType' in one && one.factType === 'regime.adopted');
    expect(adoptions).toHaveLength(2);
    expect(decidedAgain(folder).differing).toEqual([]);
    return { by: 'a fact and a ledger entry show it', reason: String(reported[0]) };
  },
  'policy set swapped: the stored one edited in the running database': async (scene) => {
    const { database } = scene.at.town;
    const edited = (): unknown => database.exec("UPDATE policy_sets SET files = '{}'");
    expect(edited).toThrow(/append-only/);
    return { by: 'a trigger of facts.db', reason: 'policy sets are append-only' };
  },
  'policy set swapped: the stored one edited in the file': async (scene) => {
    scene.at.denied(await scene.at.evaluate(), /report/);
    const sql = "UPDATE policy_sets SET files = replace(files, 'forbid', 'permit')";
    return shown(planted(scene, sql), 'policy texts');
  },
  'policy set swapped: the stored one made another under the hash in force': async (scene) => {
    const before = await inForce(scene);
    await scene.at.restart({ lines: SINCE_EVER, regimesDirectory: scene.regimes }, (folder) => {
      const database = new Sqlite(join(folder, 'facts.db'));
      database.exec('DROP TRIGGER policy_sets_stay');
      database.exec("UPDATE policy_sets SET files = replace(files, 'forbid', 'permit')");
      database.close();
    });
    const refused = scene.at.denied(await scene.at.evaluate(), /report/);
    expect(await inForce(scene)).toBe(before);
    shown(decidedAgain(scene.at.town.folder), 'policy texts');
    return { ...refused, by: 'files decide, replay shows the edit' };
  },
  'an adoption edited in the file': async (scene) => {
    scene.at.denied(await scene.at.evaluate(), /report/);
    const sql = `UPDATE facts SET body = replace(body, '${doj.hash}', '${'f'.repeat(64)}')`;
    return shown(planted(scene, sql), 'policySet');
  },
  'a decision edited in the file': async (scene) => {
    scene.at.denied(await scene.at.evaluate(), /report/);
    return shown(planted(scene, 'UPDATE decisions SET allowed = 1'), 'decision');
  },
  'schema missing': async (scene) => {
    rmSync(join(scene.regimes, 'policy.cedarschema'));
    return noStart(scene, 'BAD_SCHEMA');
  },
  'schema emptied': async (scene) => {
    writeFileSync(join(scene.regimes, 'policy.cedarschema'), '');
    return noStart(scene, 'BAD_SCHEMA');
  },
  'schema without the groups that forbids rest on': async (scene) => {
    edit(join(scene.regimes, 'policy.cedarschema'), (text) =>
      text.replace('entity Person in [Role]', 'entity Person'),
    );
    return noStart(scene, 'BAD_POLICY');
  },
  'schema deleted behind a running service': async (scene) => {
    rmSync(join(scene.regimes, 'policy.cedarschema'));
    return scene.at.denied(await scene.at.evaluate(), /report/);
  },
  'a regimes file with a date set back': async (scene) => {
    const { at } = scene;
    at.denied(await at.evaluate(), /report/);
    const past = at.town.service.journal.about(recordingId);
    at.town.time.nowMs += MINUTE_MS;
    const lines = [...SINCE_EVER, { agency: '', regime: 'ppa', fromMs: NOW_MS - 86_400_000 }];
    await at.restart({ lines, regimesDirectory: scene.regimes });
    // From the fact on it holds, and is on record; what was decided before it is as it was, and is decided again as it was.
    expect((await at.evaluate()).context).toMatchObject({ regime: 'ppa' });
    const rows = at.town.service.journal.about(recordingId);
    expect(rows.slice(0, past.length)).toEqual(past);
    expect(rows.map(({ regime }) => regime)).toEqual(['doj', 'ppa']);
    expect(decidedAgain(at.town.folder)).toMatchObject({ decisions: 2, differing: [] });
    const adopted = at.town.service.book.known.adoptions().at(-1);
    expect(adopted?.index).toBeGreaterThan(past[0]?.newestFact ?? 0);
    return { by: 'decisions follow facts as they came', reason: String(at.town.reported[0]) };
  },
};

/** The real log on the disk, as the program opens it. */
async function startLog({ at, more }: Scene): Promise<() => Promise<void>> {
  const flags = ['--sources', 's', '--people', 'p', '--registry', 'r'];
  const options = parseOptions(['--data', more, ...flags], ['doj']);
  const database = openDatabase(join(more, 'facts.db'));
  const parts = { options, passphrase: undefined, database, custodian: 'c'.repeat(43) };
  try {
    const { log } = await startOwnLog({ ...parts, report: (error) => void at.town.reported.push(error) });
    await log.published(Number(fieldsOf(database.prepare('SELECT max(seq) AS n FROM outbox').get())['n']));
    return async () => {
      await log.close();
      database.close();
    };
  } catch (cause) {
    database.close();
    throw cause;
  }
}

const fieldsOf = (row: unknown): Record<string, unknown> => ({ ...(row as object) });

/** The folder is left by an honest run, then this is done to it; the next start is refused, and signs nothing. */
const betweenStarts =
  (harm: (folder: string, older: string) => void, code: OwnLogError['code']): OnRules =>
  async (scene) => {
    const { at, more } = scene;
    const older = join(more, 'older.db');
    at.town.database.pragma('wal_checkpoint(TRUNCATE)');
    cpSync(join(at.town.folder, 'facts.db'), join(more, 'facts.db'));
    await (await startLog(scene))();
    cpSync(join(more, 'facts.db'), older);
    await (await startLog(scene))();
    const checkpoint = readFileSync(join(more, 'ledger/checkpoint'), 'utf8');
    harm(more, older);
    const failure: unknown = await startLog(scene).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OwnLogError);
    expect(failure).toMatchObject({ code });
    expect(readFileSync(join(more, 'ledger/checkpoint'), 'utf8')).toBe(checkpoint);
    return {
      by: `the service does not start, ${code}`,
      reason: failure instanceof Error ? failure.message : '',
    };
  };

const tampered =
  (sql: string) =>
  (folder: string): void => {
    const database = new Sqlite(join(folder, 'facts.db'));
    for (const trigger of ['outbox_stays', 'outbox_kept', 'facts_stay', 'facts_kept', 'decisions_stay'])
      database.exec(`DROP TRIGGER ${trigger}`);
    database.exec(sql);
    database.close();
  };

const OWN_LEDGER: Readonly<Record<string, OnRules>> = {
  'custodian ledger rolled back: an older facts.db put back': betweenStarts((folder, older) => {
    for (const tail of ['-wal', '-shm']) rmSync(join(folder, `facts.db${tail}`), { force: true });
    cpSync(older, join(folder, 'facts.db'));
  }, 'LOG_AHEAD'),
  'custodian ledger rolled back: its newest entries deleted': betweenStarts(
    tampered('DELETE FROM outbox WHERE seq > 3'),
    'LOG_AHEAD',
  ),
  'custodian ledger edited: an entry changed': betweenStarts(
    tampered(`UPDATE outbox SET entry = CAST(replace(CAST(entry AS TEXT), 'fact.taken', 'fact.takem') AS BLOB)
      WHERE seq = 2`),
    'LOG_DIFFERS',
  ),
  "custodian ledger edited: an entry of somebody's own put between": betweenStarts(
    tampered(`UPDATE outbox SET seq = -seq; INSERT INTO outbox VALUES (1, CAST('{}' AS BLOB));
      UPDATE outbox SET seq = 1 - seq WHERE seq < 0`),
    'LOG_DIFFERS',
  ),
  'custodian ledger taken away with its key': betweenStarts((folder) => {
    for (const name of ['ledger.key.pem']) rmSync(join(folder, name));
  }, 'LOG_KEY_LOST'),
};

const FORGED_FACTS: Readonly<Record<string, OnRules>> = {
  'forged fact: one edited in the file between starts': betweenStarts(
    tampered(`UPDATE facts SET body = replace(body, 'report.withdrawn', 'report.supplemented')
      WHERE type = 'report.withdrawn'`),
    'LOG_DIFFERS',
  ),
  'forged fact: one put on file as by another source': betweenStarts(
    tampered("UPDATE facts SET source = 'records' WHERE idx = 6"),
    'LOG_DIFFERS',
  ),
  'forged fact: one put into the file between starts': betweenStarts(
    tampered(`INSERT INTO facts SELECT idx + 1, source, 'forged', 'report.filed', incident, recording, person, received_at,
      replace(body, 'report.withdrawn', 'report.filed'), manifest, salt FROM facts ORDER BY idx DESC LIMIT 1`),
    'LOG_DIFFERS',
  ),
  'forged fact: the newest one removed between starts': betweenStarts(
    tampered('DELETE FROM facts WHERE idx = (SELECT max(idx) FROM facts)'),
    'LOG_DIFFERS',
  ),
  'a decision edited together with all it depends on': async (scene) => {
    const { at, more } = scene;
    at.denied(await at.evaluate(), /report/);
    at.town.database.pragma('wal_checkpoint(TRUNCATE)');
    cpSync(join(at.town.folder, 'facts.db'), join(more, 'facts.db'));
    await (await startLog(scene))();
    const ask = () => {
      const parts = { dir: join(more, 'ledger'), recording: recordingId, since: [] };
      return whoOpened({
        ...{ ...parts, witnesses: { witnesses: [], quorum: 0 } },
        ownBook: () => readOwnBook(more, recordingId),
      });
    };
    expect(await ask()).toMatchObject({ ok: true });
    tampered("UPDATE decisions SET request_id = 'another'")(more);
    const { ok, findings } = await ask();
    expect(ok).toBe(false);
    const reason = findings.map(({ code, message }) => `${code}: ${message}`).join('; ');
    expect(reason).toMatch(/outbox-mismatch: decision 1 is not what the ledger speaks of/);
    return { by: 'holdfast policy who-opened --data, exit 1', reason };
  },
};

const STAGE: Stage<Scene> = {
  start,
  stop,
  honest: async (scene) => {
    await scene.at.town.tell(fact('report.filed', { person: RECORDER }));
    expect((await scene.at.evaluate()).decision).toBe(true);
    expect(decidedAgain(scene.at.town.folder).differing).toEqual([]);
    scene.at.town.database.pragma('wal_checkpoint(TRUNCATE)');
    cpSync(join(scene.at.town.folder, 'facts.db'), join(scene.more, 'facts.db'));
    for (let time = 0; time < 3; time += 1) await (await startLog(scene))();
  },
};

attackTable('attacks on the rules and on the files of the service', STAGE, {
  ...RULES,
  ...OWN_LEDGER,
  ...FORGED_FACTS,
});

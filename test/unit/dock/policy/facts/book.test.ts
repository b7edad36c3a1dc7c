import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enrolPeople } from '../../../../../dock/policy/enrolment.ts';
import { NOBODYS_PASSWORD } from '../../../../../dock/policy/custodian/password.ts';
import { FactError } from '../../../../../dock/policy/errors.ts';
import type { Enrolled } from '../../../../../dock/policy/facts/admit.ts';
import { FactBook } from '../../../../../dock/policy/facts/book.ts';
import { lockFolder, openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import type { Role, Source } from '../../../../../dock/policy/facts/fact.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { openWraps, type WrapsShelf } from '../../../../../dock/policy/facts/wraps.ts';
import { AT, fact, INCIDENT, NOW_MS, RECORDING } from '../story.ts';

const RECORDS: Source = { name: 'records', may: new Set(['*']) };
const DOCK: Source = { name: 'dock-1', may: new Set(['*']) };

let folder = '';
let database: Database;
let shelf: WrapsShelf;
const enrolled: Enrolled = {
  isDock: (name) => name === 'dock-1',
  checkManifest: () => {
    throw new FactError('BAD_MANIFEST', 'no camera is enrolled here', { retry: 'never' });
  },
};

function open(): FactBook {
  database = openDatabase(join(folder, 'facts.db'));
  shelf = openWraps(join(folder, 'wraps.db'));
  const decided = { mayDestroy: () => true };
  return new FactBook({
    ...{ store: openFactStore(database), enrolled, shelf, decided },
    recipients: { custodian: '', recovery: [] },
    report: (trouble) => void reported.push(trouble),
  });
}

function refusal(work: () => unknown): FactError | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof FactError) return error;
    throw error;
  }
  return undefined;
}

const reported: string[] = [];
beforeEach(() => {
  reported.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'holdfast-facts-'));
});
afterEach(() => {
  shelf.close();
  database.close();
  rmSync(folder, { recursive: true });
});

describe('taking facts', () => {
  // Goal: indices are gapless, repeats add nothing, another body under the same id is refused.
  test('a fact is taken once', () => {
    const book = open();
    expect(book.post(RECORDS, [fact('report.filed', {}, 'r1')], AT)).toEqual([
      { id: 'r1', index: 1, added: true },
    ]);
    expect(book.post(RECORDS, [fact('report.filed', {}, 'r1')], AT)).toEqual([
      { id: 'r1', index: 1, added: false },
    ]);
    const other = refusal(() => book.post(RECORDS, [fact('report.filed', { person: '5522' }, 'r1')], AT));
    expect(other?.code).toBe('ID_TAKEN');
    expect(book.known.part(INCIDENT, '5522').report).toBe('none');
  });

  // Goal: the order of members in the JSON does not make it another fact.
  test('the same fact in another order is the same', () => {
    const book = open();
    const one = fact('report.filed', {}, 'r1');
    book.post(RECORDS, [one], AT);
    const turned = Object.fromEntries(Object.entries(one).reverse()) as typeof one;
    expect(book.post(RECORDS, [turned], AT)[0]?.added).toBe(false);
  });

  // Goal: an id belongs to its source, so one source cannot squat another's.
  test('two sources may use one id', () => {
    const book = open();
    const squatter: Source = { name: 'camera-room', may: new Set(['incident.opened']) };
    book.post(squatter, [fact('incident.opened', {}, 'r1')], AT);
    expect(book.post(RECORDS, [fact('report.filed', {}, 'r1')], AT)[0]).toEqual({
      id: 'r1',
      index: 2,
      added: true,
    });
  });

  // Goal: a batch is all or nothing, and later facts of it see earlier ones.
  test('a batch is taken whole or not at all', () => {
    const book = open();
    const bad = [
      fact('officer.involved', { person: '6633' }, 'a'),
      fact('report.filed', {}, 'b'),
      fact('force.classified', { by: '6633' }, 'c'),
    ];
    const error = refusal(() => book.post(RECORDS, bad, AT));
    expect(error?.code).toBe('SELF_CLASSIFICATION');
    expect(error?.facts['position']).toBe(2);
    expect(book.known.newest).toBe(0);
    expect(book.known.part(INCIDENT, '4411').report).toBe('none');
    expect(book.post(RECORDS, bad.slice(0, 2), AT).map(({ index }) => index)).toEqual([1, 2]);
  });

  // Goal: what a source may not assert is refused before anything else.
  test('a source asserts only what it may', () => {
    const book = open();
    const dock: Source = { name: 'dock-2', may: new Set(['recording.registered']) };
    expect(refusal(() => book.post(dock, [fact('report.filed')], AT))?.code).toBe('MAY_NOT_ASSERT');
    expect(book.post(dock, [fact('recording.registered')], AT)[0]?.added).toBe(true);
  });

  // Goal: a dock never says what a recording belongs to, who has reported or who may see it, even one that was given every
  // right by mistake.
  test('a dock says nothing that decides', () => {
    const book = open();
    expect(refusal(() => book.post(DOCK, [fact('recording.linked')], AT))?.code).toBe('NOT_RECORDS_SOURCE');
    expect(refusal(() => book.post(DOCK, [fact('recording.unlinked')], AT))?.code).toBe('NOT_RECORDS_SOURCE');
    for (const type of ['report.filed', 'access.authorised', 'person.enrolled', 'hold.lifted'] as const)
      expect(refusal(() => book.post(DOCK, [fact(type)], AT))?.code).toBe('NOT_RECORDS_SOURCE');
    expect(refusal(() => book.post(RECORDS, [fact('recording.linked')], AT))).toBeUndefined();
  });
});

describe('facts that end others', () => {
  // Goal: an ending that ends nothing does not look as if it had, where something else stands that somebody may have meant; with nothing
  // on file it is harmless and taken. Method: endings of another case, kind, incident and person than the one that stands.
  const stands = {
    'case.unassigned': ['case.assigned', { case: 'case-2' }, 'NO_SUCH_CASE', 'case-1'],
    'statement.withdrawn': ['statement.given', { kind: 'perceptual' }, 'NO_SUCH_STATEMENT', 'candid'],
  } as const;
  test.each(['case.unassigned', 'statement.withdrawn'] as const)('%s names what stands', (type) => {
    const [given, other, code, standing] = stands[type];
    const book = open();
    book.post(RECORDS, [fact(type, {}, 'early'), fact(given, {}, 'g')], AT);
    const refused = refusal(() => book.post(RECORDS, [fact(type, other, 'wrong')], AT));
    expect(refused?.code).toBe(code);
    expect(refused?.message).toContain(standing);
    expect(book.known.newest).toBe(2);
    for (const elsewhere of [{ person: '5522' }, { incident: '24-2' }])
      book.post(RECORDS, [fact(type, { ...other, ...elsewhere })], AT);
    expect(book.post(RECORDS, [fact(type, {}, 'right')], AT)).toMatchObject([{ added: true }]);
    expect(book.post(RECORDS, [fact(type, {}, 'right')], AT)).toMatchObject([{ added: false }]);
    // Said once more by somebody else, with nothing left standing.
    expect(book.post(RECORDS, [fact(type, {}, 'again')], AT)).toMatchObject([{ added: true }]);
  });

  // Goal: who may assert a fact may not by that take it back, and a dock may do neither.
  test.each(['case.unassigned', 'statement.withdrawn'] as const)('%s is a right of its own', (type) => {
    const book = open();
    const clerk: Source = { name: 'clerk', may: new Set([stands[type][0]]) };
    book.post(clerk, [fact(stands[type][0])], AT);
    expect(refusal(() => book.post(clerk, [fact(type)], AT))?.code).toBe('MAY_NOT_ASSERT');
    expect(refusal(() => book.post(DOCK, [fact(type)], AT))?.code).toBe('NOT_RECORDS_SOURCE');
    const undoer: Source = { name: 'undoer', may: new Set([type]) };
    expect(refusal(() => book.post(undoer, [fact(stands[type][0], {}, 'x')], AT))?.code).toBe(
      'MAY_NOT_ASSERT',
    );
    expect(book.post(undoer, [fact(type)], AT)).toMatchObject([{ added: true }]);
  });
});

describe('enrolment', () => {
  // Goal: nobody moves recordings under other rules unseen, by leaving the agency out for instance. Method: what the operator is told.
  test('with another agency is reported, and with the same one is not', () => {
    const book = open();
    const enrol = (id: string, changes: object): unknown =>
      book.post(
        RECORDS,
        [fact('person.enrolled', { person: '4411', roles: ['officer'], ...changes }, id)],
        AT,
      );
    enrol('e1', { org: 'PPB' });
    enrol('e2', { org: 'PPB', roles: ['supervisor'] });
    expect(reported).toEqual([]);
    enrol('e3', {});
    expect(reported).toEqual([
      '4411 was enrolled with PPB and now is with no agency: what they recorded is under its rules from now on',
    ]);
  });
});

describe('classification', () => {
  // Goal: nobody who took part classifies, whether listed or known by their camera.
  test('nobody who took part classifies the incident', () => {
    const book = open();
    book.post(RECORDS, [fact('recording.registered'), fact('recording.linked')], AT);
    expect(refusal(() => book.post(RECORDS, [fact('force.classified', { by: '4411' })], AT))?.code).toBe(
      'SELF_CLASSIFICATION',
    );
    expect(
      refusal(() => book.post(RECORDS, [fact('force.classified', { by: 'sgt-1' })], AT)),
    ).toBeUndefined();
  });

  // Goal: lowering is loud. Method: each way of lowering, with and without naming the fact it replaces.
  test.each([
    [{ force: 'non_deadly' }, { force: 'none' }],
    [{ force: 'deadly' }, { force: 'non_deadly' }],
    [{ force: 'none', deathInCustody: true }, { force: 'none' }],
    [
      { force: 'non_deadly', injury: 'serious' },
      { force: 'non_deadly', injury: 'non_serious' },
    ],
    [{ force: 'non_deadly', vulnerable: true }, { force: 'non_deadly' }],
  ])('from %j to %j names what it replaces', (from, to) => {
    const book = open();
    book.post(RECORDS, [fact('force.classified', from, 'first')], AT);
    const lower = refusal(() => book.post(RECORDS, [fact('force.classified', to, 'second')], AT));
    expect(lower?.code).toBe('QUIET_DOWNGRADE');
    expect(lower?.message).toContain('supersedes: "first"');
    const wrong = refusal(() =>
      book.post(RECORDS, [fact('force.classified', { ...to, supersedes: 'zero' }, 'third')], AT),
    );
    expect(wrong?.code).toBe('QUIET_DOWNGRADE');
    book.post(RECORDS, [fact('force.classified', { ...to, supersedes: 'first' }, 'fourth')], AT);
    expect(book.known.incident(INCIDENT).classifications).toHaveLength(2);
  });

  // Goal: raising needs nothing, and a detour over "unclassified" does not launder a downgrade.
  test('a detour over unclassified is no way down', () => {
    const book = open();
    book.post(RECORDS, [fact('force.classified', { force: 'none' }, 'a')], AT);
    book.post(RECORDS, [fact('force.classified', { force: 'deadly' }, 'b')], AT);
    book.post(RECORDS, [fact('force.classified', { force: 'unclassified' }, 'c')], AT);
    const error = refusal(() => book.post(RECORDS, [fact('force.classified', { force: 'none' }, 'd')], AT));
    expect(error?.message).toContain('supersedes: "b"');
  });
});

describe('what is said with "unclassified"', () => {
  // Goal: a death in custody, an injury or a crisis once said is not dropped quietly, whatever the force was called.
  test.each([{ deathInCustody: true }, { injury: 'serious' }, { vulnerable: true }])(
    '%j does not go quietly',
    (said) => {
      const book = open();
      book.post(RECORDS, [fact('force.classified', { force: 'none' }, 'a')], AT);
      book.post(RECORDS, [fact('force.classified', { force: 'unclassified', ...said }, 'b')], AT);
      const quiet = (changes: Record<string, unknown>, id: string) =>
        refusal(() => book.post(RECORDS, [fact('force.classified', { force: 'none', ...changes }, id)], AT));
      expect(quiet({}, 'c')?.message).toContain('supersedes: "b"');
      expect(quiet(said, 'd')).toBeUndefined();
      expect(quiet({ supersedes: 'd' }, 'e')).toBeUndefined();
    },
  );
});

describe('registration', () => {
  // Goal: the first registration stands against any other camera, manifest or officer.
  test.each([{ camera: 'cam-9' }, { manifestHash: 'b'.repeat(64) }, { officer: '5522' }])(
    'a second one that says %j is refused',
    (changes) => {
      const book = open();
      book.post(RECORDS, [fact('recording.registered', {}, 'a')], AT);
      expect(refusal(() => book.post(RECORDS, [fact('recording.registered', changes, 'b')], AT))?.code).toBe(
        'ALREADY_REGISTERED',
      );
      expect(book.post(RECORDS, [fact('recording.registered', {}, 'c')], AT)[0]?.added).toBe(true);
      expect(book.known.recording(RECORDING).registration?.officer).toBe('4411');
    },
  );

  // Goal: a manifest that does not verify is not taken, not even as a registration without one.
  test('one with a bad manifest is refused', () => {
    const book = open();
    const bad = fact('recording.registered', { manifest: 'AAAA' });
    expect(refusal(() => book.post(RECORDS, [bad], AT))?.code).toBe('BAD_MANIFEST');
    expect(book.known.recording(RECORDING).registration).toBeUndefined();
  });
});

describe('on disk', () => {
  // Goal: after a restart the same is known, and indices go on.
  test('a restart changes nothing', () => {
    const first = open();
    first.post(RECORDS, [fact('report.filed'), fact('recording.registered'), fact('recording.linked')], AT);
    database.close();
    const second = open();
    expect(second.known.newest).toBe(3);
    expect(second.known.part(INCIDENT, '4411').report).toBe('filed');
    expect(second.known.recording(RECORDING)).toEqual(first.known.recording(RECORDING));
    expect(second.post(RECORDS, [fact('report.withdrawn')], AT)[0]?.index).toBe(4);
    expect(second.store.list({ incident: INCIDENT, limit: 10 }).map(({ index }) => index)).toEqual([1, 3, 4]);
  });

  // Goal: facts and decisions cannot be changed through the database, and a hole is noticed.
  test('facts stay', () => {
    const book = open();
    book.post(RECORDS, [fact('report.filed', {}, 'a'), fact('report.filed', { person: '5522' }, 'b')], AT);
    expect(() => database.exec(`UPDATE facts SET person = '5522'`)).toThrow('append-only');
    expect(() => database.exec('DELETE FROM facts')).toThrow('append-only');
    database.exec('DROP TRIGGER facts_kept');
    database.exec('DELETE FROM facts WHERE idx = 1');
    expect(() => openFactStore(database)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
  });

  // Goal: only one service at a time on a folder, also when the other has just been closed; only this user reads it.
  test('the folder is for one service and one user', () => {
    open();
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
    unlock();
    lockFolder(folder)();
    expect(statSync(join(folder, 'facts.db')).mode & 0o777).toBe(0o600);
  });

  // Goal: nothing counts that could not be written. Method: the table is taken away under the service.
  test('a fact that could not be written does not count', () => {
    const book = open();
    let woken = 0;
    book.subscribe(() => (woken += 1));
    database.exec('CREATE TRIGGER full BEFORE INSERT ON facts BEGIN SELECT RAISE(ABORT, "disk full"); END');
    expect(() => book.post(RECORDS, [fact('report.filed')], AT)).toThrow(
      expect.objectContaining({ code: 'STORE_IO' }),
    );
    expect(book.known.newest).toBe(0);
    expect(book.known.part(INCIDENT, '4411').report).toBe('none');
    expect(woken).toBe(0);
  });
});

describe('accounts as facts', () => {
  const account = (roles: readonly Role[]) => ({
    person: '4411',
    name: 'A. Ruiz',
    roles,
    password: NOBODYS_PASSWORD,
  });

  // Goal: each start asserts who has an account once, and again only when its roles have changed, back and forth.
  test('an account is asserted when it changes', () => {
    const book = open();
    enrolPeople(book, [account(['officer'])], NOW_MS);
    enrolPeople(book, [account(['officer'])], NOW_MS);
    expect(book.known.newest).toBe(1);
    enrolPeople(book, [account(['officer', 'supervisor'])], NOW_MS);
    enrolPeople(book, [account(['officer'])], NOW_MS);
    expect(book.known.newest).toBe(3);
    expect(book.known.person('4411')?.roles).toEqual(['officer']);
  });

  // Goal: a restart does not bring back roles that a records source has taken away.
  test('a later word of another source stands', () => {
    const book = open();
    enrolPeople(book, [account(['officer', 'internal_affairs'])], NOW_MS);
    book.post(RECORDS, [fact('person.enrolled', { roles: ['officer'] })], AT);
    enrolPeople(book, [account(['officer', 'internal_affairs'])], NOW_MS);
    expect(book.known.person('4411')?.roles).toEqual(['officer']);
  });
});

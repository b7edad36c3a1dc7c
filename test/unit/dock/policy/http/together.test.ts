import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingId } from '../../../proto/fixture.ts';
import { fact } from '../story.ts';
import { DOCK_TOKEN, evaluation, LINKED, RECORDER, REGISTERED, TestPage, TestService } from './service.ts';

// Goal: what is decided together is answered once all of it is on file, and no proof of opening works twice in it. Method: batches
// and simultaneous requests on the whole service; a trigger in the place of a full disk.

let town: TestService;
let page: TestPage;
let token: string;

beforeEach(async () => {
  town = await TestService.start();
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
  await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN });
  page = await TestPage.open(town);
  token = await page.token(RECORDER);
});

afterEach(async () => {
  await town.stop();
});

interface Said {
  readonly decision: boolean;
  readonly context: Readonly<Record<string, unknown>>;
}

async function opening(proof: string): Promise<object> {
  const context = { purpose: 'supplement_report', dock: 'dock-1', nonce: 'ab'.repeat(16) };
  return evaluation(RECORDER, { ...context, opening: { token, proof } });
}

async function batch(evaluations: readonly object[]): Promise<{ status: number; said: readonly Said[] }> {
  const { status, body } = await town.post('/access/v1/evaluations', { evaluations }, { token: DOCK_TOKEN });
  return { status, said: (body['evaluations'] ?? []) as readonly Said[] };
}

const onFile = (): readonly boolean[] =>
  town.service.journal.about(recordingId).map(({ allowed }) => allowed);

test('one proof twice in a batch opens once', async () => {
  const proof = await page.proof();
  const { said } = await batch([
    await opening(proof),
    await opening(proof),
    await opening(await page.proof()),
  ]);
  expect(said.map(({ decision, context }) => [decision, typeof context['grant']])).toEqual([
    [true, 'string'],
    [false, 'undefined'],
    [true, 'string'],
  ]);
  expect(said[1]?.context['reason']).toContain('was used before');
  expect(onFile()).toEqual([true, false, true]);
});

test('one proof in two requests at once opens once', async () => {
  const asked = await opening(await page.proof());
  const both = await Promise.all(
    [asked, asked].map((one) => town.post('/access/v1/evaluation', one, { token: DOCK_TOKEN })),
  );
  expect(both.filter(({ body }) => body['decision'] === true)).toHaveLength(1);
  expect(onFile()).toEqual([true, false]);
});

test('the items of a batch are on file in its order', async () => {
  const people = [RECORDER, '5522', 'ipr-1', 'nobody-1', RECORDER];
  const { said } = await batch(people.map((person) => evaluation(person, { purpose: 'supplement_report' })));
  const rows = town.service.journal.about(recordingId);
  expect(rows.map(({ person }) => person)).toEqual(people);
  expect(rows.map(({ allowed }) => allowed)).toEqual(said.map(({ decision }) => decision));
});

test('nothing of a batch is answered that could not be written down', async () => {
  const proof = await page.proof();
  town.database.exec(
    `CREATE TRIGGER full BEFORE INSERT ON decisions WHEN NEW.person = '5522' BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
  );
  const denied = evaluation('5522', { purpose: 'supplement_report' });
  const { status, said } = await batch([await opening(proof), denied]);
  expect([status >= 500, said]).toEqual([true, []]);
  expect(onFile()).toEqual([]);
  town.database.exec('DROP TRIGGER full');
  const again = await batch([await opening(proof), denied]);
  expect(again.said.map(({ decision }) => decision)).toEqual([true, false]);
});

// A batch that ends early still answers for what it heard.
test('what a batch stops at is on file', async () => {
  const asked = (person: string): object => evaluation(person, { purpose: 'supplement_report' });
  const { body } = await town.post('/access/v1/evaluations', {
    evaluations: [asked(RECORDER), asked('5522'), asked(RECORDER)],
    options: { evaluations_semantic: 'deny_on_first_deny' },
  });
  expect((body['evaluations'] as readonly Said[]).map(({ decision }) => decision)).toEqual([true, false]);
  expect(onFile()).toEqual([true, false]);
});

import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingId } from '../../../proto/fixture.ts';
import { fact, NOW_MS } from '../story.ts';
import {
  dockLedger,
  keyRequest,
  openAt,
  pagePair,
  registered,
  sealedRecording,
  type SealedRecording,
} from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, RECORDS_TOKEN, TestPage, TestService } from './service.ts';

// Goal: a dock that asks gets a grant to destroy or a reason, each on disk first; and once it says that it has destroyed, no
// key of that recording is ever given again. Method: the whole service over real databases; its clock is moved.

const DAY_MS = 86_400_000;
let town: TestService;
let sealed: SealedRecording;

beforeEach(async () => {
  town = await TestService.start();
  sealed = await sealedRecording(town.service.custodian);
  await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
  await town.tell(LINKED, fact('force.classified'), fact('report.filed', { person: RECORDER }));
  town.time.nowMs = NOW_MS + 200 * DAY_MS;
});
afterEach(() => town.stop());

const CONTEXT = { purpose: 'retention', dock: 'dock-1', nonce: 'ab'.repeat(16), days: 180 };

async function ask(changes: object = {}, token = DOCK_TOKEN) {
  const question = {
    subject: { type: 'dock', id: 'dock-1' },
    action: { name: 'delete' },
    resource: { type: 'recording', id: recordingId },
    context: CONTEXT,
    ...changes,
  };
  const { body } = await town.post('/access/v1/evaluation', question, { token });
  return body as { decision: boolean; context: Record<string, unknown> };
}

const destroyed = (changes: object = {}) =>
  fact(
    'recording.destroyed',
    { recording: recordingId, manifestHash: sealed.manifestHash, entry: 7, ...changes },
    `destroyed/${recordingId}`,
  );
const tell = (changes: object = {}, token = DOCK_TOKEN) =>
  town.post('/v1/facts', destroyed(changes), { token });
const wraps = () => town.service.shelf.find({ recording: recordingId, manifestHash: sealed.manifestHash });
const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('may a dock destroy?', () => {
  test('yes, by a grant for this dock, this recording and this question', async () => {
    const { decision, context } = await ask();
    expect(decision).toBe(true);
    const keys = createLocalJWKSet({ keys: [town.service.issuer.key.jwk] });
    const { payload } = await jwtVerify(String(context['grant']), keys, {
      typ: 'holdfast-grant+jwt',
      currentDate: new Date(town.time.nowMs),
    });
    expect(payload).toMatchObject({
      ...{ kind: 'delete', action: 'delete', purpose: 'retention', recording: recordingId },
      ...{
        manifest: sealed.manifestHash,
        aud: 'dock-1',
        sub: 'dock-1',
        nonce: CONTEXT.nonce,
        chunks: [0, 0],
      },
    });
    expect(town.service.journal.about(recordingId)).toMatchObject([
      { allowed: true, person: 'dock-1', source: 'dock-1', grantId: payload.jti, request: { days: 180 } },
    ]);
  });

  test('no, with the reason, and that is written down too', async () => {
    await town.tell(fact('hold.placed', { recording: recordingId }));
    const { decision, context } = await ask();
    expect(decision).toBe(false);
    expect(context).toMatchObject({ policies: ['retention.hold'], missing: [] });
    expect(context).not.toHaveProperty('grant');
    expect(town.service.journal.about(recordingId)).toMatchObject([{ allowed: false }]);
  });

  test.each([
    ['a person', { subject: { type: 'person', id: 'dock-1' } }, DOCK_TOKEN],
    ['a dock in the name of another', { subject: { type: 'dock', id: 'dock-2' } }, DOCK_TOKEN],
    ['another source in its name', {}, RECORDS_TOKEN],
    ['a dock without a nonce', { context: { ...CONTEXT, nonce: undefined } }, DOCK_TOKEN],
    ['a dock about something else', { resource: { type: 'camera', id: recordingId } }, DOCK_TOKEN],
  ])('never to %s', async (_, changes, token) => {
    const { decision, context } = await ask(changes, token);
    expect(decision).toBe(false);
    expect(context['policies']).toEqual(['retention.asker']);
  });

  // Goal: a grant to destroy opens nothing. Method: it in the place of the grant of an opening.
  test('and its grant gives no keys', async () => {
    const grant = String((await ask()).context['grant']);
    const page = await TestPage.open(town);
    const ledger = dockLedger();
    const opening = await openAt({ town, page, ledger });
    const request = await keyRequest({ page, jwk: (await pagePair()).jwk }, { ...opening, grant });
    expect(await town.post('/v1/keys', { request }, { token: '' })).toMatchObject(refusal(403, 'bad-grant'));
  });
});

describe('a dock that has destroyed', () => {
  test('ends all keys, also of an opening that was granted, and registering again does not bring them back', async () => {
    await ask();
    const page = await TestPage.open(town);
    const opening = await openAt({ town, page, ledger: dockLedger() });
    expect(wraps()).toBeDefined();
    expect((await tell()).status).toBe(201);
    expect((await tell()).status).toBe(200);
    expect(wraps()).toBeUndefined();
    const request = await keyRequest({ page, jwk: (await pagePair()).jwk }, opening);
    expect(await town.post('/v1/keys', { request }, { token: '' })).toMatchObject(refusal(409, 'not-keyed'));
    const again = { ...registered(sealed), id: 'again' };
    expect((await town.post('/v1/facts', again, { token: DOCK_TOKEN })).status).toBe(201);
    expect(wraps()).toBeUndefined();
  });

  test('is not believed without an allow, of another manifest, or as another source', async () => {
    expect(await tell()).toMatchObject(refusal(403, 'NOT_DECIDED'));
    await town.tell(fact('recording.sealed', { recording: recordingId }));
    expect((await ask()).decision).toBe(false);
    expect(await tell()).toMatchObject(refusal(403, 'NOT_DECIDED'));
    await town.tell(fact('recording.unsealed', { recording: recordingId }));
    expect((await ask()).decision).toBe(true);
    expect(await tell({ manifestHash: 'b'.repeat(64) })).toMatchObject(refusal(403, 'NOT_DECIDED'));
    expect(await tell({}, RECORDS_TOKEN)).toMatchObject(refusal(403, 'NOT_DECIDED'));
    expect(wraps()).toBeDefined();
  });

  // Goal: whoever is late with a hold still keeps the keys: another copy of the content may exist.
  test('leaves the keys under a hold that came in between, until it is lifted', async () => {
    await ask();
    await town.tell(fact('hold.placed', { recording: recordingId }));
    expect(await tell()).toMatchObject(refusal(409, 'HELD'));
    expect(wraps()).toBeDefined();
    await town.tell(fact('hold.lifted', { recording: recordingId }));
    expect((await tell()).status).toBe(201);
    expect(wraps()).toBeUndefined();
  });
});

describe('seals', () => {
  // Goal: nobody believes a seal lifted that stands.
  test('are lifted by the court that placed them and by nobody else', async () => {
    const lift = (by: string, id: string) =>
      town.post('/v1/facts', fact('recording.unsealed', { recording: recordingId, by }, id));
    expect((await lift('court', 'lift-1')).status).toBe(201);
    await town.tell(fact('recording.sealed', { recording: recordingId, by: 'federal-court' }));
    expect(await lift('court', 'lift-2')).toMatchObject(refusal(409, 'NO_SUCH_SEAL'));
    expect((await lift('federal-court', 'lift-3')).status).toBe(201);
  });
});

describe('holds', () => {
  test('are lifted by whoever placed them and by nobody else', async () => {
    const lift = (by: string) =>
      town.post('/v1/facts', fact('hold.lifted', { recording: recordingId, by }, `lift-${by}`));
    expect(await lift('court')).toMatchObject(refusal(409, 'NO_SUCH_HOLD'));
    await town.tell(fact('hold.placed', { recording: recordingId, by: 'city-1' }));
    expect(await lift('court')).toMatchObject(refusal(409, 'NO_SUCH_HOLD'));
    expect((await lift('city-1')).status).toBe(201);
  });

  test('are listed apart from other facts', async () => {
    await town.tell(fact('hold.placed', { recording: recordingId }));
    await town.tell(fact('hold.lifted', { recording: recordingId }));
    const { body } = await town.get('/v1/facts?type=hold.placed&type=hold.lifted', DOCK_TOKEN);
    const types = (body['facts'] as { fact: { type: string } }[]).map((one) => one.fact.type);
    expect(types).toEqual(['hold.placed', 'hold.lifted']);
  });
});

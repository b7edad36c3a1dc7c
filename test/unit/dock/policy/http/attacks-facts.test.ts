import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readSources } from '../../../../../dock/policy/config.ts';
import { ConfigError } from '../../../../../dock/policy/errors.ts';
import { toBase64 } from '../../../../../proto/bytes.ts';
import { signManifest } from '../../../../../proto/manifest.ts';
import { manifestOf, recordingId, testKey } from '../../../proto/fixture.ts';
import { fact } from '../story.ts';
import { ASKED, AttackScene, onScene } from './attack-scene.ts';
import { attackTable, type Attack, type Refused, type Stage } from './attack-table.ts';
import { registered } from './sealed.ts';
import { DOCK_TOKEN, RECORDER, REGISTERED, TestPage, TestService } from './service.ts';

// Goal: the attack table of the release, part of facts and openings: what was not said by who may say it, as it must be said, is not on
// file and changes no decision; and a rooted dock gets no grant but for what its page's person signed. Method: the whole service over
// real databases, where the officer may see their recording once their own report is filed; for each attack a scene of its own.

type OnFacts = Attack<AttackScene>;

const SOURCES = [
  {
    name: 'officers',
    token: 'token-of-officers',
    may: new Set(['report.filed', 'statement.given'] as const),
  },
  { name: 'everything', token: 'token-of-everything', may: new Set(['*'] as const) },
];

/** The officer's report is withdrawn, so nobody may see anything; and there are more sources. */
async function beforeReport(scene: AttackScene): Promise<AttackScene> {
  const { service } = scene.town;
  Object.assign(service, { sources: [...service.sources, ...SOURCES] });
  await scene.town.tell(fact('report.withdrawn', { person: RECORDER }));
  return scene;
}

/** The fact is refused for that reason, is nowhere on file, and the officer may see no more than before. */
async function refused(
  scene: AttackScene,
  { body, token }: { readonly body: unknown; readonly token?: string },
  [status, code, words]: readonly [number, string, RegExp],
): Promise<Refused> {
  const { town } = scene;
  const [newest, entries] = [town.service.book.known.newest, scene.entries().length];
  const answer = await town.post('/v1/facts', body, token === undefined ? {} : { token });
  const { error } = answer.body as { error?: { code: string; message: string } };
  expect({ status: answer.status, code: error?.code }).toEqual({ status, code });
  expect(error?.message).toMatch(words);
  expect(Object.keys(answer.body)).toEqual(['error']);
  expect([town.service.book.known.newest, scene.entries().length]).toEqual([newest, entries]);
  await stillDenied(scene);
  return { by: `admission of facts, ${status} ${code}`, reason: error?.message ?? '' };
}

async function stillDenied(scene: AttackScene): Promise<Refused> {
  return scene.denied(await scene.evaluate(), /report/);
}

const MAY_NOT = [403, 'MAY_NOT_ASSERT', /may not assert/] as const;
const NO_FACT = [400, 'BAD_REQUEST', /./] as const;
const EVERYTHING = 'token-of-everything';
const filed = fact('report.filed', { person: RECORDER }, 'forged');
const adopted = fact('regime.adopted', { regime: 'ppa', policySet: 'a'.repeat(64) }, 'regime/forged');

const posting =
  (body: unknown, token: string | undefined, expected: readonly [number, string, RegExp]): OnFacts =>
  (scene) =>
    refused(scene, token === undefined ? { body } : { body, token }, expected);

/** A registration whose manifest another key than the camera's signed. */
function forgedRegistration(): unknown {
  const signed = signManifest(manifestOf(), testKey(9).sign);
  const manifestHash = createHash('sha256').update(signed).digest('hex');
  return { ...REGISTERED, id: 'forged', manifest: toBase64(signed), manifestHash };
}

const FACTS: Readonly<Record<string, OnFacts>> = {
  'forged fact: no token': posting(filed, '', [401, 'UNAUTHENTICATED', /bearer token/]),
  'forged fact: a wrong token': posting(filed, 'guess', [401, 'UNAUTHENTICATED', /bearer token/]),
  'forged fact: a manifest that the camera did not sign': posting(forgedRegistration(), DOCK_TOKEN, [
    400,
    'BAD_MANIFEST',
    /./,
  ]),
  'forged fact: the recording attributed to another officer': (scene) =>
    refused(
      scene,
      { body: { ...registered(scene.sealed, { officer: '5522' }), id: 'forged' }, token: DOCK_TOKEN },
      [400, 'BAD_MANIFEST', /another officer/],
    ),
  'forged fact: a name twice in one body': posting(
    JSON.stringify(filed).replace('"person"', '"person":"5522","person"'),
    undefined,
    [400, 'BAD_REQUEST', /twice in one object/],
  ),
  'a dock files a report': posting(filed, DOCK_TOKEN, MAY_NOT),
  'a dock that was given every right files a report': async (scene) => {
    const { service } = scene.town;
    const sources = service.sources.map((one) =>
      one.name === 'dock-1' ? { ...one, may: new Set(['*']) } : one,
    );
    Object.assign(service, { sources });
    return refused(scene, { body: filed, token: DOCK_TOKEN }, [403, 'NOT_RECORDS_SOURCE', /is a dock/]);
  },
  'a dock links its recording to another incident': posting(
    fact('recording.linked', { recording: recordingId, incident: 'other' }),
    DOCK_TOKEN,
    [403, 'NOT_RECORDS_SOURCE', /is a dock/],
  ),
  "an officers' source classifies force": posting(fact('force.classified'), 'token-of-officers', MAY_NOT),
  'a dock asserts regime.adopted': posting(adopted, DOCK_TOKEN, MAY_NOT),
  "an outside source with every right uses the service's own type": posting(adopted, EVERYTHING, MAY_NOT),
  'a dock says it destroyed what it was never allowed to destroy': (scene) => {
    const body = fact('recording.destroyed', {
      ...{ recording: recordingId, manifestHash: scene.sealed.manifestHash },
    });
    return refused(scene, { body, token: DOCK_TOKEN }, [403, 'NOT_DECIDED', /never allowed to destroy/]);
  },
  'draft report: its own type': posting({ ...filed, type: 'report.drafted' }, undefined, NO_FACT),
  'draft report: no hash': posting({ ...filed, reportHash: undefined }, undefined, [
    400,
    'BAD_REQUEST',
    /reportHash/,
  ]),
  'draft report: an empty hash': posting({ ...filed, reportHash: '' }, undefined, [
    400,
    'BAD_REQUEST',
    /reportHash/,
  ]),
  'draft report: marked as one': posting({ ...filed, draft: true }, undefined, [400, 'BAD_REQUEST', /draft/]),
  'self-classification': posting(fact('force.classified', { by: RECORDER }), undefined, [
    403,
    'SELF_CLASSIFICATION',
    /took part in/,
  ]),
};

/** Facts that are true as such, taken, and do not open the recording. */
const taken =
  (words: RegExp, ...facts: readonly ReturnType<typeof fact>[]): OnFacts =>
  async (scene) => {
    await scene.town.tell(...facts);
    return scene.denied(await scene.evaluate(), words);
  };

const lowered = (changes: object): unknown =>
  fact('force.classified', { force: 'none', ...changes }, `lowered/${JSON.stringify(changes)}`);
const QUIET = [409, 'QUIET_DOWNGRADE', /name the fact it replaces/] as const;

/** Under the city's rules, force decides; the incident is deadly, and the officer may not. */
const underCity =
  (...facts: readonly ReturnType<typeof fact>[]) =>
  async (): Promise<AttackScene> => {
    const scene = await AttackScene.start({ regime: 'city' });
    await scene.town.tell(...facts);
    return scene;
  };
const deadly = underCity(fact('force.classified', { force: 'deadly' }));

const quiet =
  (body: unknown, ...before: readonly ReturnType<typeof fact>[]): OnFacts =>
  () =>
    onScene(deadly(), async (scene) => {
      await scene.town.tell(...before);
      const answer = await scene.town.post('/v1/facts', body);
      const { error } = answer.body as { error?: { code: string; message: string } };
      expect({ status: answer.status, code: error?.code }).toEqual({ status: QUIET[0], code: QUIET[1] });
      expect(error?.message).toMatch(QUIET[2]);
      scene.denied(await scene.evaluate(), /./);
      return { by: 'admission of facts, 409 QUIET_DOWNGRADE', reason: error?.message ?? '' };
    });

const MEANINGS: Readonly<Record<string, OnFacts>> = {
  "another officer's report": taken(
    /report/,
    fact('officer.involved', { person: '5522' }),
    fact('report.filed', { person: '5522' }),
  ),
  'the report of another incident': taken(
    /report/,
    fact('report.filed', { person: RECORDER, incident: 'other' }),
  ),
  'a supplement without a report': taken(/report/, fact('report.supplemented', { person: RECORDER })),
  'an authorisation by the person it is for': taken(
    /report/,
    fact('person.enrolled', { person: RECORDER, roles: ['officer', 'chief'] }),
    fact('access.authorised', { recording: recordingId, person: RECORDER, by: RECORDER }),
  ),
  'facts claimed in the request itself': async (scene) => {
    const context = { reportFiled: true, facts: [filed], situation: { recorderReportFiled: true } };
    return scene.denied(await scene.evaluate({ context }), /report/);
  },
  'unclassified incident': () =>
    onScene(underCity()(), async (scene) =>
      scene.denied(await scene.evaluate(), /classification of the force used/),
    ),
  'self-classification, found out later': () =>
    onScene(underCity(fact('force.classified', { by: '5522' }))(), async (scene) => {
      expect((await scene.evaluate()).decision).toBe(true);
      await scene.town.tell(fact('officer.involved', { person: '5522' }));
      return scene.denied(await scene.evaluate(), /classification of the force used/);
    }),
  'quiet downgrade of force': quiet(lowered({})),
  'quiet downgrade of force, over unclassified': quiet(
    lowered({}),
    fact('force.classified', { force: 'unclassified' }),
  ),
  'quiet downgrade of force, naming another fact': quiet(lowered({ supersedes: 't1' })),
  'a fact id squatted by another source': async (scene) => {
    const { town } = scene;
    const squat = await town.post('/v1/facts', { ...filed, person: '5522' }, { token: EVERYTHING });
    expect(squat.status).toBe(201);
    const words = await stillDenied(scene);
    // An id is its source's own: the true fact is another one, and counts.
    expect((await town.post('/v1/facts', filed)).status).toBe(201);
    expect((await scene.evaluate()).decision).toBe(true);
    expect(town.service.book.store.list({ limit: 9, types: ['report.filed'] })).toMatchObject([
      { source: 'records' },
      { source: 'everything', fact: { id: 'forged', person: '5522' } },
      { source: 'records', fact: { id: 'forged', person: RECORDER } },
    ]);
    return { by: 'ids are scoped by source', reason: `taken as its own, shuts nobody out; ${words.reason}` };
  },
  'a fact said again with another meaning under its id': async (scene) => {
    const unfiled = { ...filed, person: '5522' };
    expect((await scene.town.post('/v1/facts', unfiled)).status).toBe(201);
    return refused(scene, { body: filed }, [409, 'ID_TAKEN', /already said something else/]);
  },
  'a source that calls itself policy': async (scene) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-sources-'));
    const file = join(folder, 'sources.json');
    writeFileSync(file, JSON.stringify([{ name: 'policy', token: 'x', may: ['regime.adopted'] }]));
    let failure: unknown;
    try {
      readSources(file);
    } catch (error) {
      failure = error;
    }
    rmSync(folder, { recursive: true });
    await stillDenied(scene);
    expect(failure).toBeInstanceOf(ConfigError);
    const reason = failure instanceof Error ? failure.message.replace(folder, '') : '';
    expect(reason).toMatch(/is the service itself/);
    return { by: 'the service does not start', reason };
  },
};

const STAGE: Stage<AttackScene> = {
  start: async () => beforeReport(await AttackScene.start()),
  stop: (scene) => scene.stop(),
  honest: async (scene) => {
    expect((await scene.town.post('/v1/facts', filed)).status).toBe(201);
    expect((await scene.evaluate()).decision).toBe(true);
  },
};

attackTable('attacks on facts', STAGE, { ...FACTS, ...MEANINGS });

/** What a dock whose program was changed may try. */
const OPENINGS: Readonly<Record<string, OnFacts>> = {
  'a rooted dock names another subject': async (scene) => {
    const token = await scene.page.token('5522');
    return scene.denied(await scene.evaluate({ token }), /somebody else/);
  },
  "a rooted dock names another viewer's key": async (scene) => {
    const thief = await TestPage.open(scene.town);
    const opening = { token: await scene.page.token(RECORDER), proof: await thief.proof() };
    return scene.denied(await scene.evaluate({ context: { opening } }), /another key than the one the token/);
  },
  'a rooted dock makes the token itself': async (scene) => {
    const elsewhere = await TestService.start();
    const token = await (await TestPage.open(elsewhere)).token(RECORDER);
    await elsewhere.stop();
    return scene.denied(await scene.evaluate({ token }), /token is not one of ours/);
  },
  'a rooted dock keeps a token for an hour': async (scene) => {
    const token = await scene.page.token(RECORDER);
    scene.town.time.nowMs += 3_600_000;
    return scene.denied(await scene.evaluate({ token }), /has expired/);
  },
  'a rooted dock opens another recording than was signed for': async (scene) =>
    scene.denied(await scene.evaluate({ claims: { recording: 'f0'.repeat(16) } }), /another recording/),
  'a rooted dock opens for another purpose than was signed for': async (scene) =>
    scene.denied(await scene.evaluate({ claims: { purpose: 'oversight' } }), /another purpose/),
  'a rooted dock widens the range': async (scene) => {
    const change = { claims: { chunks: [0, 1] }, context: { chunks: [0, 3] } };
    return scene.denied(await scene.evaluate(change), /other chunks/);
  },
  'a rooted dock widens the range by leaving it out': async (scene) =>
    scene.denied(await scene.evaluate({ claims: { chunks: [0, 1] } }), /other chunks/),
  'a rooted dock asks in the name of another': async (scene) =>
    scene.denied(await scene.evaluate({ context: { dock: 'dock-2' } }), /under its own name/),
  'a rooted dock uses an opening twice': async (scene) => {
    const opening = { token: await scene.page.token(RECORDER), proof: await scene.page.proof() };
    const again = { context: { opening } };
    expect((await scene.evaluate(again)).decision).toBe(true);
    return scene.denied(await scene.evaluate(again), /used before/);
  },
  "a records source uses a dock's opening": async (scene) =>
    scene.denied(await scene.evaluate({ as: 'token-of-records' }), /Only a dock opens/),
  "page's clock an hour ahead": (scene) => skewed(scene, 3_600),
  "page's clock an hour behind": (scene) => skewed(scene, -3_600),
  'the question asked for an unknown person': async (scene) => {
    const answer = await scene.town.evaluate('nobody-1', ASKED, DOCK_TOKEN);
    return scene.denied(answer, /./);
  },
};

async function skewed(scene: AttackScene, seconds: number): Promise<Refused> {
  const iat = Math.floor(scene.town.time.nowMs / 1_000) + seconds;
  return scene.denied(await scene.evaluate({ claims: { iat } }), /within the last minute/);
}

const OPEN_STAGE: Stage<AttackScene> = {
  start: () => AttackScene.start(),
  stop: (scene) => scene.stop(),
  honest: async (scene) => {
    const { decision, context } = await scene.evaluate({
      claims: { chunks: [0, 1] },
      context: { chunks: [0, 1] },
    });
    expect(decision).toBe(true);
    expect(context).toMatchObject({ grant: expect.stringMatching(/^e/) as string });
  },
};

attackTable('attacks on openings', OPEN_STAGE, OPENINGS);

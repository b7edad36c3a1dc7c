import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { decodePolicyEntry } from '../../../../../proto/policy-entry.ts';
import { fact } from '../story.ts';
import { keys } from './keys-command.ts';
import { dockLedger, keyRequest, openAt, pagePair, registered, sealedRecording } from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, TestPage, TestService } from './service.ts';

// Goal: the service begins to sign with another key and nobody notices who signed in before. Method: the commands of the ceremony on the
// real folder, and between them the service on it, with a page of before. What a crash leaves is tried in ../custodian/signing.test.ts.

let folder: string;
let away: string;
const ledger = dockLedger();
beforeEach(() => {
  [folder, away] = ['holdfast-signing-', 'holdfast-elsewhere-'].map((name) =>
    mkdtempSync(join(tmpdir(), name)),
  ) as [string, string];
});
afterEach(() => {
  for (const made of [folder, away]) rmSync(made, { recursive: true });
});

/** The service on the folder, for as long as `work` takes. */
async function serving<Result>(work: (town: TestService) => Promise<Result>): Promise<Result> {
  const town = await TestService.start({ folder });
  try {
    return await work(town);
  } finally {
    await town.stop({ keepFolder: true });
  }
}

async function seal(town: TestService): Promise<void> {
  const sealed = await sealedRecording(town.service.custodian);
  await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
}

describe('a new key to sign with', () => {
  const context = { purpose: 'supplement_report', dock: 'dock-1', nonce: 'ab'.repeat(16) };
  const kidOf = (jws: unknown): unknown =>
    (JSON.parse(Buffer.from(String(jws).split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown })
      .kid;
  const published = async (town: TestService): Promise<readonly string[]> => {
    const { keys: jwks } = (await town.get('/.well-known/jwks.json', '')).body as { keys: { kid: string }[] };
    return jwks.map(({ kid }) => kid);
  };
  const rotations = (town: TestService): readonly unknown[] =>
    openOutbox(town.database)
      .list(0, 1_000)
      .map(({ entry }) => decodePolicyEntry(entry))
      .filter(({ type }) => type === 'signer.rotated');

  // Goal: nobody who signed in, and no footage that was being opened, is lost when the service begins to sign with the next key; both are
  // once the key before is retired. Method: a token and a grant of before, used after each step.
  test('takes over without anybody noticing, and stands in the ledger of the service', async () => {
    const mine = await pagePair();
    const before = await serving(async (town) => {
      await seal(town);
      const page = await TestPage.open(town);
      const token = await page.token(RECORDER);
      return { page, token, opening: await openAt({ town, page, ledger }) };
    });
    const old = kidOf(before.token);
    /** With the token of before. */
    const opens = async (town: TestService): Promise<{ allowed: boolean; reason: unknown; by: unknown }> => {
      const opening = { token: before.token, proof: await before.page.proof() };
      const answer = await town.evaluate(RECORDER, { ...context, opening }, DOCK_TOKEN);
      const { grant, reason } = answer.context;
      return { allowed: answer.decision, reason, by: grant === undefined ? undefined : kidOf(grant) };
    };
    const made = await keys('signing', 'announce', '--data', folder, '--json');
    const { next } = JSON.parse(made.out) as { readonly next: string };
    expect(made).toMatchObject({ code: 0, err: '' });
    await serving(async (town) => {
      expect(await published(town)).toEqual([old, next]);
      expect(await opens(town)).toMatchObject({ allowed: true, by: old });
      expect(rotations(town)).toEqual([]);
    });
    for (let times = 0; times < 2; times += 1)
      expect(await keys('signing', 'switch', '--data', folder)).toMatchObject({
        code: 0,
        out: expect.stringContaining(`signs with ${next} from the next start on`) as unknown,
      });
    await serving(async (town) => {
      expect(await published(town)).toEqual([next, old]);
      expect(await opens(town)).toMatchObject({ allowed: true, by: next });
      const request = await keyRequest({ page: before.page, jwk: mine.jwk }, before.opening);
      expect((await town.post('/v1/keys', { request }, { token: '' })).status).toBe(200);
      expect(rotations(town)).toMatchObject([{ from: old, to: next }]);
    });
    expect(await keys('signing', 'retire', '--data', folder)).toMatchObject({ code: 0 });
    await serving(async (town) => {
      expect(await published(town)).toEqual([next]);
      expect(await opens(town)).toMatchObject({
        allowed: false,
        reason: expect.stringContaining('not one of ours') as unknown,
      });
    });
    expect(existsSync(join(folder, 'policy-retired', `${String(old)}.jwk.json`))).toBe(true);
  });

  test('is refused in a folder of no service, and without a key that is announced', async () => {
    expect(await keys('signing', 'announce', '--data', away)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no folder of a policy service') as unknown,
    });
    expect(readdirSync(away).filter((name) => name.startsWith('policy'))).toEqual([]);
    await serving(seal);
    expect(await keys('signing', 'switch', '--data', folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no key is announced') as unknown,
    });
  });

  // Goal: one change is one entry, also when the first run wrote it down and got no further. Method: the keys put back as they were.
  test('is written down once, whatever was cut short', async () => {
    await serving(seal);
    await keys('signing', 'announce', '--data', folder);
    const before = ['policy.key.pem', 'policy-next.key.pem'].map((name) => join(folder, name));
    const pems = before.map((path) => readFileSync(path));
    expect(await keys('signing', 'switch', '--data', folder)).toMatchObject({ code: 0 });
    for (const [at, path] of before.entries()) writeFileSync(path, pems[at] ?? '');
    expect(await keys('signing', 'switch', '--data', folder)).toMatchObject({ code: 0 });
    await serving(async (town) => expect(rotations(town)).toHaveLength(1));
    expect(await keys('signing', 'switch', '--data', folder, '--back')).toMatchObject({ code: 0 });
    expect(await keys('signing', 'switch', '--data', folder)).toMatchObject({ code: 0 });
    await serving(async (town) => expect(rotations(town)).toHaveLength(3));
  });

  // Goal: the ledger says that the key changes before it does. Method: a ledger that cannot be written.
  test('is not used when that cannot be written down', async () => {
    await serving(seal);
    await keys('signing', 'announce', '--data', folder);
    await serving(
      async (town) =>
        void town.database.exec(
          "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END",
        ),
    );
    expect(await keys('signing', 'switch', '--data', folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be written now') as unknown,
    });
    expect(existsSync(join(folder, 'policy-next.key.pem'))).toBe(true);
    expect(existsSync(join(folder, 'policy-previous.key.pem'))).toBe(false);
  });
});

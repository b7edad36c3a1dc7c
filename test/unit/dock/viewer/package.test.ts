// Goal: a package leaves only under a fresh allow and after its entry, is one that the check accepts, and leaves nothing behind.
// Method: the real route over a dock's real folder, store and ledger on disk; a scripted policy service and release.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { readLedger } from '../../../../dock/ledger/reader.ts';
import { PackageError } from '../../../../dock/package/errors.ts';
import { type Packages, type SealedPackage, SealedPackages } from '../../../../dock/package/sealed.ts';
import { verifyPackage } from '../../../../dock/package/verify.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import { keys, OFFICER, PARTNER, REPORT, STRANGER } from '../release/fixture.ts';
import { KeptDock, recordingId } from '../package/kept-dock.ts';
import { Front, hold } from './fixture.ts';

const R1 = recordingId(1);
const BARE = recordingId(2);
const NOTHING = '{"error":{"code":"not-found","message":"There is nothing here that you may see."}}';

let dir: string;
let dock: KeptDock;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'package-route-'));
  dock = await KeptDock.make(dir);
  await dock.accept(await dock.enrol('cam-1'), 1);
  await dock.accept(await dock.enrol('cam-2'), 2, { suite: 0 });
});
afterAll(async () => {
  await dock.close();
  await rm(dir, { recursive: true });
});

/** Packages of the dock on the disk; says when one is closed. */
class Watched implements Packages {
  open = 0;
  /** Written in place of the package. */
  instead: SealedPackage['write'] | undefined;
  /** Called before a package begins to be written. */
  beforeWrite: () => Promise<void> = async () => {};
  /** Called before the recording is read for one. */
  beforeRead: () => Promise<void> = async () => {};
  readonly #inner = new SealedPackages({
    store: join(dir, 'data/recordings'),
    readLedger: () => readLedger({ dir: join(dir, 'data/ledger'), vkey: dock.keys.identity.ledger }),
    witnesses: [],
    dock: { identity: dock.keys.identity, sign: dock.sign },
    clock: dock.clock,
  });

  async prepare(...asked: Parameters<Packages['prepare']>): Promise<SealedPackage> {
    await this.beforeRead();
    const pack = await this.#inner.prepare(...asked);
    this.open += 1;
    return {
      ...pack,
      write: async (...to) => {
        await this.beforeWrite();
        return this.instead === undefined ? pack.write(...to) : this.instead(...to);
      },
      close: async () => {
        await pack.close();
        this.open -= 1;
      },
    };
  }
}

let packages: Watched;
let front: Front;
beforeEach(async () => {
  packages = new Watched();
  front = await Front.open(
    async (stage) => {
      await hold(stage, R1);
      await hold(stage, BARE);
      stage.policy.allow(OFFICER, BARE);
      stage.policy.deny(OFFICER, R1, [REPORT]);
    },
    { packages },
  );
});
afterEach(() => front.close());

const take = (
  person: string,
  { id = R1, body = { purpose: 'write_report' } }: { id?: string; body?: object } = {},
) =>
  front.app.inject({
    method: 'POST',
    url: `/v1/recordings/${id}/package`,
    headers: front.as(person),
    payload: body,
  });
/** Of the entry that the ledger of the release has of a package. */
const told = async (type: string) => (await front.stage.entries()).filter((entry) => entry.type === type);

describe('the package of a recording', () => {
  it('is refused and on record before the report', async () => {
    const said = await take(OFFICER);
    expect([said.statusCode, JSON.parse(said.body)]).toMatchObject([
      403,
      { error: { code: 'withheld' }, missing: [REPORT] },
    ]);
    expect(await told('denied')).toMatchObject([
      {
        recording: R1,
        person: keys.pseudonym(OFFICER),
        purpose: 'write_report',
        reason: 'package-withheld',
        count: 1,
      },
    ]);
    expect([await told('exported'), packages.open]).toEqual([[], 0]);
  });

  it('is nothing to whom it does not concern, and their attempt is on record', async () => {
    front.stage.policy.allow(OFFICER, R1);
    for (const id of [R1, recordingId(99), 'x', '../secret']) {
      const said = await take(STRANGER, { id });
      expect([said.statusCode, said.body]).toEqual([404, NOTHING]);
    }
    expect(await told('denied')).toMatchObject([{ recording: R1, person: keys.pseudonym(STRANGER) }]);
    expect((await front.app.inject({ method: 'POST', url: `/v1/recordings/${R1}/package` })).statusCode).toBe(
      401,
    );
  });

  it('comes whole after it, as long as it says, behind its entry', async () => {
    front.stage.policy.allow(OFFICER, R1);
    // The dock on the disk writes the entry that the release of this test writes to its own ledger.
    packages.beforeWrite = async () => {
      const [exported] = await told('exported');
      if (exported?.type !== 'exported') throw new TypeError('nothing is on record yet');
      await dock.append({ ...exported, at: dock.at(), manifest: await manifestOf() });
    };
    const said = await take(OFFICER);
    expect(said.statusCode).toBe(200);
    expect(said.headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(said.rawPayload.length),
      'content-disposition': `attachment; filename="${R1}.zip"`,
      'cache-control': 'no-store',
    });
    const path = join(dir, 'taken.zip');
    await writeFile(path, said.rawPayload);
    const report = await verifyPackage({
      file: path,
      checker: nodeChecker,
      vkey: dock.keys.identity.ledger,
    });
    expect([report.ok, report.findings.filter(({ severity }) => severity === 'failure')]).toEqual([true, []]);
    expect(await told('exported')).toMatchObject([
      { recording: R1, form: 'sealed', person: keys.pseudonym(OFFICER), manifest: await manifestOf() },
    ]);
    expect(packages.open).toBe(0);
  });

  it('is not made where no entry can be written', async () => {
    front.stage.policy.allow(OFFICER, R1);
    await front.stage.settle();
    const { ledger } = front.stage;
    const append = ledger.appendOnce.bind(ledger);
    ledger.appendOnce = async (key, entry) => {
      if (key.startsWith('exported/')) throw new Error('the disk is full');
      return append(key, entry);
    };
    packages.beforeWrite = async () => {
      throw new TypeError('was begun');
    };
    const said = await take(OFFICER);
    expect([said.statusCode, JSON.parse(said.body)]).toMatchObject([500, { error: { code: 'dock-fault' } }]);
    expect(packages.open).toBe(0);
  });

  it('is not made of footage that nobody sealed', async () => {
    const said = await take(OFFICER, { id: BARE });
    expect([said.statusCode, JSON.parse(said.body)]).toMatchObject([409, { error: { code: 'not-sealed' } }]);
    expect(await told('exported')).toEqual([]);
  });

  it('needs a purpose that exists, and nothing else', async () => {
    for (const body of [{}, { purpose: 'curiosity' }, { purpose: 'oversight', form: 'opened' }])
      expect((await take(OFFICER, { body })).statusCode).toBe(400);
    expect(await told('denied')).toEqual([]);
  });

  it('waits for no policy service', async () => {
    front.stage.policy.silence('policy service cannot be reached');
    const said = await take(OFFICER);
    expect([said.statusCode, JSON.parse(said.body)]).toMatchObject([
      403,
      { error: { code: 'policy-unreachable' } },
    ]);
    expect(packages.open).toBe(0);
  });

  // Goal: one at a time for each person, and whoever hangs up gives the place back. Method: a server that listens; the first package
  // is held back at its first byte; its reader goes.
  it('is made once at a time for each person, and leaves nothing when they go', async () => {
    front.stage.policy.allow(OFFICER, R1);
    front.stage.policy.allow(PARTNER, R1);
    const url = await front.app.listen({ port: 0 });
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      packages.beforeWrite = async () => {
        resolve();
        await held;
      };
    });
    const stop = new AbortController();
    const ask = (person: string, signal?: AbortSignal): Promise<Response> =>
      fetch(`${url}/v1/recordings/${R1}/package`, {
        method: 'POST',
        headers: { ...front.as(person), 'content-type': 'application/json' },
        body: JSON.stringify({ purpose: 'write_report' }),
        ...(signal === undefined ? {} : { signal }),
      });
    const first = ask(OFFICER, stop.signal).catch(() => undefined);
    await begun;
    const second = await ask(OFFICER);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '15']);
    stop.abort();
    await first;
    go();
    await expect.poll(() => packages.open).toBe(0);
    packages.beforeWrite = async () => {};
    await expect.poll(async () => (await ask(OFFICER)).status).toBe(200);
    await expect.poll(() => packages.open).toBe(0);
    expect((await readdir(dir)).toSorted()).toEqual(['cameras', 'data', 'keys', 'registry', 'taken.zip']);
  });

  let url: string | undefined;
  beforeEach(() => {
    url = undefined;
  });
  /** Asks for a package at a server that listens; holds it back at its first byte while `meanwhile` happens. */
  const held = async (meanwhile: () => Promise<void>): Promise<Response> => {
    url ??= await front.app.listen({ port: 0 });
    packages.beforeWrite = meanwhile;
    return fetch(`${url}/v1/recordings/${R1}/package`, {
      method: 'POST',
      headers: { ...front.as(OFFICER), 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: 'write_report' }),
    });
  };

  // Goal: what goes wrong at the first byte is told in the words of every other fault. Method: a chunk that rots behind the dock's reading.
  it('tells of a fault at the first byte as of any other', async () => {
    front.stage.policy.allow(OFFICER, R1);
    packages.instead = async (_output, tellBytes) => {
      tellBytes(1_000);
      await Promise.resolve();
      throw new PackageError('PACKAGE_DAMAGED', 'chunk 0 is not what its camera signed', { retry: 'never' });
    };
    const said = await take(OFFICER).catch(() => undefined);
    expect(said?.body ?? '').not.toContain('FST_ERR');
    expect(front.problems.map((problem) => problem instanceof PackageError)).toContain(true);
    await expect.poll(() => packages.open).toBe(0);
  });

  // Goal: what ends the release, a court's seal among it, ends a package that is on its way, as it ends what is being watched.
  it('stops leaving when it is no longer allowed', async () => {
    front.stage.policy.allow(OFFICER, R1);
    const taken = held(async () => {
      front.stage.policy.deny(OFFICER, R1);
      front.stage.policy.announce({ type: 'recording.sealed', recording: R1 });
      await front.stage.pass(2_000);
    });
    await expect(taken.then(async (response) => response.text())).rejects.toThrow(
      /terminated|fetch failed|aborted|closed/,
    );
    await expect.poll(() => packages.open).toBe(0);
  });

  // Goal: who takes nothing cannot wait the end out. Method: a package of which nothing more comes once it has begun.
  it('is cut off within two seconds while nothing of it moves', async () => {
    front.stage.policy.allow(OFFICER, R1);
    packages.instead = (output, tellBytes) =>
      new Promise((_resolve, reject) => {
        output.on('close', () => reject(new Error('hung up')));
        tellBytes(1_000);
        output.write('PK');
      });
    const taken = await held(() => Promise.resolve());
    front.stage.policy.deny(OFFICER, R1);
    front.stage.policy.announce({ type: 'recording.sealed', recording: R1 });
    await front.stage.pass(2_000);
    await expect(taken.text()).rejects.toThrow(/terminated|aborted|closed/);
    await expect.poll(() => packages.open).toBe(0);
  });

  it('stops leaving when the recording is destroyed, when its authorisation ends, and after an hour', async () => {
    const ends: readonly (() => Promise<void>)[] = [
      () => front.release.gone(R1),
      async () => front.stage.clock.advance(30_000),
    ];
    for (const end of ends) {
      front.stage.policy.allow(OFFICER, R1, 20_000);
      const taken = held(end);
      await expect(taken.then(async (response) => response.text())).rejects.toThrow(
        /terminated|fetch failed|aborted|closed/,
      );
      await expect.poll(() => packages.open).toBe(0);
    }
    front.stage.policy.allow(OFFICER, R1);
    const taken = held(async () => front.stage.clock.advance(3_600_000));
    await expect(taken.then(async (response) => response.text())).rejects.toThrow(
      /terminated|fetch failed|aborted|closed/,
    );
  });

  // Goal: nothing is put on record, or leaves, for somebody who may not have it any more when the dock has read it.
  it('is not begun when it was forbidden while the dock read it', async () => {
    front.stage.policy.allow(OFFICER, R1);
    packages.beforeRead = async () => {
      front.stage.policy.deny(OFFICER, R1);
      front.stage.policy.announce({ type: 'recording.sealed', recording: R1 });
      await front.stage.pass(2_000);
    };
    const said = await take(OFFICER);
    expect([said.statusCode, await told('exported'), packages.open]).toEqual([403, [], 0]);
  });
});

/** Of the recording on the disk, as its ledger names it. */
async function manifestOf(): Promise<string> {
  const { size } = await dock.ledger.checkpoint();
  const entries = (await dock.ledger.read(0, size)).map(decodeEntry);
  const accepted = entries.find((entry) => entry.type === 'accepted' && entry.recording === R1);
  if (accepted?.type !== 'accepted') throw new TypeError('it was never accepted');
  return accepted.manifest;
}

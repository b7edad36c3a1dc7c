import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import { mqttDialer } from '../../device/link/mqtt.ts';
import type { CradleNews } from '../../device/upload/cradle.ts';
import { trustDock } from '../../dock/keys/enrolment.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { formatCheckpoint } from '../../proto/checkpoint.ts';
import { openCosignatures } from '../../proto/cosignature.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { Program } from '../../sim/rig/program.ts';
import { PuppetCamera } from '../../sim/rig/puppet-camera.ts';
import { Site } from '../../sim/rig/site.ts';
import { cameraIdOf } from '../contract/link-rig.ts';

const CAMERAS = ['cam-1', 'cam-2', 'cam-3'] as const;
const NAMES = ['witness.test/w1', 'witness.test/w2'] as const;
const WAIT_MS = 60_000;

/** A `holdfast witness` that can be killed and started again on its folder and port. */
class WitnessProgram {
  readonly name: string;
  readonly #flags: readonly string[];
  #port = '0';
  program: Program | undefined;
  vkey = '';
  url = '';

  constructor(name: string, dir: string, logs: string) {
    this.name = name;
    this.#flags = ['--data', dir, '--name', name, '--logs', logs];
  }

  async start(): Promise<void> {
    this.program = Program.start(['witness', ...this.#flags, '--http', this.#port], { name: this.name });
    const { url, vkey } = await this.program.until('listening');
    [this.url, this.vkey] = [String(url), String(vkey)];
    this.#port = new URL(this.url).port;
  }
}

describe('a dock whose ledger two witnesses must have cosigned', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-witness-'));
  const dockDir = join(dir, 'dock');
  const witnesses: WitnessProgram[] = [];
  const cameras: PuppetCamera[] = [];
  let [site, policy]: [Site | undefined, Awaited<ReturnType<Site['startPolicy']>> | undefined] = [
    undefined,
    undefined,
  ];
  let dock: Awaited<ReturnType<Site['startDock']>> | undefined;

  beforeAll(async () => {
    site = await Site.prepare({
      ...{ dir, dockId: 'dock-1', site: 'yard', cameras: CAMERAS, password: 'x' },
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
    });
    const dockFile = join(dockDir, 'keys', 'dock.json');
    const { ledger } = JSON.parse(readFileSync(dockFile, 'utf8')) as { readonly ledger: string };
    const logs = join(dir, 'logs');
    writeFileSync(logs, `${ledger}\n`);
    for (const [at, name] of NAMES.entries()) {
      const witness = new WitnessProgram(name, join(dir, `w${at + 1}`), logs);
      witnesses.push(witness);
      await witness.start();
    }
    const witnessing = { witnesses: witnesses.map(({ vkey }) => vkey), quorum: 2 };
    // The cameras ask for the same quorum before they erase: a receipt without it would change nothing.
    for (const camera of CAMERAS) trustDock({ cameraKeys: site.keysDir(camera), dockFile, witnessing });
    policy = await site.startPolicy({ regime: 'doj' });
    await startDock();
  });
  afterAll(async () => {
    await Promise.all(cameras.map((camera) => camera.undock()));
    for (const program of [dock?.program, policy?.program, ...witnesses.map((each) => each.program)])
      await program?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function startDock(): Promise<Program> {
    const asked = witnesses.flatMap(({ vkey, url }) => ['--witness', `${vkey}=${url}`]);
    const options = { mqtt: 'embedded', policyUrl: policy?.url ?? '', args: [...asked, '--quorum', '2'] };
    dock = await site?.startDock(options);
    if (dock === undefined) throw new Error('there is no site');
    return dock.program;
  }

  /** Uploads one recording; `told` is what happens to the camera, `erased` resolves once it has let go. */
  function upload(camera: (typeof CAMERAS)[number]): {
    readonly told: CradleNews[];
    readonly erased: Promise<void>;
  } {
    const told: CradleNews[] = [];
    const open = mqttDialer({
      ...{ clock: systemClock(), url: dock?.mqtt ?? '', site: 'yard', version: '3' },
      cameraId: cameraIdOf(camera),
    });
    const content = new Uint8Array(randomBytes(300_000));
    const puppet = new PuppetCamera({
      ...{ keysDir: site?.keysDir(camera) ?? '', content, open },
      tell: (news) => told.push(news),
    });
    cameras.push(puppet);
    return { told, erased: puppet.upload().then(() => puppet.undock()) };
  }

  const checkpoint = (): string => readFileSync(join(dockDir, 'ledger', 'checkpoint'), 'utf8');
  const cosigners = (): readonly string[] =>
    openCosignatures(
      checkpoint(),
      witnesses.map(({ vkey }) => vkey),
      nodeChecker,
    ).map(({ name }) => name);
  const accepted = (camera: string): number =>
    readLedger(join(dockDir, 'ledger')).filter(
      (entry) => entry.type === 'accepted' && entry.camera === camera,
    ).length;

  // Goal: custody is given under a checkpoint that outsiders remember. Method: one upload; the checkpoint by their keys.
  it('gives a receipt that both have cosigned', async () => {
    const { told, erased } = upload('cam-1');
    await erased;
    expect(told).toContainEqual(expect.objectContaining({ news: 'receipt', outcome: 'accepted' }));
    expect([accepted('cam-1'), cosigners()]).toEqual([1, NAMES]);
    expect(statSync(join(dir, 'w1', 'witness.key.pem')).mode & 0o777).toBe(0o600);
    for (const witness of witnesses)
      expect(witness.program?.events.some(({ event }) => event === 'cosigned')).toBe(true);
  });

  // Goal: without the quorum nothing is promised, and everything is kept. Method: kill one witness, upload, bring it back.
  it('gives none while one is away, says so, and gives it when it is back', async () => {
    const [, away] = witnesses;
    // What was said before is not about this: a busy machine may have kept an answer waiting.
    const since = dock?.program.events.length ?? 0;
    const saidSince = (event: string): unknown =>
      expect.arrayContaining([expect.objectContaining({ event, witness: NAMES[1] })]);
    await away?.program?.kill();
    const { told, erased } = upload('cam-2');
    await vi.waitFor(() => expect(dock?.program.events.slice(since)).toEqual(saidSince('witness-missing')), {
      timeout: WAIT_MS,
      interval: 100,
    });
    await vi.waitFor(() => expect(told).toContainEqual(expect.objectContaining({ news: 'refused' })), {
      timeout: WAIT_MS,
      interval: 100,
    });
    const refused = told.find((news) => news.news === 'refused');
    expect(refused?.abort.message).toMatch(/1 of 2 witnesses have cosigned; missing witness\.test\/w2/);
    expect(told.filter(({ news }) => news === 'receipt' || news === 'erased')).toEqual([]);
    expect([accepted('cam-2'), cosigners()]).toEqual([0, NAMES]);
    await away?.start();
    await erased;
    expect([accepted('cam-2'), cosigners()]).toEqual([1, NAMES]);
    await vi.waitFor(() => expect(dock?.program.events.slice(since)).toEqual(saidSince('witness-back')), {
      timeout: WAIT_MS,
      interval: 100,
    });
  });

  // Goal: a dock put back to an older copy adds nothing to it. Method: copy its folder, upload more, put the copy back.
  it('refuses to go on from an older copy of its ledger', async () => {
    await dock?.program.stop();
    const copy = join(dir, 'copy');
    cpSync(dockDir, copy, { recursive: true });
    await startDock();
    await upload('cam-3').erased;
    await dock?.program.stop();
    rmSync(dockDir, { recursive: true });
    cpSync(copy, dockDir, { recursive: true });
    const before = checkpoint();
    const program = await startDock();
    const { message } = await program.until('ledger-disagrees', undefined, WAIT_MS);
    expect(message).toMatch(/witness witness\.test\/w[12] has cosigned \d+ entries, we have only \d+/);
    expect(checkpoint()).toBe(before);
    expect(program.stderr).toMatch(/ledger\.disagrees/);
  });

  // Goal: a witness ends when told to, and its folder has one process. Method: a second one on it, then SIGTERM.
  it('is one process a folder, and ends with 0', async () => {
    const [first] = witnesses;
    const second = Program.start(
      ['witness', '--data', join(dir, 'w1'), '--name', NAMES[0], '--logs', join(dir, 'logs'), '--http', '0'],
      { name: 'second' },
    );
    expect(await second.exited).toBe(1);
    expect(second.stderr).toMatch(/in use by another process.*WITNESS_LOCKED/);
    const stranger = formatCheckpoint({ origin: 'stranger', size: 0, root: new Uint8Array(32) });
    const answers = await Promise.all(
      [`old 0\n\n${stranger}\n\u2014 stranger AAAAAAAA\n`, 'nonsense', 'x'.repeat(100_000)].map(
        async (body) => {
          const { status } = await fetch(`${first?.url}/add-checkpoint`, { method: 'POST', body });
          return status;
        },
      ),
    );
    expect(answers).toEqual([404, 400, 413]);
    expect((await fetch(`${first?.url}/elsewhere`)).status).toBe(404);
    await first?.program?.stop();
    expect(await first?.program?.exited).toBe(0);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BayStanding } from '../../../../dock/ingest/standing.ts';
import type { NamedAbsence } from '../../../../dock/keep/absences.ts';
import { PackageError } from '../../../../dock/package/errors.ts';
import type { Packages } from '../../../../dock/package/sealed.ts';
import type { Release } from '../../../../dock/release/release.ts';
import { buildViewer, type ViewerApp } from '../../../../dock/viewer/server.ts';
import { encodeEntry, entryKey, type CustodyEntry } from '../../../../proto/custody-entry.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import { peekManifest } from '../../../../proto/manifest.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { cameraId } from '../../proto/fixture.ts';
import { keys, OFFICER, Stage } from '../release/fixture.ts';
import { holdToSchemas } from './declared.ts';

/** A dock's HTTP side over stand-ins: the real routes, the real release, a scripted policy service. */
export class Front {
  readonly stage: Stage;
  readonly bays: BayStanding[];
  readonly missing: NamedAbsence[];
  readonly problems: unknown[];
  readonly folder: string;
  readonly app: ViewerApp;
  /** Answers that fit no schema of their route; `close` throws if any are left. */
  readonly undeclared: string[];
  readonly release: Release;

  private constructor(
    made: Pick<
      Front,
      'stage' | 'bays' | 'missing' | 'problems' | 'folder' | 'app' | 'undeclared' | 'release'
    >,
  ) {
    this.stage = made.stage;
    this.bays = made.bays;
    this.missing = made.missing;
    this.problems = made.problems;
    this.folder = made.folder;
    this.app = made.app;
    this.undeclared = made.undeclared;
    this.release = made.release;
  }

  static async open(
    prepare: (stage: Stage) => Promise<void>,
    options: { readonly packages?: Packages; readonly witnesses?: readonly string[] } = {},
  ): Promise<Front> {
    const missing: NamedAbsence[] = [];
    const given = { stage: new Stage(), bays: [] as BayStanding[], missing, problems: [] as unknown[] };
    await prepare(given.stage);
    const release = await given.stage.open();
    await given.stage.settle();
    const folder = await mkdtemp(join(tmpdir(), 'viewer-'));
    await fill(folder);
    const { policy, holdings, ledger, clock } = given.stage;
    const app = await buildViewer(
      {
        released: release,
        leaving: release.leaving,
        packages: options.packages ?? NO_PACKAGES,
        policy,
        holdings,
        ledger,
        keys,
        clock,
        bays: () => given.bays,
        missing: async () => missing,
        onProblem: (problem) => void given.problems.push(problem),
      },
      {
        version: '1.2.3',
        policyUrl: 'http://127.0.0.1:8700',
        pageDir: join(folder, 'page'),
        ledgerDir: join(folder, 'ledger'),
        ...(options.witnesses && { witnesses: options.witnesses }),
      },
    );
    return new Front({ ...given, folder, app, undeclared: holdToSchemas(app), release });
  }

  /** Headers of a person who is signed in. */
  as(person: string, roles: readonly string[] = ['officer']): { authorization: string } {
    return { authorization: `Bearer ${this.stage.policy.signIn(person, roles)}` };
  }

  async get(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: string; json: () => unknown; headers: Record<string, unknown> }> {
    const { statusCode, body, headers: sent } = await this.app.inject({ method: 'GET', url, headers });
    return { status: statusCode, body, json: (): unknown => JSON.parse(body), headers: sent };
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.stage.policy.close();
    await this.release.close();
    await rm(this.folder, { recursive: true });
    if (this.undeclared.length > 0) throw new Error(`not as declared: ${this.undeclared.join('\n')}`);
  }
}

/** A dock with no recordings on its disk. */
const NO_PACKAGES: Packages = {
  prepare: async (recordingId) => {
    throw new PackageError('PACKAGE_ABSENT', `${recordingId} is on no disk here`, { retry: 'never' });
  },
};

/** Takes a recording into custody: holding and accepted entry. */
export async function hold(stage: Stage, recording: RecordingId, officer: string = OFFICER): Promise<void> {
  const index = (await stage.ledger.checkpoint()).size;
  const holding = stage.holdings.add(recording, officer, index);
  const manifest = peekManifest(holding.signedManifest ?? new Uint8Array());
  const entry: CustodyEntry = {
    type: 'accepted',
    at: '2026-10-29T12:00:05.000000Z',
    recording,
    camera: cameraId,
    counter: manifest.counter,
    previousRoot: '',
    manifest: toHex(holding.manifestSha256),
    root: toHex(manifest.root),
    bytes: manifest.contentBytes,
    chunks: manifest.chunks.length,
    stamps: '00'.repeat(32),
    transport: 'serial',
    receivedAt: '2026-10-29T12:00:04.000000Z',
    uncertaintyUs: 500,
    basis: 'local',
    officer: keys.pseudonym(officer),
  };
  await stage.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
}

async function fill(folder: string): Promise<void> {
  const files: Readonly<Record<string, string>> = {
    'page/index.html': '<!doctype html><title>page</title>',
    'page/assets/main-abc123.js': 'export {};',
    'ledger/checkpoint': 'holdfast.local/dock-1\n0\n',
    'ledger/vkey': 'vkey',
    'ledger/log.db': 'secret working file',
    'ledger/tile/0/000.p/3': 'hashes',
    'ledger/tile/entries/x001/234': 'entries',
    'secret.txt': 'outside',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

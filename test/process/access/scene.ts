import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../device/clock/system.ts';
import { openKeys } from '../../../device/keys/file-keys.ts';
import { mqttDialer } from '../../../device/link/mqtt.ts';
import { isCameraId } from '../../../proto/ids.ts';
import { peekManifest, signManifest } from '../../../proto/manifest.ts';
import type { KeptRecording } from '../../../sim/fault/memory-vault.ts';
import { readLedger } from '../../../sim/rig/ledger.ts';
import type { Program } from '../../../sim/rig/program.ts';
import { PuppetCamera } from '../../../sim/rig/puppet-camera.ts';
import { sealedRecording } from '../../../sim/rig/sealed-recording.ts';
import { Site } from '../../../sim/rig/site.ts';

export const PASSWORD = 'correct horse battery';
export const PAGE_ORIGIN = 'https://page.example';
/** Who carried the cameras, and has filed a report on each incident but that of `held`. */
export const RECORDER = 'ofc-kestrel';
const PARTNER = 'ofc-merlin';
const SECOND_US = 1_000_000;

/** Everybody with an account here, by the name of their column. */
export const PEOPLE: Readonly<Record<string, { readonly id: string; readonly roles: readonly string[] }>> = {
  other: { id: 'ofc-wren', roles: ['officer'] },
  before: { id: PARTNER, roles: ['officer'] },
  after: { id: RECORDER, roles: ['officer'] },
  super: { id: 'sgt-dove', roles: ['supervisor'] },
  chief: { id: 'chief-eagle', roles: ['chief'] },
  review: { id: 'ipr-owl', roles: ['independent_review'] },
  idle: { id: 'ipr-rook', roles: ['independent_review'] },
  ia: { id: 'ia-shrike', roles: ['internal_affairs'] },
  monitor: { id: 'doj-crane', roles: ['doj_monitor'] },
  attorney: { id: 'city-ibis', roles: ['city_attorney'] },
  custodian: { id: 'key-heron', roles: ['custodian'] },
  operator: { id: 'op-robin', roles: ['dock_operator'] },
};

/** Letter, incident and state of each recording that the table speaks of. */
export const RECORDINGS = {
  held: { letter: 'h', incident: 'inc-bittern' },
  open: { letter: 'o', incident: 'inc-osprey' },
  sealed: { letter: 's', incident: 'inc-stork' },
  refused: { letter: 'q', incident: 'inc-quail' },
} as const;
export type RecordingName = keyof typeof RECORDINGS;
export const NAMES = Object.keys(RECORDINGS) as readonly RecordingName[];

export interface Kept {
  readonly id: string;
  readonly content: Uint8Array;
  readonly wraps: Uint8Array;
  readonly chunkBytes: readonly number[];
}

/** An agency's dock and policy service, as real programs, with a recording in each state that matters. */
export interface Scene {
  readonly folder: string;
  readonly dockUrl: string;
  readonly policyUrl: string;
  readonly site: Site;
  readonly recordings: Readonly<Record<RecordingName, Kept>>;
  /** Place in the dock's ledger of what took the recording into custody. */
  accepted(this: void, name: RecordingName): number;
  readonly dock: Program;
  close(this: void): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-access-'));
  const programs: Program[] = [];
  const close = async (): Promise<void> => {
    for (const program of programs) await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const site = await Site.prepare({
      ...{ dir: folder, dockId: 'dock-1', site: 'yard', cameras: ['cam-1', 'cam-2'], password: PASSWORD },
      people: Object.values(PEOPLE).map(({ id, roles }) => ({ id, name: nameOf(id), roles })),
    });
    const policy = await site.startPolicy({ regime: 'doj', demoRecords: true, args: policyArgs(folder) });
    programs.push(policy.program);
    const args = ['--page-origin', PAGE_ORIGIN];
    const dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy.url, args });
    programs.unshift(dock.program);
    const recordings = await record(site, dock.mqtt ?? '');
    await tell(site, policy.url, recordings);
    const entries = readLedger(site.ledgerDir);
    const accepted = (name: RecordingName): number =>
      entries.findIndex((entry) => 'recording' in entry && entry.recording === recordings[name].id);
    return {
      ...{ folder, site, recordings, accepted, close, dock: dock.program },
      ...{ dockUrl: dock.url, policyUrl: policy.url },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As the account has it; in an answer to anybody else it has no business. */
export function nameOf(person: string): string {
  return `Zephyrine of ${person}`;
}

/** With a provider that is down, which is enough to have its addresses, and the page for a dock that is elsewhere. */
function policyArgs(folder: string): readonly string[] {
  const oidc = join(folder, 'oidc.json');
  const provider = { issuer: 'http://127.0.0.1:1', clientId: 'holdfast', clientAuthentication: 'none' };
  writeFileSync(oidc, JSON.stringify({ ...provider, label: 'the agency', person: { claim: 'sub' } }));
  return ['--oidc', oidc, '--page-for', 'http://127.0.0.1:2', '--viewer', `${PAGE_ORIGIN}/`];
}

async function record(site: Site, url: string): Promise<Scene['recordings']> {
  const good = ['held', 'open', 'sealed'] as const;
  const [held, open, sealed] = await upload(site, url, { camera: 'cam-1', names: good });
  const [refused] = await upload(site, url, { camera: 'cam-2', names: ['refused'], forge: true });
  if (held === undefined || open === undefined || sealed === undefined || refused === undefined)
    throw new TypeError('a recording is missing');
  return { held, open, sealed, refused };
}

/** One camera and all of its recordings; forged, their manifests are signed by somebody else. */
async function upload(
  site: Site,
  url: string,
  plan: { readonly camera: string; readonly names: readonly RecordingName[]; readonly forge?: boolean },
): Promise<readonly Kept[]> {
  const { camera, names, forge = false } = plan;
  if (!isCameraId(camera)) throw new TypeError(`${camera} is no camera id`);
  const keysDir = site.keysDir(camera);
  const keys = openKeys(keysDir);
  const { privateKey } = generateKeyPairSync('ed25519');
  const kept: KeptRecording[] = [];
  for (const [index, name] of names.entries()) {
    const one = await sealedRecording({
      ...{ keys, officer: RECORDER, incidentTag: RECORDINGS[name].incident, counter: index + 1 },
      ...{ previousRoot: kept.at(-1)?.recording.root ?? new Uint8Array() },
      ...{ wallUs: Date.now() * 1_000 - (names.length - index) * 60 * SECOND_US, fragments: 3 },
      fragmentBytes: 20_000,
    });
    const manifest = peekManifest(one.recording.signedManifest);
    const signedManifest = signManifest(manifest, (message) => sign(null, message, privateKey));
    kept.push(forge ? { ...one, recording: { ...one.recording, signedManifest } } : one);
  }
  const dial = { clock: systemClock(), url, site: 'yard', cameraId: camera, version: '3' } as const;
  const puppet = new PuppetCamera({ keysDir, content: kept, open: mqttDialer(dial) });
  await puppet.upload();
  await puppet.undock();
  return kept.map(({ recording, content }) => ({
    ...{ id: recording.recordingId, content, wraps: recording.wraps ?? new Uint8Array() },
    chunkBytes: recording.chunks.map(({ storedBytes }) => storedBytes),
  }));
}

/** What the records system says: who took part and has filed, whose case it is, and what a court wants. */
async function tell(site: Site, policyUrl: string, recordings: Scene['recordings']): Promise<void> {
  const records = site.records(policyUrl);
  for (const name of ['held', 'open', 'sealed'] as const) {
    const { incident } = RECORDINGS[name];
    const { id: recording } = recordings[name];
    await records.assert({ type: 'incident.opened', incident });
    for (const person of [RECORDER, PARTNER])
      await records.assert({ type: 'officer.involved', incident, person });
    await records.assert({ type: 'recording.linked', recording, incident });
    for (const column of ['review', 'ia']) {
      const person = PEOPLE[column]?.id ?? '';
      await records.assert({ type: 'case.assigned', case: `case-${column}-${name}`, incident, person });
    }
    const report = { type: 'report.filed', incident, person: RECORDER, reportHash: 'ab'.repeat(32) };
    if (name !== 'held') await records.assert(report);
  }
  const order = { by: 'court-1', reason: 'order 26-7' };
  await records.assert({ type: 'recording.sealed', recording: recordings.sealed.id, ...order });
}

/** Texts that no answer may hold, with the files that they are from: private keys, bearer tokens, accounts. */
export function secretsIn({
  folder,
}: Pick<Scene, 'folder'>): readonly (readonly [path: string, needle: Buffer])[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.flatMap((path) => {
    if (!/\.(pem|key|token)$|(^|\/)(people|sources)\.json$/.test(path) || path.endsWith('.pub.pem'))
      return [];
    const words = readFileSync(join(folder, path), 'latin1').match(/[A-Za-z0-9+/_=-]{32,}/g) ?? [];
    return words.map((word) => [path, Buffer.from(word, 'latin1')] as const);
  });
}

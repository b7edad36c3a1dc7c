import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAcceptance, ledgerPart } from '../../../../dock/package/about.ts';
import { type OpenedPart, type PackageSummary, writePackage } from '../../../../dock/package/build.ts';
import { openRecording, type RecordingFolder } from '../../../../dock/package/folder.ts';
import { claimsText, type Fields } from '../../../../dock/package/jws.ts';
import type { EntryOf } from '../../../../proto/custody-fields.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import type { KeptDock } from './kept-dock.ts';

/** A policy service's key, and what it signs. */
export interface PolicyKey {
  readonly jwk: Fields;
  sign(typ: 'grant' | 'decision', claims: Fields): string;
}

interface How {
  readonly path: string;
  /** Happens between checking the recording and writing the package. */
  readonly meanwhile?: () => void;
  /** Opens the footage, which is made up where the recording is sealed. */
  readonly policy?: PolicyKey;
  /** What grants and decisions say besides, or in place of, what they should. */
  readonly claims?: Fields;
  /** What the decisions alone say besides, or in place of, what they should. */
  readonly decided?: Fields;
  /** The chunks of each grant; one for all of them unless given. */
  readonly ranges?: readonly (readonly number[])[];
}

/** Packs a recording of a dock whose ledger is open in this process, as `holdfast export` does. */
export async function packageOf(
  dock: KeptDock,
  recording: RecordingId,
  { path, meanwhile, policy, ...how }: How,
): Promise<PackageSummary> {
  const found = await findAcceptance(recording, dock.ledger);
  if (found === undefined) throw new TypeError(recording);
  const folder = await openRecording(join(dock.dir, 'data/recordings'), found);
  const accepted = found.placed.entry;
  const { manifest } = accepted;
  const opened = policy && (await openedOf(dock, folder, { policy, accepted, ...how }));
  const form =
    opened === undefined ? ({ form: 'sealed' } as const) : ({ form: 'opened', ...opened.by } as const);
  await dock.append({ type: 'exported', at: dock.at(), recording, manifest, ...form });
  const { manifest: said } = folder.recording;
  const ledger = await ledgerPart({ accepted, epochs: folder.epochs, manifest: said }, dock.ledger, []);
  const check = new Map(
    ['README.md', 'check.go'].map((name) => [
      `check/${name}`,
      readFileSync(new URL(`../../../../dock/package/check/${name}`, import.meta.url)),
    ]),
  );
  const { identity } = dock.keys;
  const source = {
    ...folder,
    madeAt: dock.at(),
    accepted,
    ledger,
    check,
    dock: { identity, sign: dock.sign },
    ...(opened === undefined ? {} : { opened: opened.part }),
  };
  meanwhile?.();
  try {
    return await writePackage(source, createWriteStream(path));
  } finally {
    await folder.close();
  }
}

export function newPolicyKey(): PolicyKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }) },
    sign(typ, claims) {
      const said = `${encoded({ alg: 'ES256', typ: `holdfast-${typ}+jwt` })}.${encoded(claims)}`;
      const signature = sign('sha256', Buffer.from(said), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${said}.${signature.toString('base64url')}`;
    },
  };
}

const FACTS = [
  { index: 1, source: 'policy', type: 'person.enrolled', person: '2207', roles: ['officer'] },
  {
    index: 2,
    source: 'records <i>&',
    type: 'report.filed',
    incident: '24-118842',
    person: '4411',
    reportHash: 'h',
  },
  { index: 3, source: 'records', type: 'of another version', what: '<script>' },
].map(({ index, source, ...fact }) => {
  const at = '2026-11-21T08:00:00Z';
  return { index, source, receivedAt: '2026-11-21T08:00:01.000Z', fact: { id: `f${index}`, at, ...fact } };
});

/** Grants the openings, puts them into the ledger, and gives the chunks as the video. */
async function openedOf(
  dock: KeptDock,
  folder: RecordingFolder,
  by: Pick<How, 'claims' | 'decided' | 'ranges'> & {
    readonly policy: PolicyKey;
    readonly accepted: EntryOf<'accepted'>;
  },
): Promise<{ readonly part: OpenedPart; readonly by: { readonly person: string; readonly grant: string } }> {
  const { chunks } = folder.recording.manifest;
  const ranges = by.ranges ?? [[0, chunks.length]];
  const openings = ranges.map((range, number) => openingOf(dock, { ...by, range, number }));
  const person = dock.keys.pseudonym('2207');
  const { recording } = by.accepted;
  for (const [number, { jws }] of openings.entries())
    await dock.append({
      ...{ type: 'granted', at: dock.at(), recording, person, grant: sha256(jws) },
      ...{ grantId: `grant-${number + 1}`, purpose: 'oversight' },
      ...{ session: String(number).padStart(64, '0'), keyThumbprint: 'thumb' },
    });
  const stored = await Promise.all(chunks.map((_chunk, index) => folder.readChunk(index)));
  // Nobody who checks a package without its keys can tell whether this is what the chunks hold; as long as that it must be.
  const plainBytes = chunks.reduce((sum, chunk) => sum + chunk.plainBytes, 0);
  const video = Buffer.concat(stored).subarray(0, plainBytes);
  const part = {
    async *video() {
      yield await Promise.resolve(video);
    },
    bytes: video.length,
    sha256: sha256(video),
    files: new Map([
      ...openings.flatMap(({ files }) => files),
      ['policy/key.jwk.json', Buffer.from(`${JSON.stringify(by.policy.jwk)}\n`)] as const,
    ]),
    decisions: openings.map(({ decided }) => decided),
  };
  return { part, by: { person, grant: sha256(openings.map(({ jws }) => jws).join('')) } };
}

/** A grant and the decision behind it. */
function openingOf(
  dock: KeptDock,
  of: Pick<How, 'claims' | 'decided'> & {
    readonly policy: PolicyKey;
    readonly accepted: EntryOf<'accepted'>;
    readonly range: readonly number[];
    readonly number: number;
  },
): {
  readonly jws: string;
  readonly decided: Fields;
  readonly files: readonly (readonly [string, Uint8Array])[];
} {
  const { recording, manifest } = of.accepted;
  const shared = {
    ...{ iss: 'https://policy.test', action: 'view', recording, manifest, purpose: 'oversight' },
    ...{ regime: 'doj', policySet: 'p', newestFact: 3, sub: '2207', jti: `grant-${of.number + 1}` },
    ...of.claims,
  };
  const [chunks, aud] = [of.range, dock.keys.identity.id];
  const times = { iat: 1_790_000_000, exp: 1_790_000_060 };
  const jws = of.policy.sign('grant', { kind: 'open', chunks, aud, ...times, ...shared });
  const policies = [{ id: 'base-oversight', text: 'Reviewers <b> may.', effect: 'permit' }];
  const about = { iat: times.iat, at: '2026-09-21T14:13:20.000Z', grant: sha256(jws), decision: true };
  const decided = { ...shared, ...about, reason: 'Reviewers may.', policies, facts: FACTS, ...of.decided };
  const name = String(of.number).padStart(3, '0');
  const files = [
    [`policy/grants/${name}.jws`, Buffer.from(jws)],
    [`policy/decisions/${name}.jws`, Buffer.from(of.policy.sign('decision', decided))],
    [`policy/decisions/${name}.json`, claimsText(decided)],
  ] as const;
  return { jws, decided, files };
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

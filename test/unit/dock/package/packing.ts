import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAcceptance, ledgerPart } from '../../../../dock/package/about.ts';
import { type OpenedPart, type PackageSummary, writePackage } from '../../../../dock/package/build.ts';
import { openRecording, type RecordingFolder } from '../../../../dock/package/folder.ts';
import { decisionText } from '../../../../dock/package/grant.ts';
import type { EntryOf } from '../../../../proto/custody-fields.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import type { KeptDock } from './kept-dock.ts';

/** A policy service's key, and the grants that it signs. */
export interface PolicyKey {
  readonly jwk: Readonly<Record<string, unknown>>;
  grant(claims: Readonly<Record<string, unknown>>): string;
}

interface How {
  readonly path: string;
  /** Happens between checking the recording and writing the package. */
  readonly meanwhile?: () => void;
  /** Opens the footage, which only an unsealed recording has without a custodian. */
  readonly policy?: PolicyKey;
  /** What the grant says besides, or in place of, what it should. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Packs a recording of a dock whose ledger is open in this process, as `holdfast export` does. */
export async function packageOf(
  dock: KeptDock,
  recording: RecordingId,
  { path, meanwhile, policy, claims }: How,
): Promise<PackageSummary> {
  const found = await findAcceptance(recording, dock.ledger);
  if (found === undefined) throw new TypeError(recording);
  const folder = await openRecording(join(dock.dir, 'data/recordings'), found);
  const accepted = found.placed.entry;
  const { manifest } = accepted;
  const opened = policy && (await openedOf(dock, folder, { policy, accepted, claims }));
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
    grant(claims) {
      const said = `${encoded({ alg: 'ES256', typ: 'holdfast-grant+jwt' })}.${encoded(claims)}`;
      const signature = sign('sha256', Buffer.from(said), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${said}.${signature.toString('base64url')}`;
    },
  };
}

/** Grants the opening, puts it into the ledger, and gives the chunks as the video. */
async function openedOf(
  dock: KeptDock,
  folder: RecordingFolder,
  by: {
    readonly policy: PolicyKey;
    readonly accepted: EntryOf<'accepted'>;
    readonly claims: How['claims'];
  },
): Promise<{ readonly part: OpenedPart; readonly by: { readonly person: string; readonly grant: string } }> {
  const { recording, manifest } = by.accepted;
  const { chunks } = folder.recording.manifest;
  const claims = {
    ...{ kind: 'open', action: 'view', recording, manifest, purpose: 'oversight', regime: 'doj' },
    ...{ policySet: 'p', newestFact: 3, chunks: [0, chunks.length], aud: dock.keys.identity.id },
    ...{ sub: '2207', jti: 'grant-1', exp: 1_790_000_060, ...by.claims },
  };
  const jws = by.policy.grant(claims);
  const [person, grant] = [dock.keys.pseudonym('2207'), createHash('sha256').update(jws).digest('hex')];
  const [session, keyThumbprint] = ['ab'.repeat(32), 'thumb'];
  await dock.append({
    ...{ type: 'granted', at: dock.at(), recording, person, grant, grantId: 'grant-1' },
    ...{ purpose: 'oversight', session, keyThumbprint },
  });
  const stored = await Promise.all(chunks.map((_chunk, index) => folder.readChunk(index)));
  const video = Buffer.concat(stored);
  const part = {
    async *video() {
      yield await Promise.resolve(video);
    },
    bytes: video.length,
    sha256: createHash('sha256').update(video).digest('hex'),
    files: new Map([
      ['policy/grant.jws', Buffer.from(jws)],
      ['policy/decision.json', decisionText(claims)],
      ['policy/key.jwk.json', Buffer.from(`${JSON.stringify(by.policy.jwk)}\n`)],
    ]),
  };
  return { part, by: { person, grant } };
}

import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { thumbprintOf, type CustodianKey } from '../../../../../dock/policy/custodian/custodian-key.ts';
import { hpkeSeal } from '../../../../../dock/policy/custodian/hpke.ts';
import { sealChunk } from '../../../../../device/seal/seal-chunk.ts';
import { toBase64, toHex } from '../../../../../proto/bytes.ts';
import type { RecordingId } from '../../../../../proto/ids.ts';
import { encodeEntry, type CustodyEntry } from '../../../../../proto/custody-entry.ts';
import { encodeManifestHeader, signManifest, type Manifest } from '../../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../../proto/merkle.ts';
import { encodeWraps, wrapInfo } from '../../../../../proto/wraps.ts';
import { MemoryLedger } from '../../../../../sim/fault/memory-ledger.ts';
import {
  CAMERA_KEY,
  CHUNKS,
  LEDGER_KEY,
  manifestOf,
  ORIGIN,
  recordingId,
  sha256,
} from '../../../proto/fixture.ts';
import { fact } from '../story.ts';
import { DOCK_TOKEN, ISSUER, RECORDER, type TestPage, type TestService } from './service.ts';

export const RECORDING_KEY = Uint8Array.from({ length: 32 }, (_, at) => 255 - at);
const PURPOSE = 'supplement_report';

/** A sealed recording of three small chunks. */
export interface SealedRecording {
  readonly manifest: Manifest;
  readonly signed: Uint8Array;
  readonly manifestHash: string;
  readonly wraps: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

interface SealedAs {
  /** Makes its wraps those of a recording with another header. */
  readonly wrapFor?: Partial<Manifest>;
  /** Named in wraps that open for nobody. */
  readonly others?: readonly Uint8Array[];
  /** P-256 points that it is sealed to besides. */
  readonly points?: readonly Uint8Array[];
  readonly recording?: RecordingId;
}

/** As a camera seals it for that custodian. */
export async function sealedRecording(
  custodian: Pick<CustodianKey, 'identity' | 'thumbprint'>,
  { wrapFor = {}, others = [], points = [], recording = recordingId }: SealedAs = {},
): Promise<SealedRecording> {
  const draft: Manifest = { ...manifestOf(), suite: 1, recordingId: recording };
  const salt = new Uint8Array(24).fill(7);
  const chunks = CHUNKS.map((plain, index) =>
    sealChunk({ recordingKey: RECORDING_KEY, recording: draft.recordingId, index }, plain, salt),
  );
  const infos = draft.chunks.map((info, index) => {
    const stored = chunks[index] ?? new Uint8Array();
    return { ...info, sha256: sha256(stored), storedBytes: stored.length };
  });
  const info = wrapInfo(encodeManifestHeader({ ...draft, ...wrapFor }), sha256);
  const sealed = await hpkeSeal(RECORDING_KEY, { point: custodian.identity.publicKey, info });
  const recipients = [custodian.thumbprint, ...others];
  const more = await Promise.all(
    points.map(async (point) => ({
      recipient: thumbprintOf(point),
      ...(await hpkeSeal(RECORDING_KEY, { point, info })),
    })),
  );
  const wraps = encodeWraps([...recipients.map((recipient) => ({ recipient, ...sealed })), ...more]);
  const manifest: Manifest = {
    ...draft,
    chunks: infos,
    root: recordingRoot(
      sha256,
      infos.map((one) => one.sha256),
    ),
    contentBytes: infos.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    wrapsSha256: sha256(wraps),
  };
  const signed = signManifest(manifest, CAMERA_KEY.sign);
  return { manifest, signed, manifestHash: toHex(sha256(signed)), wraps, chunks };
}

/** The dock's word about it, with anything in it changed. */
export function registered(
  { signed, manifestHash, wraps, manifest }: SealedRecording,
  changes: Readonly<Record<string, unknown>> = {},
) {
  const { recordingId: recording, cameraId: camera, officerId: officer } = manifest;
  return fact(
    'recording.registered',
    {
      ...{ recording, camera, officer, manifestHash, manifest: toBase64(signed), wraps: toBase64(wraps) },
      ...changes,
    },
    `registered/${recording}`,
  );
}

export function dockLedger(key = LEDGER_KEY): MemoryLedger {
  return new MemoryLedger({ origin: ORIGIN, publicKey: key.publicKey, sign: key.sign, sha256 });
}

/** A page's ECDH pair; the private half stays with the test, which opens with it. */
export async function pagePair(): Promise<{
  pair: { privateKey: CryptoKey; publicKey: CryptoKey };
  jwk: object;
}> {
  const pair = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  return { pair, jwk: { kty, crv, x, y } };
}

/** What a dock gives a page at an opening. */
export interface Opening {
  readonly grant: string;
  readonly entry: Uint8Array;
  readonly proof: string;
  readonly index: number;
}

/** A person opens the recording at a dock whose ledger is `ledger`; entry changes make that dock lie. */
export async function openAt(
  { town, page, ledger }: { town: TestService; page: TestPage; ledger: MemoryLedger },
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Opening> {
  const context = { purpose: PURPOSE, dock: 'dock-1', nonce: 'ab'.repeat(16) };
  const opening = { token: await page.token(RECORDER), proof: await page.proof() };
  const answer = await town.evaluate(RECORDER, { ...context, opening }, DOCK_TOKEN);
  const grant = answer.context['grant'];
  if (typeof grant !== 'string') throw new Error(`no grant: ${JSON.stringify(answer)}`);
  const claims = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as {
    jti: string;
    cnf: { jkt: string };
  };
  const granted = {
    type: 'granted',
    at: '2026-11-21T08:00:00.000000Z',
    recording: recordingId,
    person: '0f'.repeat(32),
    grant: createHash('sha256').update(grant).digest('hex'),
    grantId: claims.jti,
    purpose: PURPOSE,
    session: 'ee'.repeat(32),
    keyThumbprint: claims.cnf.jkt,
    ...changes,
  } as CustodyEntry;
  const entry = encodeEntry(granted);
  const index = await ledger.appendOnce(`granted/${claims.jti}`, entry);
  return { grant, entry, proof: await ledger.prove(index), index };
}

/** A signed request for keys as a page makes it, with anything in it changed. */
export async function keyRequest(
  { page, jwk }: { readonly page: TestPage; readonly jwk: object },
  { grant, entry, proof }: Opening,
  changes: { readonly claims?: object; readonly header?: object } = {},
): Promise<string> {
  const claims = { grant, entry: toBase64(entry), proof, ecdh: jwk, aud: ISSUER, ...changes.claims };
  return page.sign('holdfast-keys+jwt', claims, { ...changes.header });
}

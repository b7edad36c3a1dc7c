import { generateKeyPairSync } from 'node:crypto';
import { hpkeOpen, hpkePair } from '../../dock/policy/custodian/hpke.ts';
import { fromBase64 } from '../../proto/bytes.ts';
import { SEAL_KEY_BYTES } from '../../proto/cobblestone.ts';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { keysInfo } from '../../proto/key-range.ts';
import { splitNote } from '../../proto/note.ts';
import { parseTlogProof } from '../../proto/tlog-proof.ts';

/** What a dock's answer to an opening gives to ask keys with. */
export interface OpenedAt {
  readonly recording: RecordingId;
  readonly grant: string;
  readonly entry: string;
  readonly proof: string;
}

/** Whom to ask, and how to sign: a compact JWS of this `typ` with the viewer's key in its header. */
export interface KeyDesk {
  readonly dockUrl: string;
  readonly policyUrl: string;
  readonly sign: (typ: string, claims: Readonly<Record<string, unknown>>) => Promise<string>;
}

/** The keys of consecutive chunks, from the first of the range on. */
export interface ChunkKeys {
  readonly start: number;
  readonly keys: readonly Uint8Array[];
}

export interface NoKeys {
  readonly refused: string;
  readonly status: number;
}

/** So many proofs of growth a page sends for one answer. */
export const PROOFS_MAX = 16;

/** Asks the custodian for the keys of an opening, as the page does: with a proof of growth when one is wanted. */
export async function fetchKeys(desk: KeyDesk, opened: OpenedAt): Promise<ChunkKeys | NoKeys> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { grant, entry, proof } = opened;
  const { iss: aud } = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as {
    iss: string;
  };
  const claims = { grant, entry, proof, aud, ecdh: publicKey.export({ format: 'jwk' }) };
  let answer = await post(desk, claims);
  // While others open as well, what the service has seen grows between two answers.
  for (let proofs = 0; proofs < PROOFS_MAX; proofs++) {
    if (answer.status !== 409 || typeof answer.body['size'] !== 'number') break;
    answer = await post(desk, { ...claims, consistency: await growth(desk, answer.body['size'], proof) });
  }
  if (answer.status !== 200) return { refused: JSON.stringify(answer.body), status: answer.status };
  const { range, enc, ciphertext } = answer.body as {
    range: [number, number];
    enc: string;
    ciphertext: string;
  };
  const [start, end] = range;
  const sealed = { enc: fromBase64(enc), ciphertext: fromBase64(ciphertext) };
  const info = keysInfo({ recording: opened.recording, start, end });
  const keys = await hpkeOpen(sealed, { pair: await hpkePair(privateKey), info });
  const at = (index: number): Uint8Array => keys.slice(index * SEAL_KEY_BYTES, (index + 1) * SEAL_KEY_BYTES);
  return { start, keys: Array.from({ length: end - start }, (_, index) => at(index)) };
}

async function post(
  { policyUrl, sign }: KeyDesk,
  claims: Readonly<Record<string, unknown>>,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const request = await sign('holdfast-keys+jwt', claims);
  const answer = await fetch(`${policyUrl}/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request }),
  });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

/** What a request for keys says of how the dock's ledger grew between the size that the service has seen and that of `proof`, whichever is older. */
export async function growth(
  { dockUrl }: Pick<KeyDesk, 'dockUrl'>,
  seen: number,
  proof: string,
): Promise<object> {
  const { size } = parseCheckpoint(splitNote(parseTlogProof(proof).checkpoint).text);
  const [from, to] = [Math.min(seen, size), Math.max(seen, size)];
  const answer = await fetch(`${dockUrl}/v1/ledger/consistency?from=${from}&to=${to}`);
  return { from, hashes: ((await answer.json()) as { hashes?: readonly string[] }).hashes ?? [] };
}

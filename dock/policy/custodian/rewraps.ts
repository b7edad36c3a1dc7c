import { fromBase64, fromHex, toBase64, toHex } from '../../../proto/bytes.ts';
import { isRecordingId } from '../../../proto/ids.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import type { Wrap } from '../../../proto/wraps.ts';
import { KeysError, TrustError } from '../errors.ts';
import type { CustodianKey, WrapKey } from './custodian-key.ts';
import { rewrapRecordingKey, unwrapRecordingKey } from './unwrap.ts';

const FORMAT = 'holdfast/rewraps@1';

/** One recording as it is on file: its verified manifest and what the camera wrapped. */
export interface Sealed {
  readonly manifestHash: string;
  readonly manifest: Manifest;
  readonly wraps: Uint8Array;
}

/** One line of a file of rewraps. */
export interface Rewrap {
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly manifest: string;
  readonly wrap: Wrap;
}

/** What came of one recording: its line, or why there is none. */
export type Rewrapped = { readonly line: string } | { readonly recording: string; readonly failed: string };

/** The first line of a file of rewraps: made with which key, for which key. */
export function rewrapsHeader(from: WrapKey, to: Pick<CustodianKey, 'thumbprint'>): string {
  return JSON.stringify({ format: FORMAT, from: toHex(from.thumbprint), to: toHex(to.thumbprint) });
}

/** Opens a recording's key with a recovery key and wraps it for the custodian's new one. The key itself is overwritten. */
export async function rewrap(
  from: WrapKey,
  point: Uint8Array,
  { manifestHash, manifest, wraps }: Sealed,
): Promise<Rewrapped> {
  const recording = manifest.recordingId;
  let key: Uint8Array;
  try {
    key = await unwrapRecordingKey([from], { manifest, wraps });
  } catch (error) {
    if (!(error instanceof KeysError)) throw error;
    return { recording, failed: error.message };
  }
  try {
    const { enc, ciphertext } = await rewrapRecordingKey(key, { manifest, point });
    const fields = {
      recording,
      manifest: manifestHash,
      enc: toBase64(enc),
      ciphertext: toBase64(ciphertext),
    };
    return { line: JSON.stringify(fields) };
  } finally {
    key.fill(0);
  }
}

/** A file of rewraps. */
export interface Rewraps {
  /** Thumbprint of the recovery key, 32 bytes. */
  readonly from: Uint8Array;
  readonly rewraps: readonly Rewrap[];
}

/** Reads a whole file of rewraps for this key. Throws TrustError BAD_KEY naming the line that is not as it must be. */
export function parseRewraps(text: string, to: Pick<CustodianKey, 'thumbprint'>): Rewraps {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const { format, from, to: named } = fieldsOf(header, 1);
  if (format !== FORMAT) throw badFile(1, `this is no ${FORMAT}`);
  if (named !== toHex(to.thumbprint))
    throw badFile(1, 'these were made for another key than this custodian has now');
  if (typeof from !== 'string' || !/^[0-9a-f]{64}$/.test(from))
    throw badFile(1, 'it does not say which recovery key made these');
  const rewraps = lines.map((line, at) => {
    const { recording, manifest, enc, ciphertext } = fieldsOf(line, at + 2);
    if (typeof recording !== 'string' || !isRecordingId(recording))
      throw badFile(at + 2, 'it names no recording');
    if (typeof manifest !== 'string') throw badFile(at + 2, 'it names no manifest');
    const wrap = {
      recipient: to.thumbprint,
      enc: bytesOf(enc, at + 2),
      ciphertext: bytesOf(ciphertext, at + 2),
    };
    return { recording, manifest, wrap };
  });
  return { from: fromHex(from), rewraps };
}

/** Does it open under this key for this recording? */
export async function opens(
  custodian: CustodianKey,
  { manifest, wraps }: Sealed,
  { wrap }: Rewrap,
): Promise<boolean> {
  try {
    (await unwrapRecordingKey([custodian], { manifest, wraps, rewraps: [wrap] })).fill(0);
    return true;
  } catch (error) {
    if (error instanceof KeysError) return false;
    throw error;
  }
}

function fieldsOf(line: string, number: number): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(line);
    if (typeof found === 'object' && found !== null) return Object.fromEntries(Object.entries(found));
  } catch {
    // Falls through to the one error.
  }
  throw badFile(number, 'it is no JSON object');
}

function bytesOf(value: unknown, number: number): Uint8Array {
  try {
    if (typeof value === 'string') return fromBase64(value);
  } catch {
    // Falls through to the one error.
  }
  throw badFile(number, 'a wrap is not base64');
}

function badFile(line: number, why: string): TrustError {
  return new TrustError('BAD_KEY', `line ${line} of the rewraps cannot be used: ${why}`, { retry: 'never' });
}

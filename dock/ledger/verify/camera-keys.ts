import { join } from 'node:path';
import { equal, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import { readIfThere } from './blocks.ts';
import type { Findings } from './finding.ts';
import type { History } from './history.ts';
import { rawKey, signerOf } from './recording.ts';
import type { OpenedRecording } from './store.ts';

/** Raw Ed25519 keys, from a place that the reader trusts, by camera. One camera may have had several. */
export type CameraPins = ReadonlyMap<string, readonly Uint8Array[]>;

/**
 * Whoever holds the dock can enrol a key of his own for a camera and have recordings accepted under it. It is noted where a camera
 * gets a further key, and what was accepted under that; of a pinned camera no other key passes.
 */
export async function checkCameraKeys(
  recordings: { readonly dir: string; readonly opened: readonly OpenedRecording[] } | undefined,
  { enrolled, pins }: { readonly enrolled: History['enrolled']; readonly pins: CameraPins },
  findings: Findings,
): Promise<void> {
  const under = new Map<string, string[]>();
  for (const { folder, placed } of recordings?.opened ?? []) {
    const { camera, recording } = placed.entry;
    const signed = await readIfThere(join(recordings?.dir ?? '', folder, 'manifest'));
    const key = signed && signer(signed, { placed, enrolled });
    // One that no enrolled key signed is a finding already.
    if (key === undefined) continue;
    const name = `${camera} ${toHex(key)}`;
    under.set(name, [...(under.get(name) ?? []), recording]);
    if (pins.get(camera)?.some((pinned) => equal(pinned, key)) ?? true) continue;
    const message = `is signed by a key of ${camera} that is none of those given`;
    const at = { file: `${folder}/manifest`, index: placed.index };
    findings.add({ code: 'manifest-signature', ...at, message });
  }
  noteFurtherKeys(enrolled, recordings && under, findings);
}

function noteFurtherKeys(
  enrolled: History['enrolled'],
  under: ReadonlyMap<string, readonly string[]> | undefined,
  findings: Findings,
): void {
  const known = new Map<string, Set<string>>();
  for (const { index, entry } of enrolled) {
    const key = toHex(rawKey(entry.publicKey));
    const keys = known.get(entry.camera) ?? new Set();
    const isFurther = keys.size > 0 && !keys.has(key);
    known.set(entry.camera, keys.add(key));
    if (!isFurther) continue;
    const accepted = under?.get(`${entry.camera} ${key}`)?.join(', ') ?? 'none';
    const whose = under === undefined ? '' : `; accepted under it: ${accepted}`;
    const message = `gives ${entry.camera} another key than before, ${entry.publicKey}${whose}`;
    findings.add({ code: 'camera-rekeyed', file: 'tile/entries', index, message });
  }
}

function signer(signed: Uint8Array, about: Parameters<typeof signerOf>[1]): Uint8Array | undefined {
  try {
    return signerOf(signed, about);
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

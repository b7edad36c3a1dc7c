import { createHash } from 'node:crypto';
import { fromBase64, toHex } from '../../../proto/bytes.ts';
import { peekManifest, type Manifest } from '../../../proto/manifest.ts';
import type { FactBook } from './book.ts';
import { damaged } from './database.ts';

/** A manifest whose camera's signature was checked when its fact was taken. */
export interface ManifestOnFile {
  readonly manifest: Manifest;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly hash: string;
}

/** The verified manifest of a recording, or undefined when none is on file. Throws StoreError STORE_DAMAGED when it is not what was taken. */
export function manifestOnFile({ known, store }: FactBook, recording: string): ManifestOnFile | undefined {
  const { registration } = known.recording(recording);
  if (registration?.verified !== true) return undefined;
  const { index, manifestHash } = registration;
  const [entry] = store.list({ after: index - 1, limit: 1 }, { manifests: true });
  if (entry?.fact.type !== 'recording.registered' || entry.fact.manifest === undefined)
    throw damaged(`fact ${index} has lost its manifest`);
  const signed = fromBase64(entry.fact.manifest);
  const hash = toHex(createHash('sha256').update(signed).digest());
  if (hash !== manifestHash) throw damaged(`the manifest of fact ${index} is another one`);
  return { manifest: peekManifest(signed), hash };
}

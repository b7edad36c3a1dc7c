import { join } from 'node:path';
import { ProofError } from '../../../proto/errors.ts';
import { decodeWraps } from '../../../proto/wraps.ts';
import { readIfThere } from './blocks.ts';
import type { Findings } from './finding.ts';
import type { OpenedRecording } from './store.ts';

/** A wraps file, and what it is called in findings. */
export interface WrapsFile {
  readonly wraps: Uint8Array | undefined;
  readonly file: string;
  readonly index: number;
}

/**
 * Whoever can put a key into a camera can have every recording wrapped for himself too. With `known` (RFC 7638 thumbprints in
 * base64url) each wrap must be for one of them. Without, it is noted where the recipients of a camera change, in the order in which
 * it recorded.
 */
export async function checkRecipients(
  dir: string,
  opened: readonly OpenedRecording[],
  { known, findings }: { readonly known: readonly string[] | undefined; readonly findings: Findings },
): Promise<void> {
  const before = new Map<string, { readonly names: readonly string[]; readonly recording: string }>();
  const inOrder = opened.toSorted((a, b) => a.manifest.counter - b.manifest.counter);
  for (const { placed, manifest, folder } of inOrder) {
    if (manifest.suite === 0) continue;
    const wraps = await readIfThere(join(dir, folder, 'wraps'));
    const found = { wraps, file: `${folder}/wraps`, index: placed.index };
    if (known !== undefined) checkKnown(found, known, findings);
    const names = recipientsOf(wraps);
    if (names === undefined || known !== undefined) continue;
    const { camera, recording } = placed.entry;
    const last = before.get(camera);
    before.set(camera, { names, recording });
    if (last === undefined || last.names.join() === names.join()) continue;
    const message = `of ${camera} are for ${names.join(', ')}; those of ${last.recording} before it are for ${last.names.join(', ')}`;
    findings.add({ code: 'recipients-changed', file: found.file, index: placed.index, message });
  }
}

/** Is every wrap for one of the known recipients? What is no wraps file is another check's finding. */
export function checkKnown(
  { wraps, file, index }: WrapsFile,
  known: readonly string[],
  findings: Findings,
): void {
  for (const name of recipientsOf(wraps) ?? []) {
    if (known.includes(name)) continue;
    const message = `hold the key wrapped for ${name}, who is none of the recipients given`;
    findings.add({ code: 'recipient-unknown', file, index, message });
  }
}

/** Thumbprints, sorted, as wraps name them whoever comes first. */
function recipientsOf(wraps: Uint8Array | undefined): readonly string[] | undefined {
  if (wraps === undefined) return undefined;
  try {
    const names = decodeWraps(wraps).map(({ recipient }) => Buffer.from(recipient).toString('base64url'));
    return names.toSorted();
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

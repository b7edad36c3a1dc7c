import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAcceptance, ledgerPart } from '../../../../dock/package/about.ts';
import { type PackageSummary, writePackage } from '../../../../dock/package/build.ts';
import { openRecording } from '../../../../dock/package/folder.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import type { KeptDock } from './kept-dock.ts';

/**
 * Packs a recording of a dock whose ledger is open in this process, as `holdfast export` does. `meanwhile` happens between
 * checking the recording and writing the package.
 */
export async function packageOf(
  dock: KeptDock,
  recording: RecordingId,
  { path, meanwhile }: { readonly path: string; readonly meanwhile?: () => void },
): Promise<PackageSummary> {
  const found = await findAcceptance(recording, dock.ledger);
  if (found === undefined) throw new TypeError(recording);
  const folder = await openRecording(join(dock.dir, 'data/recordings'), found);
  const accepted = found.placed.entry;
  const { manifest } = accepted;
  await dock.append({ type: 'exported', at: dock.at(), recording, manifest, form: 'sealed' });
  const ledger = await ledgerPart({ accepted, epochs: folder.epochs }, dock.ledger, []);
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
  };
  meanwhile?.();
  try {
    return await writePackage(source, createWriteStream(path));
  } finally {
    await folder.close();
  }
}

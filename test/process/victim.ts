import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { openLedger } from '../../dock/ledger/log.ts';
import { readLedger } from '../../dock/ledger/reader.ts';
import { cosign, formatCosignerVkey } from '../../proto/cosignature.ts';
import { type CustodyEntry, decodeEntry, encodeEntry } from '../../proto/custody-entry.ts';
import { formatInstant, parseInstant } from '../../proto/instant.ts';
import { signManifest } from '../../proto/manifest.ts';
import { splitNote } from '../../proto/note.ts';
import { atOnce, type Key, newKey, ORIGIN } from '../unit/dock/ledger/rig.ts';
import { KeptDock, recordingId } from '../unit/dock/package/kept-dock.ts';
import { packageOf } from '../unit/dock/package/packing.ts';

type Entries = readonly CustodyEntry[];

/**
 * A dock with two cameras and five sealed recordings, written by the code of camera and dock, of which copies are tampered
 * with. Beside it lies what others kept: checkpoints, a witness's cosignature, a package of the first recording.
 */
export class Victim {
  readonly dir: string;
  readonly ledgerDir: string;
  /** A checkpoint that somebody kept before the last recording came, and one that was kept after it. */
  readonly kept: string;
  readonly newest: string;
  /** The package as it was made. */
  readonly evidence: string;
  /** Verifier key of the witness that cosigned the checkpoint. */
  readonly witness: string;
  /** Verifier key of the log. */
  readonly vkey: string;
  /** A manifest of recording 3 that somebody else signed. */
  readonly forged: Uint8Array;
  /** Holds the log's key. */
  readonly operator: Key;
  readonly outsider: Key = newKey();
  readonly #work: string;

  private constructor(work: string, made: Pick<Victim, 'witness' | 'vkey' | 'forged' | 'operator'>) {
    this.#work = work;
    this.dir = join(work, 'victim');
    this.ledgerDir = join(this.dir, 'data/ledger');
    this.kept = join(work, 'kept.checkpoint');
    this.newest = join(work, 'newest.checkpoint');
    this.evidence = join(work, 'evidence.zip');
    ({ witness: this.witness, vkey: this.vkey, forged: this.forged, operator: this.operator } = made);
  }

  static async make(work: string): Promise<Victim> {
    const dock = await KeptDock.make(join(work, 'honest'));
    const [one, two] = [await dock.enrol('cam-1'), await dock.enrol('cam-2')];
    await dock.accept(one, 1);
    await dock.accept(two, 2);
    const before = { ...one };
    const { manifest } = await dock.record(one, 3);
    Object.assign(one, before);
    await dock.accept(one, 3);
    const log = join(work, 'honest/data/ledger');
    cpSync(log, join(work, 'early'), { recursive: true });
    await dock.accept(two, 4);
    await packageOf(dock, recordingId(1), { path: join(work, 'evidence.zip') });
    cpSync(join(log, 'checkpoint'), join(work, 'kept.checkpoint'));
    await dock.accept(one, 5);
    await dock.close();
    const note = readFileSync(join(log, 'checkpoint'), 'utf8');
    writeFileSync(join(work, 'newest.checkpoint'), note);
    const key = { name: 'north', ...newKey(), sha256: nodeChecker.sha256 };
    const line = cosign(splitNote(note).text, { ...key, timeS: 1_790_000_000 });
    writeFileSync(join(log, 'checkpoint'), note + line);
    return new Victim(work, {
      witness: formatCosignerVkey(key.name, key.publicKey, nodeChecker.sha256),
      vkey: dock.keys.identity.ledger,
      forged: signManifest({ ...manifest, officerId: '9999' }, newKey().sign),
      operator: dock.keys.ledgerSigner,
    });
  }

  /** Puts everything back as it was. */
  fresh(): void {
    rmSync(this.dir, { recursive: true, force: true });
    cpSync(join(this.#work, 'honest'), this.dir, { recursive: true });
    cpSync(this.evidence, join(this.dir, 'evidence.zip'));
  }

  /** A file of a recording. */
  file(n: number, name: string): string {
    return join(this.dir, 'data/recordings', recordingId(n), name);
  }

  edit(path: string, change: (before: Buffer) => Uint8Array): void {
    writeFileSync(path, change(readFileSync(path)));
  }

  /** Brings an older, honest copy of the ledger back. */
  rollBack(): void {
    rmSync(this.ledgerDir, { recursive: true });
    cpSync(join(this.#work, 'early'), this.ledgerDir, { recursive: true });
  }

  /** Makes the whole log anew from edited entries: every tile and the checkpoint fit together, under this key. */
  async relog(change: (entries: Entries) => Entries, key: Key = this.operator): Promise<void> {
    const old = await readLedger({ dir: this.ledgerDir, vkey: this.vkey });
    const { size } = await old.checkpoint();
    const entries = (await old.read(0, size)).map((bytes) => {
      const entry = decodeEntry(bytes);
      if (entry.type === 'unknown') throw new TypeError(entry.named);
      return entry;
    });
    rmSync(this.ledgerDir, { recursive: true });
    const log = await openLedger({ dir: this.ledgerDir, origin: ORIGIN, clock: atOnce, ...key });
    for (const [at, entry] of change(entries).entries()) await log.appendOnce(`${at}`, encodeEntry(entry));
    await log.close();
  }

  /** Writes on in the log after the dock's clock has jumped; `said`: with the entry that says so. */
  async jump(stepUs: number, said: boolean): Promise<void> {
    await this.relog((entries) => {
      const last = parseInstant(entries.at(-1)?.at ?? '') ?? 0;
      const [wallBefore, wallAfter] = [formatInstant(last), formatInstant(last + stepUs)];
      const held = {
        type: 'hold.placed',
        at: wallAfter,
        recording: recordingId(1),
        reason: 'court',
      } as const;
      const stepped = {
        type: 'clock.stepped',
        at: wallAfter,
        epoch: 2,
        stepUs,
        wallBefore,
        wallAfter,
      } as const;
      return [...entries, ...(said ? [stepped] : []), held];
    });
  }

  /** Hides a recording: its files are gone, and every entry about it. */
  async hide(n: number): Promise<void> {
    rmSync(join(this.dir, 'data/recordings', recordingId(n)), { recursive: true });
    await this.relog(withoutRecording(n));
  }
}

/** The accepted entry of one recording says something else. */
export const replaced =
  (n: number, change: object) =>
  (entries: Entries): Entries =>
    entries.map((entry) => (isAcceptance(entry, n) ? { ...entry, ...change } : entry));

/** Every entry about one recording is gone. */
export const withoutRecording =
  (n: number) =>
  (entries: Entries): Entries =>
    entries.filter((entry) => !('recording' in entry && entry.recording === recordingId(n)));

/** The first two recordings were accepted in the other order. */
export function swapped(entries: Entries): Entries {
  const places = [1, 2].map((n) => entries.findIndex((entry) => isAcceptance(entry, n)));
  const mirror = new Map([places, places.toReversed()].map(([from = 0, to = 0]) => [from, to]));
  return entries.map((entry, at) => entries[mirror.get(at) ?? at] ?? entry);
}

function isAcceptance(entry: CustodyEntry, n: number): boolean {
  return entry.type === 'accepted' && entry.recording === recordingId(n);
}

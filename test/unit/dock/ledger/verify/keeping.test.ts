import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTickets } from '../../../../../device/flash/tickets.ts';
import { type Report, verifyLedger } from '../../../../../dock/ledger/verify/verify.ts';
import { nodeChecker } from '../../../../../dock/ledger/checker.ts';
import { cosign, formatCosignerVkey } from '../../../../../proto/cosignature.ts';
import type { EntryOf } from '../../../../../proto/custody-fields.ts';
import { splitNote } from '../../../../../proto/note.ts';
import { newKey } from '../rig.ts';
import {
  cameraId,
  type DockFolder,
  failures,
  flipByte,
  notes,
  recordingId,
  sha256Hex,
  tempDock,
  wrapsFor,
} from './rig.ts';

const [PERSON, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const camera = cameraId('cam-1');
const recording = recordingId(1);

/** A dock that has started, with one sealed recording of one camera. */
async function sealedDock(): Promise<DockFolder> {
  const dock = tempDock();
  await dock.start(1);
  await dock.enrol(camera);
  await dock.accept(camera, 1, { signed: { suite: 1 } });
  return dock;
}

const fileOf = (dock: DockFolder, name: string, n = 1): string => join(dock.store, recordingId(n), name);

describe('seal', () => {
  // Goal: what the camera sealed keys for is what is there. Method: a good one, then each harm to the wraps file.
  it('holds wraps against manifest and entry', async () => {
    const dock = await sealedDock();
    expect((await dock.verify()).findings).toEqual([]);
    flipByte(fileOf(dock, 'wraps'), 40);
    expect(failures(await dock.verify())).toEqual(['wraps-mismatch']);
    writeFileSync(fileOf(dock, 'wraps'), wrapsFor(2));
    expect(failures(await dock.verify())).toEqual(['wraps-mismatch']);
    rmSync(fileOf(dock, 'wraps'));
    expect(failures(await dock.verify())).toEqual(['wraps-missing']);
  });

  // Goal: entry and manifest name the same wraps. Method: an entry with others, and one that says it is not sealed.
  it.each([{ wraps: 'e'.repeat(64) }, { suite: 0 as const }])('finds an entry with %o', async (change) => {
    const dock = tempDock();
    await dock.start(1);
    await dock.enrol(camera);
    await dock.accept(camera, 1, { ...change, signed: { suite: 1 } });
    expect(failures(await dock.verify())).toEqual(['manifest-mismatch']);
  });

  // Goal: wraps beside an open recording are no wraps of it. Method: put some there.
  it('finds wraps where nothing is sealed', async () => {
    const dock = tempDock();
    await dock.enrol(camera);
    await dock.accept(camera, 1);
    writeFileSync(fileOf(dock, 'wraps'), wrapsFor(1));
    expect(failures(await dock.verify())).toEqual(['wraps-mismatch']);
  });

  // Goal: a camera that seals does not stop. Method: an unsealed one after a sealed one, of it and of another camera.
  it('finds a camera that stopped sealing', async () => {
    const dock = await sealedDock();
    await dock.enrol(cameraId('cam-2'));
    await dock.accept(cameraId('cam-2'), 2);
    expect(failures(await dock.verify())).toEqual([]);
    await dock.accept(camera, 3);
    expect(failures(await dock.verify())).toEqual(['seal-off']);
  });

  // Goal: what was recorded before the first seal may come late. Method: the sealed second recording, then the unsealed first one.
  it('lets an unsealed recording come later than it was made', async () => {
    const dock = tempDock();
    await dock.start(1);
    await dock.enrol(camera);
    await dock.accept(camera, 2, { signed: { suite: 1, counter: 2 } });
    await dock.accept(camera, 1, { signed: { counter: 1 } });
    expect(failures(await dock.verify())).not.toContain('seal-off');
  });
});

describe('what is missing', () => {
  // Goal: what the dock says it misses is listed until it says that it found it. Method: a gap that shrinks, then closes.
  it('is listed until it is found', async () => {
    const dock = tempDock();
    await dock.enrol(camera);
    await dock.accept(camera, 1);
    for (const n of [2, 3, 4]) dock.record(camera, n);
    await dock.accept(camera, 5);
    const gap = { camera, kind: 'gap', counterFrom: 2, counterTo: 4 } as const;
    const smaller = { ...gap, counterTo: 3 };
    const found = { type: 'found', at: dock.at(), because: 'accepted' } as const;
    const listed = async (): Promise<readonly string[]> =>
      (await dock.verify()).findings
        .filter(({ code }) => code === 'missing-footage')
        .map(({ message }) => message.replace(/.*: /, ''));
    await dock.append({ type: 'missing', at: dock.at(), ...gap });
    expect(await listed()).toEqual(['gap, recording 2 to 4']);
    await dock.append({ type: 'missing', at: dock.at(), ...smaller }, { ...found, ...gap });
    expect(await listed()).toEqual(['gap, recording 2 to 3']);
    await dock.append({ ...found, ...smaller });
    expect(await listed()).toEqual([]);
  });

  // Goal: a dock that passes over a gap in silence is noticed. Method: a gap, then another start; then a name for it.
  it('is noticed where the dock says nothing', async () => {
    const dock = tempDock();
    await dock.start(1);
    await dock.enrol(camera);
    dock.record(camera, 1);
    await dock.accept(camera, 2);
    expect(notes(await dock.verify())).toEqual(['counter-gap']);
    await dock.start(2);
    expect(notes(await dock.verify())).toEqual(['counter-gap', 'counter-gap-hidden']);
    const gap = { camera, kind: 'gap', counterFrom: 1, counterTo: 1 } as const;
    await dock.append({ type: 'missing', at: dock.at(), ...gap });
    expect(notes(await dock.verify())).toEqual(['missing-footage', 'counter-gap']);
  });

  // Goal: what was refused is in quarantine and not missing, and nobody hides a gap behind it. Method: a refused recording
  // whose camera signed it, one that somebody else signed, and entries that lie about its number.
  it('is not what was refused, when its camera signed the number', async () => {
    const between = async (how: Parameters<DockFolder['refuse']>[2]): Promise<Report> => {
      const dock = tempDock();
      await dock.start(1);
      await dock.enrol(camera);
      await dock.accept(camera, 1);
      await dock.refuse(camera, 2, how);
      await dock.accept(camera, 3);
      await dock.start(2);
      return dock.verify();
    };
    const hidden = ['counter-gap', 'counter-gap-hidden'];
    const signed = await between({});
    expect([failures(signed), notes(signed)]).toEqual([[], []]);
    const forged = await between({ forged: newKey() });
    expect([failures(forged), notes(forged)]).toEqual([[], hidden]);
    const lied = await between({ forged: newKey(), said: { counter: 2 } });
    expect(failures(lied)).toEqual(['manifest-signature']);
    const other = await between({ said: { counter: 7 } });
    expect([failures(other), notes(other)]).toEqual([['manifest-mismatch'], hidden]);
  });

  // Goal: damage that the dock reports is noted until it is repaired. Method: one entry of each.
  it('is noted when it is damaged', async () => {
    const dock = await sealedDock();
    const what = { recording, manifest: 'e'.repeat(64), what: 'chunk', chunk: 2 } as const;
    await dock.append({ type: 'damaged', at: dock.at(), ...what, expected: 'e'.repeat(64), found: '' });
    expect(notes(await dock.verify())).toEqual(['damaged']);
    await dock.append({ type: 'repaired', at: dock.at(), ...what, from: 'mirror' });
    expect(notes(await dock.verify())).toEqual([]);
  });
});

describe('destruction', () => {
  const retain = async (dock: DockFolder, until = dock.at(), which = recording): Promise<void> =>
    dock.append({ type: 'retained', at: dock.at(), recording: which, rule: 'r', until });
  const destroy = async (dock: DockFolder, change: Partial<EntryOf<'destroyed'>> = {}): Promise<void> => {
    const manifest = sha256Hex(readFileSync(fileOf(dock, 'manifest')));
    const about = { recording, manifest, wraps: sha256Hex(wrapsFor(1)), bytes: 3600 };
    const why = { rule: 'r', decision: 'f'.repeat(64) };
    await dock.append({ type: 'destroyed', at: dock.at(), ...about, ...why, ...change });
    for (const name of ['chunks', 'wraps']) rmSync(fileOf(dock, name), { force: true });
  };

  // Goal: what was destroyed is gone, and its proof is not. Method: destroy, then leave each file behind or take it away.
  it('leaves the proof and nothing else', async () => {
    const dock = await sealedDock();
    const kept = ['chunks', 'wraps'].map((name) => [name, readFileSync(fileOf(dock, name))] as const);
    await retain(dock);
    await destroy(dock);
    expect((await dock.verify()).findings).toEqual([]);
    for (const [name, bytes] of kept) {
      writeFileSync(fileOf(dock, name), bytes);
      expect(failures(await dock.verify())).toEqual(['content-remains']);
      rmSync(fileOf(dock, name));
    }
    rmSync(fileOf(dock, 'stamps'));
    expect(failures(await dock.verify())).toEqual(['stamps-mismatch']);
    rmSync(fileOf(dock, 'manifest'));
    expect(failures(await dock.verify())).toEqual(['recording-missing', 'stamps-mismatch']);
  });

  // Goal: a legal hold and a promised time protect. Method: destroy under each, and after each has ended.
  it('obeys holds and terms', async () => {
    const court = { reason: 'court', recording } as const;
    const docks = await Promise.all(Array.from({ length: 6 }, sealedDock));
    const [held, free, other, kept, over, never] = docks;
    for (const dock of [held, free, other]) {
      await dock?.append({ type: 'hold.placed', at: dock.at(), ...court, by: PERSON });
      if (dock !== undefined) await retain(dock);
    }
    await free?.append({ type: 'hold.lifted', at: free.at(), ...court, by: PERSON });
    await other?.append({ type: 'hold.lifted', at: other.at(), ...court, by: OTHER });
    if (kept !== undefined) await retain(kept, '2030-01-01T00:00:00.000000Z');
    if (over !== undefined) await retain(over);
    const found = [];
    for (const dock of docks) {
      await destroy(dock);
      found.push(failures(await dock.verify()));
    }
    expect(found).toEqual([['sequence'], [], ['sequence'], ['sequence'], [], ['sequence']]);
    expect((await never?.verify())?.findings[0]?.message).toMatch(/nothing said until when/);
  });

  // Goal: the time of what was refused ends too. Method: destroy a quarantined recording; the one beside it stays.
  it('may end a quarantine', async () => {
    const dock = await sealedDock();
    await dock.refuse(camera, 2);
    const folder = readdirSync(join(dock.dir, 'quarantine'))[0] ?? '';
    const manifest = sha256Hex(readFileSync(join(dock.dir, 'quarantine', folder, 'manifest')));
    const why = { rule: 'r', decision: 'f'.repeat(64), wraps: '', bytes: 3600 };
    await retain(dock, dock.at(), recordingId(2));
    await dock.append({ type: 'destroyed', at: dock.at(), recording: recordingId(2), manifest, ...why });
    expect(failures(await dock.verify())).toEqual([]);
  });

  // Goal: what is destroyed is what was accepted, once. Method: another manifest, and wraps that were not there.
  it.each([{ manifest: 'e'.repeat(64) }, { wraps: '' }])('finds an entry with %o', async (change) => {
    const dock = await sealedDock();
    await destroy(dock, change);
    expect(failures(await dock.verify())).toContain('sequence');
  });
});

describe('who else has seen the log', () => {
  // Goal: two checkpoints of one size are two logs. Method: the same key over two folders; each alone is fine.
  it('finds a log that forked', async () => {
    const [one, other] = [tempDock(), tempDock()];
    const twin = tempDock(one);
    await one.fill(5);
    await twin.fill(3);
    await twin.start(1);
    await twin.fill(1);
    const [ours, theirs] = [join(one.ledgerDir, 'checkpoint'), join(twin.ledgerDir, 'checkpoint')];
    const log = { dir: one.ledgerDir, vkey: one.vkey };
    expect((await verifyLedger({ ...log, since: [ours] })).ok).toBe(true);
    expect(failures(await verifyLedger({ ...log, since: [theirs] }))).toEqual(['forked']);
    await one.fill(2);
    const kept = join(other.dir, 'kept');
    writeFileSync(kept, readFileSync(ours));
    await one.fill(1);
    await twin.fill(2);
    const report = await verifyLedger({ ...log, since: [kept, theirs] });
    expect(failures(report)).toEqual(['forked', 'since-mismatch']);
  });

  // Goal: a log rewritten by the holder of its key is found by what cameras signed. Method: a manifest whose ticket is of the
  // log before it was written anew; the same one with the log it belongs to.
  it('finds a log that its cameras saw otherwise', async () => {
    const dock = tempDock();
    await dock.enrol(camera);
    await dock.fill(3);
    const ticket = (await (await dock.ledger()).checkpoint()).note;
    await dock.accept(camera, 1, { signed: { ticket } });
    expect((await dock.verify()).ok).toBe(true);
    const anew = tempDock();
    const copy = tempDock(dock);
    const forged = Object.assign(anew, { key: dock.key, vkey: dock.vkey });
    // Another log from its first entry on: it begins a second later.
    forged.at();
    for (const [id, state] of copy.cameras)
      forged.cameras.set(id, { ...state, counter: 0, root: new Uint8Array() });
    const publicKey = Buffer.from(copy.cameras.get(camera)?.key.publicKey ?? []).toString('base64');
    await forged.append({ type: 'device.enrolled', at: forged.at(), camera, publicKey });
    await forged.fill(4);
    await forged.accept(camera, 1, { signed: { ticket } });
    expect(failures(await forged.verify())).toEqual(['ticket-mismatch']);
    // A log that was written shorter than what the camera had seen cannot have had it before.
    const short = tempDock(copy);
    rmSync(short.ledgerDir, { recursive: true });
    await short.append({ type: 'device.enrolled', at: short.at(), camera, publicKey });
    for (const [id, state] of short.cameras)
      short.cameras.set(id, { ...state, counter: 0, root: new Uint8Array() });
    await short.accept(camera, 1, { signed: { ticket } });
    expect((await short.verify()).findings).toMatchObject([
      { code: 'ticket-mismatch', message: expect.stringMatching(/had seen 4 entries/) as string },
    ]);
  });

  // Goal: what a camera keeps shows a log that was set back, without the dock's help. Method: the camera's own code keeps a
  // checkpoint, and one of another dock; the log as it is, and as it was.
  it('asks the memory of a camera', async () => {
    const dock = tempDock();
    await dock.fill(2);
    await dock.close();
    const early = join(dock.dir, 'early');
    cpSync(dock.ledgerDir, early, { recursive: true });
    await dock.fill(2);
    const [flash, other] = [join(dock.dir, 'flash'), tempDock()];
    await other.fill(9);
    const tickets = await openTickets(flash);
    for (const [name, from] of [
      ['dock-1', dock],
      ['dock-2', other],
    ] as const) {
      const { note, size } = await (await from.ledger()).checkpoint();
      await tickets.keep({ dockId: name, note, size, root: new Uint8Array(32) });
    }
    const asked = { vkey: dock.vkey, cameras: [flash] };
    expect((await verifyLedger({ ...asked, dir: dock.ledgerDir })).findings).toEqual([]);
    expect(failures(await verifyLedger({ ...asked, dir: early }))).toEqual(['log-truncated']);
    writeFileSync(join(flash, 'tickets/dock-1'), 'spoilt');
    expect(failures(await verifyLedger({ ...asked, dir: early }))).toEqual(['since-signature']);
  });

  // Goal: a checkpoint counts when enough witnesses signed it. Method: one of two; a line that does not hold.
  it('asks for a quorum of witnesses', async () => {
    const dock = tempDock();
    await dock.fill(2);
    const path = join(dock.ledgerDir, 'checkpoint');
    const note = readFileSync(path, 'utf8');
    const keys = ['north', 'south'].map((name) => ({ name, ...newKey(), sha256: nodeChecker.sha256 }));
    const vkeys = keys.map(({ name, publicKey }) => formatCosignerVkey(name, publicKey, nodeChecker.sha256));
    const lines = keys.map((key) => cosign(splitNote(note).text, { ...key, timeS: 1_790_000_000 }));
    const log = { dir: dock.ledgerDir, vkey: dock.vkey };
    const asked = async (quorum: number): Promise<readonly string[]> =>
      failures(await verifyLedger({ ...log, witnesses: { witnesses: vkeys, quorum } }));
    expect(await asked(1)).toEqual(['quorum']);
    writeFileSync(path, note + (lines[0] ?? ''));
    expect([await asked(1), await asked(2)]).toEqual([[], ['quorum']]);
    writeFileSync(path, note + lines.join(''));
    expect(await asked(2)).toEqual([]);
    writeFileSync(path, note + (lines[0] ?? '').replace(/.{8}\n$/, 'AAAAAAA=\n'));
    expect(await asked(1)).toEqual(['quorum']);
  });
});

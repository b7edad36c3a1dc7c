import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../../../../dock/ledger/verify/verify.ts';
import { toBase64, utf8 } from '../../../../../proto/bytes.ts';
import { encodeEntry } from '../../../../../proto/custody-entry.ts';
import { cameraId, type DockFolder, failures, notes, PERSON, recordingId, SESSION, tempDock } from './rig.ts';

describe('the rules of the entries', () => {
  const grant = { grant: 'b'.repeat(64), grantId: 'g', purpose: 'oversight', keyThumbprint: 't' } as const;
  const about = { recording: recordingId(1), person: PERSON } as const;

  // Goal: acts that the dock's rules forbid are found. Method: one log each with the act where it may not be.
  it.each([
    [
      'erased before it was accepted',
      { type: 'erased', recording: recordingId(1), camera: cameraId('cam-1') },
    ],
    ['granted before it was accepted', { type: 'granted', ...about, ...grant, session: SESSION }],
    ['viewed without a grant', { type: 'viewed', ...about, session: SESSION }],
    [
      'withheld before it was accepted',
      { type: 'withheld', ...about, reason: 'r', missing: [], regime: 'doj' },
    ],
    ['revoked without a release', { type: 'revoked', ...about, reason: 'r' }],
  ] as const)('finds %s', async (_what, draft) => {
    const dock = tempDock();
    await dock.append({ ...draft, at: dock.at() });
    expect(failures(await dock.verify())).toEqual(['sequence']);
  });

  // Goal: a camera the ledger does not know cannot have been accepted. Method: leave its enrolment out.
  it('finds a camera that was never enrolled', async () => {
    const dock = tempDock();
    await dock.enrol(cameraId('cam-1'));
    const { key } = dock.cameras.get(cameraId('cam-1')) ?? {};
    if (key !== undefined) dock.cameras.set(cameraId('cam-9'), { key, counter: 0, root: new Uint8Array() });
    await dock.accept(cameraId('cam-9'), 1);
    expect(failures(await dock.verify())).toEqual(['sequence', 'manifest-signature']);
  });

  // Goal: entries that are none are found, those of another version are noted. Method: append bytes past the encoder.
  it('tells a malformed entry from an unknown one', async () => {
    const dock = tempDock();
    const ledger = await dock.ledger();
    mkdirSync(dock.store);
    await ledger.appendOnce('a', utf8(`{"at":"${dock.at()}","type":"melted","v":1}`));
    await ledger.appendOnce('b', utf8(`{"at":"${dock.at()}","type":"melted","v":1}`));
    const unknown = await dock.verify();
    expect([unknown.ok, notes(unknown), unknown.entries]).toEqual([true, ['entry-unknown'], { melted: 2 }]);
    await ledger.appendOnce('c', utf8('{"type": "erased"}'));
    expect(failures(await dock.verify())).toEqual(['entry-malformed']);
  });

  // Goal: a camera's recordings form one chain. Method: a gap, a repeat, a wrong predecessor, a new key.
  it('follows each camera from recording to recording', async () => {
    const camera = cameraId('cam-1');
    const chain = async (entries: (dock: DockFolder) => Promise<void>): Promise<Report> => {
      const dock = tempDock();
      await dock.enrol(camera);
      await entries(dock);
      return dock.verify({ dir: dock.ledgerDir });
    };
    const gap = await chain(async (dock) => {
      await dock.accept(camera, 1);
      dock.record(camera, 2);
      await dock.accept(camera, 3);
    });
    expect([gap.ok, notes(gap)]).toEqual([true, ['counter-gap']]);
    const outOfOrder = await chain(async (dock) => {
      const state = dock.cameras.get(camera);
      await dock.accept(camera, 1);
      const after = state && { ...state };
      dock.record(camera, 2);
      await dock.accept(camera, 3);
      if (after !== undefined) dock.cameras.set(camera, after);
      await dock.accept(camera, 2);
    });
    expect(outOfOrder.findings).toEqual([]);
    const anew = await chain(async (dock) => {
      await dock.accept(camera, 1);
      await dock.enrol(camera);
      await dock.accept(camera, 2);
    });
    expect(anew.findings.map(({ code }) => code)).toEqual(['camera-rekeyed']);
    const repeated = await chain(async (dock) => {
      await dock.accept(camera, 1);
      const state = dock.cameras.get(camera);
      if (state !== undefined) Object.assign(state, { counter: 0, root: new Uint8Array() });
      await dock.accept(camera, 2);
    });
    expect(failures(repeated)).toEqual(['counter-repeat']);
    // The same key once more is no new camera; the dock's own append key would keep the entry out.
    const again = await chain(async (dock) => {
      await dock.accept(camera, 1);
      const state = dock.cameras.get(camera);
      if (state === undefined) return;
      const publicKey = toBase64(state.key.publicKey);
      const entry = { type: 'device.enrolled', at: dock.at(), camera, publicKey } as const;
      await (await dock.ledger()).appendOnce('again', encodeEntry(entry));
      Object.assign(state, { counter: 0, root: new Uint8Array() });
      await dock.accept(camera, 2);
    });
    expect(failures(again)).toEqual(['counter-repeat']);
    const foreign = await chain(async (dock) => {
      await dock.accept(camera, 1);
      const state = dock.cameras.get(camera);
      if (state !== undefined) state.root = new Uint8Array(32);
      await dock.accept(camera, 2);
    });
    expect(failures(foreign)).toEqual(['chain-mismatch']);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { recordExport } from '../../../../dock/keep/exported.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Holding } from '../../../../dock/ports.ts';
import { toHex, utf8 } from '../../../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { MemoryStore } from '../../../../sim/fault/memory-store.ts';
import type { KeptRecording } from '../../../../sim/fault/memory-vault.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';

// Goal: the ledger says of nothing that it left but of what is held, and of opened footage only under its own grant; so whoever
// has the dock's socket cannot make it say so. Method: a store and a log in memory, and one request for each rule.

const signer = makeSigner('camera');
const sealed = makeRecording(1, [200], { signer, isSealed: true });
const open = makeRecording(2, [200], { signer });
const refused = makeRecording(3, [200], { signer });
const STAMP = { receivedAtUs: 1_800_000_000_000_000, uncertaintyUs: 1_000, basis: 'local' } as const;
const [PERSON, OTHER, GRANT] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
/** Two parts of one recording, as the policy service signed them, and a third that the ledger does not name. */
const PARTS = ['eyJ.part.one', 'eyJ.part.two'] as const;
const UNNAMED = 'eyJ.part.three';
const digest = (...grants: readonly string[]): string => toHex(nodeChecker.sha256(utf8(grants.join(''))));

let store: MemoryStore;
let ledger: MemoryLedger;

async function keep({ recording, content }: KeptRecording, state: 'held' | 'quarantined'): Promise<void> {
  const { recordingId, signedManifest, contentBytes, wraps } = recording;
  const about = { recordingId, cameraId: CAMERA, transport: 'mqtt', contentBytes } as const;
  const manifestSha256 = nodeChecker.sha256(signedManifest);
  const lease = await store.lease({ ...about, manifestSha256, manifestBytes: signedManifest.length });
  await store.putManifest(lease, signedManifest, wraps);
  await store.putChunk(lease, 0, nodeChecker.sha256(content), content, STAMP);
  await store.rehash(lease);
  const reason = 'root-mismatch';
  await store.settle(lease, state === 'held' ? { state, entryIndex: 0 } : { state, entryIndex: 0, reason });
}

beforeEach(async () => {
  store = new MemoryStore();
  ledger = new MemoryLedger({
    origin: 'test.example/dock-1',
    ...makeSigner('ledger'),
    sha256: nodeChecker.sha256,
  });
  await keep(sealed, 'held');
  await keep(open, 'held');
  await keep(refused, 'quarantined');
  for (const [place, grant] of [GRANT, ...PARTS.map((part) => digest(part))].entries()) {
    const granted: CustodyEntry = {
      ...{ type: 'granted', at: '2026-11-22T10:00:00.000000Z', recording: open.recording.recordingId },
      ...{ person: PERSON, grant, grantId: `g${place}`, purpose: 'oversight', session: GRANT },
      keyThumbprint: 't',
    };
    await ledger.appendOnce(entryKey(granted), encodeEntry(granted));
  }
});

const under = (...grants: readonly string[]) => ({ grant: digest(...grants), grants });
const told = ({ recording }: KeptRecording) => ({
  recording: recording.recordingId,
  manifest: toHex(nodeChecker.sha256(recording.signedManifest)),
});
const ask = (body: unknown, holdings: Parameters<typeof recordExport>[1]['holdings'] = store) =>
  recordExport(body, { holdings, ledger, clock: new ManualClock() });

describe('an export is recorded', () => {
  it('sealed, of what is held and sealed', async () => {
    const { index } = await ask({ ...told(sealed), form: 'sealed', note: 'not part of it' });
    const [entry = new Uint8Array()] = await ledger.read(index, index + 1);
    expect(decodeEntry(entry)).toEqual({
      ...{ type: 'exported', at: expect.any(String) as string },
      ...{ ...told(sealed), form: 'sealed' },
    });
  });

  it('opened, under the grant that the ledger has named', async () => {
    expect(await ask({ ...told(open), form: 'opened', person: PERSON, grant: GRANT })).toEqual({ index: 3 });
  });

  // Goal: what is longer than one grant leaves as well. Method: the grants themselves, beside the digest over all of them.
  it('opened, under several grants that the ledger has named', async () => {
    const body = { ...told(open), form: 'opened', person: PERSON, grant: digest(...PARTS), grants: PARTS };
    const { index } = await ask(body);
    const [entry = new Uint8Array()] = await ledger.read(index, index + 1);
    expect(decodeEntry(entry)).toMatchObject({ type: 'exported', grant: digest(...PARTS) });
    expect(decodeEntry(entry)).not.toHaveProperty('grants');
  });
});

describe('an export is refused', () => {
  const opened = { form: 'opened', person: PERSON, grant: GRANT } as const;
  it.each<readonly [string, string, unknown]>([
    ['BAD_REQUEST', 'that says nothing', undefined],
    ['BAD_REQUEST', 'in no known form', { ...told(sealed), form: 'whole' }],
    ['BAD_REQUEST', 'sealed, and under a grant', { ...told(sealed), form: 'sealed', grant: GRANT }],
    ['BAD_REQUEST', 'opened by nobody', { ...told(open), form: 'opened', grant: GRANT }],
    ['NOT_HELD', 'of what never came', { ...told(sealed), recording: 'ee'.repeat(16), form: 'sealed' }],
    ['NOT_HELD', 'of what was refused', { ...told(refused), form: 'sealed' }],
    ['OTHER_MANIFEST', 'of another manifest', { ...told(sealed), manifest: GRANT, form: 'sealed' }],
    ['NOT_SEALED', 'sealed, of what no camera sealed', { ...told(open), form: 'sealed' }],
    ['NO_GRANT', 'under a grant that nobody gave', { ...told(open), ...opened, grant: OTHER }],
    ['NO_GRANT', 'by somebody else', { ...told(open), ...opened, person: OTHER }],
    ['NO_GRANT', "under another recording's grant", { ...told(sealed), ...opened }],
    [
      'NO_GRANT',
      'under one of several that nobody gave',
      { ...told(open), ...opened, ...under(PARTS[0], UNNAMED) },
    ],
    [
      'NO_GRANT',
      'under several, by somebody else',
      { ...told(open), ...opened, ...under(...PARTS), person: OTHER },
    ],
    ['BAD_REQUEST', 'under others than those it names', { ...told(open), ...opened, grants: PARTS }],
    ['BAD_REQUEST', 'under none', { ...told(open), ...opened, grants: [] }],
    ['BAD_REQUEST', 'under what is no grant', { ...told(open), ...opened, grants: [7] }],
  ])('as %s, %s', async (code, _what, body) => {
    await expect(ask(body)).rejects.toMatchObject({ code, retry: 'never' });
    expect((await ledger.checkpoint()).size).toBe(3);
  });

  it('of what was destroyed, and of what cannot be read', async () => {
    const [holding] = await store.list();
    if (holding === undefined) throw new TypeError('nothing is held');
    const { signedManifest, ...damaged } = holding;
    expect(signedManifest).toBeDefined();
    const gone: Holding = { ...holding, state: 'destroyed' };
    const body = { ...told(sealed), form: 'sealed' };
    const asked = (here: Holding | undefined, all: readonly Holding[]): Promise<unknown> =>
      ask(body, { find: async () => here, list: async () => all });
    await expect(asked(undefined, [gone])).rejects.toMatchObject({ code: 'DESTROYED' });
    await expect(asked(damaged, [damaged])).rejects.toMatchObject({ code: 'NOT_SEALED' });
  });
});

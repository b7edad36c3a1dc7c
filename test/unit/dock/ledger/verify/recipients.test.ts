import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readRecipient } from '../../../../../dock/keys/recipient.ts';
import { nodeChecker } from '../../../../../dock/ledger/checker.ts';
import { formatIdentity, type Identity, recipientThumbprint } from '../../../../../proto/identity.ts';
import { cameraId, type DockFolder, failures, notes, recordingId, tempDock } from './rig.ts';

const camera = cameraId('cam-1');
const thumbprint = (who: number): string => Buffer.alloc(32, who).toString('base64url');

/** Three sealed recordings of one camera, the last ones for a second recipient too. */
async function planted(): Promise<DockFolder> {
  const dock = tempDock();
  await dock.start(1);
  await dock.enrol(camera);
  for (const n of [1, 2, 3]) {
    if (n === 2) dock.recipients = [1, 9];
    await dock.accept(camera, n, { signed: { suite: 1 } });
  }
  return dock;
}

// Goal: a key planted in a camera is found by whoever knows who may open what. Method: name one recipient, both, and another one.
it('finds a recipient that was not named', async () => {
  const dock = await planted();
  const report = await dock.verify({ recipients: [thumbprint(1)] });
  const unknown = report.findings.filter(({ code }) => code === 'recipient-unknown');
  expect(unknown.map(({ file }) => file)).toEqual([`${recordingId(2)}/wraps`, `${recordingId(3)}/wraps`]);
  expect(unknown[0]?.message).toContain(thumbprint(9));
  expect([report.ok, failures(report), notes(report)]).toEqual([false, ['recipient-unknown'], []]);
  const both = await dock.verify({ recipients: [thumbprint(1), thumbprint(9)] });
  expect([both.ok, both.findings]).toEqual([true, []]);
  expect(failures(await dock.verify({ recipients: [thumbprint(2)] }))).toEqual(['recipient-unknown']);
});

// Goal: who names nobody still sees a change, once and where it happened; the order of the wraps is none. Method: the same dock.
it('notes where recipients change', async () => {
  const dock = await planted();
  dock.recipients = [9, 1];
  await dock.accept(camera, 4, { signed: { suite: 1 } });
  const report = await dock.verify();
  expect([report.ok, notes(report)]).toEqual([true, ['recipients-changed']]);
  expect(report.findings[0]?.file).toBe(`${recordingId(2)}/wraps`);
});

// Goal: a recipient can be named as people have it. Method: thumbprint in both spellings, its file, and what is none.
it('reads a recipient from a thumbprint or an identity', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-recipient-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const publicKey = Uint8Array.from({ length: 65 }, (_, at) => (at === 0 ? 4 : at));
  const file = (identity: Identity): string => {
    const path = join(dir, `${identity.kind}.json`);
    writeFileSync(path, formatIdentity(identity));
    return path;
  };
  const custodian = file({ kind: 'custodian', id: 'one', publicKey });
  const other = file({ kind: 'camera', id: camera, publicKey: publicKey.subarray(0, 32) });
  const digest = recipientThumbprint(publicKey, nodeChecker.sha256);
  const expected = Buffer.from(digest).toString('base64url');
  expect(readRecipient(expected)).toBe(expected);
  expect(readRecipient(Buffer.from(digest).toString('hex'))).toBe(expected);
  expect(readRecipient(custodian)).toBe(expected);
  expect(() => readRecipient(other)).toThrow(expect.objectContaining({ code: 'KEY_BAD' }));
  expect(() => readRecipient(join(dir, 'none.json'))).toThrow(
    expect.objectContaining({ code: 'KEY_MISSING' }),
  );
});

import { describe, expect, it } from 'vitest';
import { mayErase } from '../../../../device/vault/vault.ts';
import { peekManifest } from '../../../../proto/manifest.ts';
import type { ReceiptBody } from '../../../../proto/messages.ts';
import { chunkOf, headerOf, idOf, manifestOf, sha256 } from '../camera-kit.ts';

const signedManifest = manifestOf(headerOf(1), [chunkOf(0, 10).info]);
const recording = { ...peekManifest(signedManifest), signedManifest };
const receipt: ReceiptBody = {
  outcome: 'accepted',
  recordingId: idOf(1),
  manifestSha256: sha256(signedManifest),
  entry: new Uint8Array(),
  proof: '',
  reason: '',
};

describe('what may be erased', () => {
  // Goal: a receipt frees exactly what it names, whether the dock accepted it or set it aside. Method: both outcomes,
  // then one wrong name each.
  it.each(['accepted', 'quarantined'] as const)('what an %s receipt names', (outcome) => {
    expect(mayErase(recording, sha256(signedManifest), { ...receipt, outcome })).toEqual({
      verdict: 'erase',
    });
  });

  it('not what a receipt for another recording names', () => {
    expect(mayErase(recording, sha256(signedManifest), { ...receipt, recordingId: idOf(2) })).toEqual({
      verdict: 'stale',
    });
  });

  it('not this recording under another manifest', () => {
    const other = { ...receipt, manifestSha256: sha256(Uint8Array.of(1)) };
    expect(mayErase(recording, sha256(signedManifest), other)).toMatchObject({ verdict: 'keep' });
    const short = { ...receipt, manifestSha256: receipt.manifestSha256.subarray(0, 31) };
    expect(mayErase(recording, sha256(signedManifest), short)).toMatchObject({ verdict: 'keep' });
  });
});

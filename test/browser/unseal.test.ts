import { OpenError } from '@hpke/core';
import { describe, expect, it } from 'vitest';
import { sealChunk } from '../../device/seal/seal-chunk.ts';
import { hpkeSeal } from '../../dock/policy/custodian/hpke.ts';
import { makeReceivingKey } from '../../dock/viewer/page/page-key.ts';
import { ChunkKeys } from '../../dock/viewer/page/unseal.ts';
import { concat, equal, fromBase64 } from '../../proto/bytes.ts';
import { chunkKey } from '../../proto/chunk-key.ts';
import { keysInfo, type KeyRange } from '../../proto/key-range.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { recordingId } from '../unit/proto/fixture.ts';
import { hmacSha256 } from '../unit/proto/seal-fixture.ts';

// Goal: the page opens exactly what a camera sealed and a custodian handed over, and nothing else.
// Method: the page's own code on Node's WebCrypto, which needs no browser; the camera's and the custodian's on the other side.

const recordingKey = Uint8Array.from({ length: 32 }, (_, at) => at * 3);
const range: KeyRange = { recording: recordingId, start: 5, end: 8 };
const place = (index: number) => ({ recording: recordingId, index });

/** Chunk keys as the custodian seals them to that page. */
async function handed(receiving: Awaited<ReturnType<typeof makeReceivingKey>>, of: KeyRange = range) {
  const keys = Array.from({ length: range.end - range.start }, (_, at) =>
    chunkKey(recordingKey, place(range.start + at), hmacSha256),
  );
  const standard = (symbols: string): Uint8Array =>
    fromBase64(`${symbols.replaceAll('-', '+').replaceAll('_', '/')}=`);
  const { x, y } = receiving.jwk;
  const point = concat(Uint8Array.of(4), standard(x), standard(y));
  return hpkeSeal(concat(...keys), { point, info: keysInfo(of) });
}

const sealed = (index: number, plain: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(sealChunk({ recordingKey, ...place(index) }, plain, new Uint8Array(24).fill(index)));

async function keysOfPage(): Promise<ChunkKeys> {
  const receiving = await makeReceivingKey();
  return ChunkKeys.open(range, await handed(receiving), receiving.pair);
}

describe('chunk keys in the page', () => {
  it.each([1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, CHUNK_BYTES_MAX])(
    'open a chunk of %i B',
    async (bytes) => {
      const plain = Uint8Array.from({ length: bytes }, (_, at) => (at * 31) % 251);
      const keys = await keysOfPage();
      for (const index of [5, 7]) {
        const opened = await keys.unseal(index, sealed(index, plain));
        expect(equal(opened, plain), `chunk ${index}`).toBe(true);
      }
    },
  );

  it('open no chunk in the place of another, none that is damaged, and none once they are forgotten', async () => {
    const keys = await keysOfPage();
    const stored = sealed(6, new Uint8Array(40_000).fill(9));
    await expect(keys.unseal(5, stored)).rejects.toMatchObject({ code: 'SEAL_COMMITMENT' });
    const damaged = stored.slice();
    damaged[20_000] = (damaged[20_000] ?? 0) ^ 1;
    await expect(keys.unseal(6, damaged)).rejects.toMatchObject({ code: 'SEAL_SEGMENT' });
    await expect(keys.unseal(8, stored)).rejects.toMatchObject({ code: 'SEAL_KEY' });
    keys.forget();
    await expect(keys.unseal(6, stored)).rejects.toMatchObject({ code: 'SEAL_COMMITMENT' });
  });

  it('are taken for their own range and page only', async () => {
    const receiving = await makeReceivingKey();
    const other = await makeReceivingKey();
    const sealedKeys = await handed(receiving);
    expect(receiving.pair.privateKey.extractable).toBe(false);
    await expect(ChunkKeys.open(range, sealedKeys, other.pair)).rejects.toThrow(OpenError);
    await expect(ChunkKeys.open({ ...range, end: 9 }, sealedKeys, receiving.pair)).rejects.toThrow(OpenError);
    const wider = { ...range, end: 9 };
    await expect(ChunkKeys.open(wider, await handed(receiving, wider), receiving.pair)).rejects.toThrow(
      /chunks/,
    );
  });

  // Goal: playing does not wait for opening. A chunk of this size is half a second of footage at 4 Mbit/s.
  it('open a second of footage in far less than a second', async () => {
    const keys = await keysOfPage();
    const stored = sealed(5, new Uint8Array(CHUNK_BYTES_MAX));
    const begun = performance.now();
    for (let round = 0; round < 20; round += 1) await keys.unseal(5, stored);
    expect((performance.now() - begun) / 20).toBeLessThan(250);
  });
});

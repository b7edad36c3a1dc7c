import { OpenError } from '@hpke/core';
import { describe, expect, it } from 'vitest';
import { checker } from '../../../../device/keys/checker.ts';
import { closeRecording, openSealing, type Sealing } from '../../../../device/seal/seal.ts';
import type { StoredChunk } from '../../../../device/ports.ts';
import { concat, toHex } from '../../../../proto/bytes.ts';
import { openHead } from '../../../../proto/head.ts';
import { encodeManifestHeader, openManifest, peekManifest } from '../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../proto/merkle.ts';
import { wrapInfo } from '../../../../proto/wraps.ts';
import { chunkOf, headerOf, idOf, sha256, testKeys } from '../camera-kit.ts';
import { kept, openChunk, openFilm, recipientOf, sealingKeys, unwrap } from '../open-kit.ts';

const end = { ended: { wallUs: 10, monoUs: 11 }, stopReason: 'docked', marks: [] } as const;
const at = { wallUs: 5, monoUs: 6 };

function sealAll(sealing: Sealing, count: number): readonly StoredChunk[] {
  return Array.from({ length: count }, (_, index) => {
    const { bytes, info } = chunkOf(index, 20_000 + index);
    const { mediaStartMs, mediaMs } = info;
    return kept(sealing.seal({ bytes, mediaStartMs, mediaMs, endOfFragment: index % 2 === 0 }, at));
  });
}

describe('sealing under suite 0', () => {
  // Goal: bytes stay as they are, and what is said of them is true. Method: one chunk.
  it('stores a chunk as it was recorded', async () => {
    const sealing = await openSealing(headerOf(1), testKeys());
    expect(sealing.header).toEqual(headerOf(1));
    const bytes = Uint8Array.of(1, 2, 3);
    const stored = sealing.seal({ bytes, mediaStartMs: 10, mediaMs: 20, endOfFragment: true }, at);
    expect(stored).toMatchObject({
      info: {
        sha256: Buffer.from(sha256(bytes)),
        storedBytes: 3,
        plainBytes: 3,
        mediaStartMs: 10,
        mediaMs: 20,
        endOfFragment: true,
      },
      bytes,
      at,
    });
  });
});

describe('sealing under suite 1', () => {
  const custodian = recipientOf('custodian');
  const recovery = recipientOf('recovery');

  // Goal: what is stored is not what was recorded, and each recipient can make it that again from manifest, wraps and content
  // alone. Method: three chunks, opened by either.
  it('is opened by its recipients', async () => {
    const keys = sealingKeys([custodian, recovery]);
    const header = headerOf(1, { ticket: 'log\n1\n\n— log AAAA\n' });
    const sealing = await openSealing(header, keys);
    expect(sealing.header).toEqual({ ...header, suite: 1 });
    const stored = sealAll(sealing, 3);
    const plain = concat(...stored.map((_, index) => chunkOf(index, 20_000 + index).bytes));
    const chunks = stored.map(({ info }) => info);
    const content = concat(...stored.map(({ bytes }) => bytes));
    const { wraps = new Uint8Array() } = sealing;
    const signedManifest = closeRecording(sealing.header, { chunks, end, wraps }, keys);
    expect(peekManifest(signedManifest)).toMatchObject({ suite: 1, ticket: header.ticket });
    for (const recipient of [custodian, recovery]) {
      expect(toHex(await openFilm({ signedManifest, wraps, content }, recipient))).toBe(toHex(plain));
    }
    expect(toHex(content)).not.toContain(toHex(plain.subarray(0, 16)));
  });

  // Goal: a wrap serves one header and a chunk one place. Method: the same wraps under another officer; a chunk as its neighbour.
  it('binds wraps and chunks to where they belong', async () => {
    const keys = sealingKeys([custodian]);
    const sealing = await openSealing(headerOf(1), keys);
    const { wraps = new Uint8Array() } = sealing;
    const [first] = sealAll(sealing, 1);
    const common = { format: 1, chunkBytesMax: 262_144 };
    const infoOf = (header: ReturnType<typeof headerOf>): Uint8Array =>
      wrapInfo(encodeManifestHeader({ ...header, ...common }), sha256);
    const key = await unwrap(wraps, infoOf(sealing.header), custodian);
    await expect(unwrap(wraps, infoOf({ ...sealing.header, officerId: '9' }), custodian)).rejects.toThrow(
      OpenError,
    );
    const bytes = first?.bytes ?? new Uint8Array();
    expect(openChunk(key, { recording: idOf(1), index: 0 }, bytes)).toHaveLength(20_000);
    expect(() => openChunk(key, { recording: idOf(1), index: 1 }, bytes)).toThrow(/commitment/);
    expect(() => openChunk(key, { recording: idOf(2), index: 0 }, bytes)).toThrow(/commitment/);
  });

  // Goal: no key and no salt serves twice. Method: the same footage in two recordings.
  it('draws a key for each recording and a salt for each chunk', async () => {
    const keys = sealingKeys([custodian]);
    const sealings = [await openSealing(headerOf(1), keys), await openSealing(headerOf(1), keys)];
    const stored = sealings.flatMap((sealing) => sealAll(sealing, 2));
    expect(new Set(keys.drawn.map(({ was }) => toHex(was))).size).toBe(2);
    expect(new Set(stored.map(({ bytes }) => toHex(bytes.subarray(0, 24)))).size).toBe(4);
  });

  // Goal: the key is gone once it is not needed, is nowhere in what the outside sees, and its rest seals nothing. Method: look at
  // the very memory it was in; at every value of the sealing; seal after that.
  it('forgets its key', async () => {
    const keys = sealingKeys([custodian]);
    const sealing = await openSealing(headerOf(1), keys);
    sealAll(sealing, 1);
    const [drawn] = keys.drawn;
    expect(drawn?.is).toEqual(drawn?.was);
    expect(Object.keys(sealing).toSorted()).toEqual(['header', 'wraps']);
    const secret = toHex(drawn?.was ?? new Uint8Array());
    expect(toHex(sealing.wraps ?? new Uint8Array())).not.toContain(secret);
    sealing.forget();
    expect(drawn?.is).toEqual(new Uint8Array(32));
    expect(() => sealAll(sealing, 1)).toThrow(/key is gone/);
  });

  // Goal: a recording that could not be wrapped leaves no key behind. Method: a sealer that fails, and one without recipients.
  it('forgets its key when nobody could be given it', async () => {
    const keys = sealingKeys([]);
    await expect(openSealing(headerOf(1), keys)).rejects.toThrow(/nobody could ever open/);
    const failing = { ...keys, sealer: { wrap: () => Promise.reject(new TypeError('no curve')) } };
    await expect(openSealing(headerOf(1), failing)).rejects.toThrow(/no curve/);
    expect(keys.drawn.map(({ is }) => toHex(is))).toEqual(['00'.repeat(32), '00'.repeat(32)]);
  });
});

// Goal: the camera's signature stands over all chunks so far at the end of each fragment, and nowhere else, sealed or not. Method:
// seven chunks in four fragments; check each head with the camera's key and a root made from nothing.
it.each([0, 1])('signs a head after each fragment (suite %i)', async (suite) => {
  const keys = suite === 1 ? sealingKeys([recipientOf()]) : testKeys();
  const stored = sealAll(await openSealing(headerOf(1), keys), 7);
  const digests = stored.map(({ info }) => info.sha256);
  for (const [index, { head }] of stored.entries()) {
    if (index % 2 === 1) {
      expect(head).toBeUndefined();
      continue;
    }
    const said = openHead(head ?? new Uint8Array(), keys.publicKey, checker);
    expect(said).toMatchObject({ recordingId: idOf(1), chunks: index + 1, at });
    expect(toHex(said.root)).toBe(toHex(recordingRoot(sha256, digests.slice(0, index + 1))));
  }
});

describe('closing', () => {
  // Goal: the manifest says all of header, chunks and end, with the right root and sum, and the camera's signature
  // holds over it and over nothing else. Method: open it with the right key and with another.
  it('signs the whole recording', () => {
    const keys = testKeys();
    const header = headerOf(7, { previousRoot: new Uint8Array(32).fill(3) });
    const chunks = [chunkOf(0, 100), chunkOf(1, 300)].map(({ info }) => info);
    const marks = [{ at: { wallUs: 8, monoUs: 9 }, kind: 'weapon' }];
    const signed = closeRecording(header, { chunks, end: { ...end, marks } }, keys);
    const manifest = openManifest(signed, keys.publicKey, checker);
    const root = recordingRoot(
      sha256,
      chunks.map((chunk) => chunk.sha256),
    );
    expect(manifest).toEqual({
      ...header,
      ...end,
      marks,
      format: 1,
      chunkBytesMax: 262_144,
      chunks,
      contentBytes: 400,
      root,
    });
    expect(() => openManifest(signed, testKeys().publicKey, checker)).toThrow(/signature/);
  });

  // Goal: a manifest cannot say "sealed" without its wraps, nor name wraps without being sealed. Method: both.
  it('refuses wraps that do not fit the suite', () => {
    const chunks = [chunkOf(0, 100)].map(({ info }) => info);
    const wraps = Uint8Array.of(1);
    expect(() => closeRecording(headerOf(1), { chunks, end, wraps }, testKeys())).toThrow(/wrapsSha256/);
    expect(() => closeRecording(headerOf(1, { suite: 1 }), { chunks, end }, testKeys())).toThrow(
      /wrapsSha256/,
    );
  });

  // Goal: what is lost is said, and nothing is said of what is not. Method: three, and none.
  it('says how many chunks are lost', () => {
    const chunks = [chunkOf(0, 100)].map(({ info }) => info);
    const said = (lostChunks: number): number | undefined =>
      peekManifest(closeRecording(headerOf(1), { chunks, end, lostChunks }, testKeys())).lostChunks;
    expect([said(3), said(0)]).toEqual([3, undefined]);
  });
});

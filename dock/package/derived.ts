import { concat, toBase64, toHex, utf8 } from '../../proto/bytes.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { ChunkInfo, Manifest, Moment } from '../../proto/manifest.ts';
import { signedPartsOf } from '../../proto/manifest.ts';
import { chunkName, PATHS } from './layout.ts';

// DER of SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes (RFC 8410 section 4).
const ED25519_SPKI_PREFIX = Uint8Array.of(
  0x30,
  0x2a,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x70,
  0x03,
  0x21,
  0x00,
);

/** A recording's manifest, and the key of its camera that signed it. */
export interface SignedRecording {
  /** Encoded SignedManifest. */
  readonly signed: Uint8Array;
  readonly manifest: Manifest;
  /** Raw Ed25519 key. */
  readonly cameraKey: Uint8Array;
}

/**
 * The files that say again what the manifest says, for people and for tools that do not know its format. Whoever checks a
 * package makes them anew and compares, so they cannot say anything else.
 */
export function derivedFiles(recording: SignedRecording): ReadonlyMap<string, Uint8Array> {
  const { message, signature } = signedPartsOf(recording.signed);
  return new Map([
    [PATHS.manifestText, manifestText(recording.manifest)],
    [PATHS.sums, sums(recording.manifest.chunks)],
    [PATHS.message, message],
    [PATHS.messageSignature, signature],
    [PATHS.cameraKey, publicPem(recording.cameraKey)],
  ]);
}

/** An Ed25519 public key as OpenSSL reads it. */
export function publicPem(publicKey: Uint8Array): Uint8Array {
  const der = toBase64(concat(ED25519_SPKI_PREFIX, publicKey));
  return utf8(`-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`);
}

/** For `sha256sum -c` in `recording/`. */
function sums(chunks: readonly ChunkInfo[]): Uint8Array {
  return utf8(chunks.map(({ sha256 }, index) => `${toHex(sha256)}  ${chunkName(index)}\n`).join(''));
}

function manifestText(manifest: Manifest): Uint8Array {
  const { chunks, marks, ticket, lostChunks, wrapsSha256, mutes, track, ...rest } = manifest;
  const head = {
    ...rest,
    previousRoot: toHex(rest.previousRoot),
    bootId: toHex(rest.bootId),
    triggered: moment(rest.triggered),
    started: moment(rest.started),
    ended: moment(rest.ended),
    root: toHex(rest.root),
    ...(wrapsSha256 === undefined ? {} : { wrapsSha256: toHex(wrapsSha256) }),
    ...(lostChunks === undefined ? {} : { lostChunks }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(mutes === undefined
      ? {}
      : { mutes: mutes.map(({ from, to }) => ({ from: moment(from), to: moment(to) })) }),
    ...(track === undefined ? {} : { track: track.map((point) => ({ ...point, at: moment(point.at) })) }),
    marks: marks.map(({ at, kind }) => ({ at: moment(at), kind })),
  };
  const lines = chunks.map((chunk) => JSON.stringify({ ...chunk, sha256: toHex(chunk.sha256) }));
  return utf8(
    `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "chunks": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
}

function moment({ wallUs, monoUs }: Moment): { readonly wall: string; readonly monoUs: number } {
  return { wall: formatInstant(wallUs), monoUs };
}

/** SHA-256: any bytes to 32 bytes. Passed in, so that a page can bring its own (FIPS 180-4). */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;
/** Ed25519 signature (RFC 8032), 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array;
/** Ed25519: does `signature` by the 32-byte raw `publicKey` hold over `message`? Never throws. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
/** What checking a signed structure needs. */
export interface Checker {
  readonly sha256: Sha256;
  readonly verify: Verify;
}

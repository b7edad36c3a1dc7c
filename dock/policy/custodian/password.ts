import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** How a password is kept: scrypt (RFC 7914); salt and hash in base64. */
export interface PasswordHash {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly hash: string;
}

// 2^15 x 8 x 128 B = 32 MiB and about 0.1 s a try: little for a person, a lot for whoever guesses.
const N = 2 ** 15;
const R = 8;
const P = 1;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** scrypt needs 128 N r bytes; a file that asks for more than this is wrong. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;

/** Stands in for an account that does not exist, so that asking about one takes as long. */
export const NOBODYS_PASSWORD: PasswordHash = {
  n: N,
  r: R,
  p: P,
  salt: Buffer.alloc(SALT_BYTES).toString('base64'),
  hash: Buffer.alloc(HASH_BYTES).toString('base64'),
};

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { n: N, r: R, p: P, salt, bytes: HASH_BYTES });
  return { n: N, r: R, p: P, salt: salt.toString('base64'), hash: hash.toString('base64') };
}

/** Takes the same time for a right and a wrong password. */
export async function isPassword(password: string, kept: PasswordHash): Promise<boolean> {
  const expected = Buffer.from(kept.hash, 'base64');
  const salt = Buffer.from(kept.salt, 'base64');
  const found = await derive(password, { n: kept.n, r: kept.r, p: kept.p, salt, bytes: expected.length });
  return timingSafeEqual(found, expected);
}

interface Cost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly bytes: number;
}

function derive(password: string, { n, r, p, salt, bytes }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: MEMORY_BYTES_MAX };
    // Unicode offers several spellings of one word; keyboards differ in which they send.
    scrypt(password.normalize('NFC'), salt, bytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

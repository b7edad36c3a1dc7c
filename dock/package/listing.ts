import { equal, fromBase64, text, toBase64, utf8 } from '../../proto/bytes.ts';
import type { DockIdentity } from '../../proto/identity.ts';
import { isDockId, isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { parseInstant } from '../../proto/instant.ts';

const PACKAGE_FORMAT = 'holdfast/package@2';
const OTHER_FORMAT = /^holdfast\/package@\d{1,3}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;

/** `sealed`: what the dock stores. `opened`: the footage besides, under a grant. */
export type Form = 'sealed' | 'opened';

/** One file of a package. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What PACKAGE.json says. The dock's key signs its bytes; every other file is named in it. */
export interface Listing {
  readonly form: Form;
  readonly recording: RecordingId;
  /** RFC 3339 UTC, by the clock of whoever made the package. */
  readonly madeAt: string;
  readonly dock: Pick<DockIdentity, 'id' | 'ledger'> & {
    /** Raw Ed25519 key in base64. */
    readonly publicKey: string;
  };
  readonly files: readonly ListedFile[];
}

/** The dock as a listing names it. */
export function namedDock({ id, publicKey, ledger }: DockIdentity): Listing['dock'] {
  return { id, publicKey: toBase64(publicKey), ledger };
}

/** PACKAGE.json, one line a file, always the same bytes for the same listing. */
export function formatListing(listing: Listing): Uint8Array {
  const { form, recording, madeAt, dock } = listing;
  const head = { format: PACKAGE_FORMAT, form, recording, madeAt, dock: pick(dock) };
  const lines = listing.files.map(({ path, bytes, sha256 }) => JSON.stringify({ path, bytes, sha256 }));
  return utf8(`${JSON.stringify(head).slice(0, -1)},"files":[\n${lines.join(',\n')}\n]}\n`);
}

/** Inverse of {@link formatListing}; undefined for what is not exactly as it is written there. */
export function parseListing(bytes: Uint8Array): Listing | undefined {
  let listing: Listing | undefined;
  try {
    listing = listingOf(JSON.parse(text(bytes)));
  } catch {
    return undefined;
  }
  return listing !== undefined && equal(formatListing(listing), bytes) ? listing : undefined;
}

/** The format that a listing says it has, when it is that of another version; undefined for anything else. */
export function otherFormat(bytes: Uint8Array): string | undefined {
  try {
    const { format } = object(JSON.parse(text(bytes)));
    const isOther = typeof format === 'string' && OTHER_FORMAT.test(format) && format !== PACKAGE_FORMAT;
    return isOther ? format : undefined;
  } catch {
    return undefined;
  }
}

function pick({ id, publicKey, ledger }: Listing['dock']): Listing['dock'] {
  return { id, publicKey, ledger };
}

function listingOf(value: unknown): Listing | undefined {
  const { format, form, recording, madeAt, dock, files } = object(value);
  if (format !== PACKAGE_FORMAT || (form !== 'sealed' && form !== 'opened')) return undefined;
  if (typeof recording !== 'string' || !isRecordingId(recording)) return undefined;
  if (typeof madeAt !== 'string' || parseInstant(madeAt) === undefined) return undefined;
  const { id, publicKey, ledger } = object(dock);
  if (typeof id !== 'string' || !isDockId(id) || typeof ledger !== 'string') return undefined;
  if (typeof publicKey !== 'string' || !PUBLIC_KEY.test(publicKey) || !Array.isArray(files)) return undefined;
  // Throws for digits that no bytes have.
  fromBase64(publicKey);
  return { form, recording, madeAt, dock: { id, publicKey, ledger }, files: files.map(fileOf) };
}

function fileOf(value: unknown): ListedFile {
  const { path, bytes, sha256 } = object(value);
  if (typeof path !== 'string' || typeof sha256 !== 'string' || !DIGEST.test(sha256))
    throw new TypeError('not a file');
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new TypeError('not a size');
  return { path, bytes, sha256 };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('not an object');
  return Object.fromEntries(Object.entries(value));
}

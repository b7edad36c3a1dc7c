/** Where everything is in an evidence package; docs/EVIDENCE-PACKAGE.md says it for people. */
export const PATHS = {
  listing: 'PACKAGE.json',
  signature: 'PACKAGE.sig',
  readme: 'README.html',
  manifest: 'recording/manifest',
  manifestText: 'recording/manifest.json',
  wraps: 'recording/wraps',
  stamps: 'recording/stamps',
  sums: 'recording/SHA256SUMS',
  message: 'recording/signed/manifest-message.bin',
  messageSignature: 'recording/signed/manifest.sig',
  cameraKey: 'recording/signed/camera.pub.pem',
  dockKey: 'check/dock.pub.pem',
  vkey: 'ledger/vkey',
  checkpoint: 'ledger/checkpoint',
  witnesses: 'ledger/witnesses',
  growth: 'ledger/ticket.consistency',
  checkReadme: 'check/README.md',
  checkProgram: 'check/check.go',
  policyKey: 'policy/key.jwk.json',
  policyLedger: 'policy/ledger.vkey',
  video: 'opened/recording.mp4',
} as const;

// Six digits are more than the largest manifest or a small ledger needs; a larger number simply has more.
const DIGITS = 6;
const CHUNKS = 'chunks/';
const CHUNK_PATH = /^recording\/chunks\/(\d{6})$/;
const ENTRY_PATH = /^ledger\/entries\/(\d{6,16})\.json$/;

const PROOF_PATH = /^ledger\/proofs\/(\d{6,16})\.tlog-proof$/;
const NAMED: readonly string[] = Object.values(PATHS);
const ONLY_OPENED: readonly string[] = [PATHS.policyKey, PATHS.policyLedger, PATHS.video];

/** More openings than the longest recording takes; three digits name them, so that they sort as they were made. */
export const OPENINGS_MAX = 1_000;
const OPENING_PATH =
  /^policy\/(?:grants\/(\d{3})\.jws|decisions\/(\d{3})\.(?:jws|json)|custody\/(\d{3})\.(?:json|tlog-proof))$/;
const openingName = (number: number): string => String(number).padStart(3, '0');

/** The grant of an opening, the first being 0. */
export const grantPath = (number: number): string => `policy/grants/${openingName(number)}.jws`;
/** The decision behind that grant, as it was signed, and its claims for reading. */
export const decisionPath = (number: number): string => `policy/decisions/${openingName(number)}.jws`;
export const decisionTextPath = (number: number): string => `policy/decisions/${openingName(number)}.json`;
/** The custodian's own ledger entry about the keys of that opening, and its proof. */
export const custodyPath = (number: number): string => `policy/custody/${openingName(number)}.json`;
export const custodyProofPath = (number: number): string =>
  `policy/custody/${openingName(number)}.tlog-proof`;

/** Is a file of what the custodian's own ledger says? */
export const isCustody = (path: string): boolean =>
  path === PATHS.policyLedger || path.startsWith('policy/custody/');

const padded = (index: number): string => String(index).padStart(DIGITS, '0');

/** A stored chunk, relative to `recording/`, as SHA256SUMS names it. */
export const chunkName = (index: number): string => `${CHUNKS}${padded(index)}`;
export const chunkPath = (index: number): string => `recording/${chunkName(index)}`;
export const entryPath = (index: number): string => `ledger/entries/${padded(index)}.json`;
export const proofPath = (index: number): string => `ledger/proofs/${padded(index)}.tlog-proof`;

/** Which chunk lies under this path; undefined when it is none. */
export function chunkAt(path: string): number | undefined {
  const digits = CHUNK_PATH.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Which ledger entry lies under this path; undefined when it is none. */
export function entryAt(path: string): number | undefined {
  const digits = ENTRY_PATH.exec(path)?.[1];
  const index = digits === undefined ? Number.NaN : Number(digits);
  return entryPath(index) === path ? index : undefined;
}

/** Which opening a file under `policy/` is about; undefined when it is none of these. */
export function openingAt(path: string): number | undefined {
  const digits = OPENING_PATH.exec(path)
    ?.slice(1)
    .find((found) => found !== undefined);
  return digits === undefined ? undefined : Number(digits);
}

/** May a package of this form have a file under this path? */
export function belongs(path: string, form: 'sealed' | 'opened'): boolean {
  if (ONLY_OPENED.includes(path) || openingAt(path) !== undefined) return form === 'opened';
  const proof = PROOF_PATH.exec(path)?.[1];
  const isProof = proof !== undefined && proofPath(Number(proof)) === path;
  return NAMED.includes(path) || chunkAt(path) !== undefined || entryAt(path) !== undefined || isProof;
}

/** Content is only hashed on the way; everything else fits into memory. */
export function isContent(path: string): boolean {
  return chunkAt(path) !== undefined || path.startsWith('opened/');
}

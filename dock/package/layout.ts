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
  decision: 'policy/decision.json',
  grant: 'policy/grant.jws',
  policyKey: 'policy/key.jwk.json',
  video: 'opened/recording.mp4',
} as const;

// Six digits are more than the largest manifest or a small ledger needs; a larger number simply has more.
const DIGITS = 6;
const CHUNKS = 'chunks/';
const CHUNK_PATH = /^recording\/chunks\/(\d{6})$/;
const ENTRY_PATH = /^ledger\/entries\/(\d{6,16})\.json$/;

const PROOF_PATH = /^ledger\/proofs\/(\d{6,16})\.tlog-proof$/;
const NAMED: readonly string[] = Object.values(PATHS);
const ONLY_OPENED: readonly string[] = [PATHS.decision, PATHS.grant, PATHS.policyKey, PATHS.video];

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

/** May a package of this form have a file under this path? */
export function belongs(path: string, form: 'sealed' | 'opened'): boolean {
  if (ONLY_OPENED.includes(path)) return form === 'opened';
  const proof = PROOF_PATH.exec(path)?.[1];
  const isProof = proof !== undefined && proofPath(Number(proof)) === path;
  return NAMED.includes(path) || chunkAt(path) !== undefined || entryAt(path) !== undefined || isProof;
}

/** Content is only hashed on the way; everything else fits into memory. */
export function isContent(path: string): boolean {
  return chunkAt(path) !== undefined || path.startsWith('opened/');
}

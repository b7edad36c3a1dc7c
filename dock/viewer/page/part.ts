import type { ChunkSpan } from '../../../proto/fragments.ts';
import type { Api, Config } from './api.ts';
import { checkOpening, EvidenceError, type Evidence } from './evidence.ts';
import { fetchKeys } from './key-desk.ts';
import { openingProof } from './opening.ts';
import { makeReceivingKey } from './page-key.ts';
import type { Login } from './sign-in.ts';

/** What it takes to open a recording. */
export interface Access {
  readonly api: Api;
  readonly config: Config;
  readonly login: Login;
}

/** Some chunks of a recording that are open to this page, under a grant of their own. */
export interface Part {
  readonly range: ChunkSpan;
  /** By `performance.now()`. */
  readonly openedAtMs: number;
  readonly evidence: Evidence;
  /** One stored chunk of it. */
  fetch(index: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Opens a sealed chunk whose hash was found right; absent when the recording is stored as recorded. */
  readonly unseal:
    | ((index: number, stored: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>)
    | undefined;
  /** The keys are overwritten; nothing of it can be opened any more. */
  forget(): void;
}

/** What is opened, by whom, and what for. */
export interface Wish {
  readonly id: string;
  readonly purpose: string;
  readonly access: Access;
}

/**
 * Asks for what one grant covers, from a chunk on: a fresh decision, a ledger entry and keys. Everything that comes with it is
 * checked first. Without `after` it is the start of the recording; `after.part` is the one that was opened last. Throws ApiError and EvidenceError, in words for the person.
 */
export async function openPart(
  wish: Wish,
  after?: { readonly part: Part; readonly from: number },
): Promise<Part> {
  const { id, purpose, access } = wish;
  const { api, config, login } = access;
  const from = after?.from ?? 0;
  const chunks =
    after === undefined ? {} : { chunks: [from, after.part.evidence.manifest.chunks.length] as const };
  const proof = await openingProof(login.key, { recording: id, purpose, dock: config.dock, ...chunks });
  // The key that the answer is to be sealed to is made while the dock is asked.
  const [opened, receiving] = await Promise.all([
    api.open(id, { purpose, proof, ...chunks }),
    makeReceivingKey(),
  ]);
  const known = { recording: id, keyThumbprint: login.key.thumbprint, vkey: config.vkey, from };
  const before = after?.part.evidence;
  const evidence = checkOpening(opened, { ...known, before });
  if (before !== undefined && before.manifestHash !== evidence.manifestHash)
    throw new EvidenceError(
      "The dock's proof does not hold: it is for another recording than the first part.",
    );
  const { session, range } = opened;
  const { policyUrl } = config;
  const isSealed = evidence.manifest.suite === 1;
  const seen = before?.grantedSize;
  const keys = isSealed
    ? await fetchKeys({ api, policyUrl, key: login.key, opened, evidence, receiving, seen })
    : undefined;
  return {
    range,
    openedAtMs: performance.now(),
    evidence,
    fetch: (index, signal) => api.chunk({ id, index, session, signal }),
    unseal: keys === undefined ? undefined : (index, stored) => keys.unseal(index, stored),
    forget: () => keys?.forget(),
  };
}

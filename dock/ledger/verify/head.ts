import { join } from 'node:path';
import { equal, text } from '../../../proto/bytes.ts';
import { openCheckpoint, parseCheckpoint } from '../../../proto/checkpoint.ts';
import { hasQuorum, openCosignatures, type Quorum } from '../../../proto/cosignature.ts';
import { ProofError } from '../../../proto/errors.ts';
import { formatInstant } from '../../../proto/instant.ts';
import { parseVkey } from '../../../proto/note.ts';
import { nodeChecker } from '../checker.ts';
import { readIfThere } from './blocks.ts';
import type { Findings } from './finding.ts';
import type { Head } from './tree.ts';

/** The key to check with, or undefined when there is none that can be used. */
export async function readVkey(
  options: { readonly dir: string; readonly vkey?: string },
  findings: Findings,
): Promise<string | undefined> {
  const file = options.vkey === undefined ? 'vkey' : '--vkey';
  const bytes = await readIfThere(join(options.dir, 'vkey'));
  const vkey = options.vkey ?? (bytes && asText(bytes)?.trim());
  if (vkey === undefined) {
    findings.add({ code: 'vkey-invalid', file, message: 'is missing' });
    return undefined;
  }
  try {
    parseVkey(vkey, nodeChecker.sha256);
  } catch (error) {
    findings.add({ code: 'vkey-invalid', file, message: problemOf(error) });
    return undefined;
  }
  if (options.vkey === undefined) {
    findings.add({ code: 'vkey-unpinned', file, message: `the key came from the folder itself: ${vkey}` });
  }
  return vkey;
}

/** The tree that the checkpoint signs. One whose signature fails is still read, to find what else is wrong. */
export function readHead(
  bytes: Uint8Array | undefined,
  by: { readonly vkey: string | undefined; readonly file: string },
  findings: Findings,
): Head | undefined {
  const { vkey, file } = by;
  if (bytes === undefined) {
    findings.add({ code: 'checkpoint-missing', file, message: 'is missing' });
    return undefined;
  }
  const note = asText(bytes) ?? '';
  if (vkey !== undefined) {
    try {
      return openCheckpoint(note, vkey, nodeChecker);
    } catch (error) {
      findings.add({ code: 'checkpoint-signature', file, message: problemOf(error) });
    }
  }
  try {
    return parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
  } catch {
    return undefined;
  }
}

/** Names of the witnesses that cosigned; a finding when they are too few, or when a known one's line does not hold. */
export function checkQuorum(
  bytes: Uint8Array | undefined,
  by: { readonly witnesses: Quorum; readonly file: string },
  findings: Findings,
): readonly string[] {
  const { witnesses, file } = by;
  if (witnesses.witnesses.length === 0 && witnesses.quorum === 0) return [];
  const note = (bytes && asText(bytes)) ?? '';
  try {
    const cosigned = openCosignatures(note, witnesses.witnesses, nodeChecker).map(({ name }) => name);
    if (!hasQuorum(note, witnesses, nodeChecker)) {
      const who = cosigned.length === 0 ? 'none' : cosigned.join(', ');
      const message = `is cosigned by ${who} of the ${witnesses.witnesses.length} known witnesses, and ${witnesses.quorum} must have`;
      findings.add({ code: 'quorum', file, message });
    }
    return cosigned;
  } catch (error) {
    findings.add({ code: 'quorum', file, message: problemOf(error) });
    return [];
  }
}

/** Is the checkpoint another one now than the one that was read? A dock that runs goes on meanwhile. */
export async function hasGrown(dir: string, started: Uint8Array | undefined): Promise<boolean> {
  const now = await readIfThere(join(dir, 'checkpoint'));
  return now !== undefined && started !== undefined && !equal(now, started);
}

/** Undefined for bytes that are no UTF-8. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    return text(bytes);
  } catch {
    return undefined;
  }
}

/** What a proof that does not hold says; anything else is thrown on. */
export function problemOf(error: unknown): string {
  if (error instanceof ProofError) return error.message;
  throw error;
}

/** When known witnesses say that they cosigned, UTC, by name. What does not hold is {@link checkQuorum}'s finding. */
export function cosignedAt(
  bytes: Uint8Array | undefined,
  witnesses: readonly string[],
): Readonly<Record<string, string>> {
  try {
    const lines = openCosignatures((bytes && asText(bytes)) ?? '', witnesses, nodeChecker);
    return Object.fromEntries(lines.map(({ name, timeS }) => [name, formatInstant(timeS * 1_000_000)]));
  } catch (error) {
    // A time past 2255 is as good as none.
    if (error instanceof ProofError || error instanceof RangeError) return {};
    throw error;
  }
}

import { expect } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import type { OpenLedger } from '../../../../dock/ledger/log.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { verifyTlogProof } from '../../../../proto/tlog-proof.ts';
import { entry, type Key, newKey } from './rig.ts';

// The batch that is hurt ends one bundle and begins the next, so it writes every kind of file there is.
export const BEFORE = 250;
export const AFTER = 260;

/** A key that remembers what it signed and refuses to sign a second tree of one size. */
export function watchedKey(): Key {
  const key = newKey();
  const signed = new Map<string, string>();
  return {
    publicKey: key.publicKey,
    sign: (message) => {
      const body = new TextDecoder().decode(message);
      const [, size = ''] = body.split('\n');
      if ((signed.get(size) ?? body) !== body) throw new Error(`two trees of size ${size} were signed`);
      signed.set(size, body);
      return key.sign(message);
    },
  };
}

/** Lets steps pass until the one with this number, which throws, as do all after it: the process is gone. */
export function failingAt(fatal: number): {
  readonly probe: (step: string) => void;
  readonly steps: string[];
} {
  const steps: string[] = [];
  const probe = (step: string): void => {
    steps.push(step);
    if (steps.length > fatal) throw new Error(`no further than ${step}`);
  };
  return { probe, steps };
}

export async function expectWhole(ledger: OpenLedger, size: number): Promise<void> {
  const read = await ledger.read(0, size);
  expect(read.map(toHex)).toEqual(Array.from({ length: size }, (_, n) => toHex(entry(n))));
  for (const index of [0, BEFORE - 1, size - 1]) {
    const proven = verifyTlogProof(
      await ledger.prove(index),
      { entry: entry(index), vkey: ledger.vkey },
      nodeChecker,
    );
    expect(proven.index).toBe(index);
  }
}

export const isFull = (reason: unknown): boolean =>
  reason instanceof LedgerError && reason.code === 'LEDGER_FULL';

export function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, n) => start + n);
}

import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LedgerOptions, openLedger, type OpenLedger } from '../../../../dock/ledger/log.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import type { Sign } from '../../../../proto/digest.ts';

export const ORIGIN = 'holdfast.test/dock-1';

/** Wakes in a microtask whatever the delay: a batch is what one turn of the event loop appended. */
export const atOnce = {
  after: (_delayMs: number, wake: () => void): (() => void) => {
    let live = true;
    void Promise.resolve().then(() => live && wake());
    return () => {
      live = false;
    };
  },
};

export interface Key {
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

export function newKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(12);
  return { publicKey: raw, sign: (message) => sign(null, message, privateKey) };
}

/** A folder that goes away with the test. */
export function tempFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-ledger-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Opens a ledger that closes with the test. */
export async function open(dir: string, key: Key, more: Partial<LedgerOptions> = {}): Promise<OpenLedger> {
  const ledger = await openLedger({ dir, origin: ORIGIN, clock: atOnce, ...key, ...more });
  onTestFinished(() => ledger.close());
  return ledger;
}

/** Entry `n`, and the key that a rebuild derives from it. */
export const entry = (n: number): Uint8Array => utf8(`entry ${n} ${'.'.repeat(n % 7)}`);
export const keyOf = (bytes: Uint8Array): string => `key/${new TextDecoder().decode(bytes).split(' ')[1]}`;
export const keyFor = (n: number): string => `key/${n}`;

export async function appendMany(ledger: OpenLedger, start: number, end: number): Promise<readonly number[]> {
  const appended: Promise<number>[] = [];
  for (let n = start; n < end; n++) appended.push(ledger.appendOnce(keyFor(n), entry(n)));
  return Promise.all(appended);
}

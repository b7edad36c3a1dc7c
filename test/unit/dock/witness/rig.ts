import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { addCheckpoint, type Answer, type WitnessPorts } from '../../../../dock/witness/add-checkpoint.ts';
import { makeFolder } from '../../../../dock/witness/folder.ts';
import { openHeads } from '../../../../dock/witness/heads.ts';
import { openIdentity } from '../../../../dock/witness/identity.ts';
import { nodeChecker } from '../../../../dock/witness/keys.ts';
import { toBase64, utf8 } from '../../../../proto/bytes.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { testKey } from '../../proto/fixture.ts';

export const NAME = 'witness.test/w1';
export const ORIGIN = 'holdfast.test/dock-1';
export const NOW_S = 1_900_000_000;

export function witnessFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-witness-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A log in memory, and another history by the same key: entries from `fork` on differ. */
export async function logOf(
  size: number,
  fork = Number.POSITIVE_INFINITY,
  origin = ORIGIN,
): Promise<MemoryLedger> {
  const log = new MemoryLedger({ origin, ...testKey(3), sha256: nodeChecker.sha256 });
  for (let n = 0; n < size; n++) await log.appendOnce(`${n}`, utf8(`entry ${n}${n < fork ? '' : ' forged'}`));
  return log;
}

/** One request for the newest checkpoint of the log. */
export async function requestFor(
  log: MemoryLedger,
  old: number,
  change: { readonly proof?: readonly Uint8Array[]; readonly note?: string } = {},
): Promise<Uint8Array> {
  const { size, note } = await log.checkpoint();
  const proof = change.proof ?? (old <= size ? await log.proveConsistency(old) : []);
  return utf8([`old ${old}`, ...proof.map(toBase64), '', change.note ?? note].join('\n'));
}

export interface TestWitness {
  readonly vkey: string;
  readonly ports: WitnessPorts;
  add(body: Uint8Array): Promise<Answer>;
}

/** A witness as the program opens it, without HTTP. */
export async function openWitness(
  dir: string,
  options: {
    readonly name?: string;
    readonly logs?: readonly string[];
    readonly probe?: (step: string) => void;
  } = {},
): Promise<TestWitness> {
  await makeFolder(dir);
  const key = await openIdentity(dir, options.name ?? NAME);
  const vkeys = options.logs ?? [(await logOf(0)).vkey];
  const ports: WitnessPorts = {
    logs: new Map(vkeys.map((vkey) => [vkey.split('+')[0] ?? '', [vkey]])),
    heads: await openHeads(dir, key.vkey, options.probe),
    key,
    checker: nodeChecker,
    nowS: () => NOW_S,
  };
  return { vkey: key.vkey, ports, add: (body) => addCheckpoint(body, ports) };
}

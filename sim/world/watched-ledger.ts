import type { Ledger } from '../../dock/ports.ts';

/** A log that shows every checkpoint as somebody gets it: by itself, in a proof, or as what an append was published under. */
export function watchLedger(ledger: Ledger, see: (note: string) => void): Ledger {
  const seen = (note: string): void => see(note);
  const inProof = (proof: string): string => proof.slice(proof.indexOf('\n\n') + 2);
  return {
    origin: ledger.origin,
    vkey: ledger.vkey,
    appendOnce: async (key, entry) => {
      const index = await ledger.appendOnce(key, entry);
      seen((await ledger.checkpoint()).note);
      return index;
    },
    prove: async (index) => {
      const proof = await ledger.prove(index);
      seen(inProof(proof));
      return proof;
    },
    proveSince: async (index, from) => {
      const proven = await ledger.proveSince(index, from);
      seen(inProof(proven.proof));
      return proven;
    },
    proveConsistency: (from, to) => ledger.proveConsistency(from, to),
    read: (start, end) => ledger.read(start, end),
    intended: () => ledger.intended(),
    checkpoint: async () => {
      const checkpoint = await ledger.checkpoint();
      seen(checkpoint.note);
      return checkpoint;
    },
  };
}

import { hpkeSealer } from '../../device/keys/sealer.ts';
import type { Sealer } from '../../device/ports.ts';
import type { RecipientIdentity } from '../../proto/identity.ts';
import { Chance } from './chance.ts';

/**
 * A sealer whose wraps are the same for the same seed, so that a run can be replayed. They are real HPKE, and open with the
 * recipient's key; only what should be secret chance is drawn from the seed.
 */
export function seededSealer(recipients: readonly RecipientIdentity[], seed: string): Sealer {
  const chance = new Chance(seed);
  return hpkeSealer(recipients, (count) => Uint8Array.from({ length: count }, () => chance.below(256)));
}

import { WitnessError } from './errors.ts';
import { makeHeads, priorHeads } from './heads.ts';
import { hasKey, openKey, type WitnessKey } from './keys.ts';

/**
 * The key in `dir`, made at the first start. Throws WitnessError WITNESS_DAMAGED for a key without heads and for heads
 * without their key: what is left of a witness must not go on as if it were new.
 */
export async function openIdentity(dir: string, name: string): Promise<WitnessKey> {
  const [keyed, heads] = [await hasKey(dir), await priorHeads(dir)];
  if (keyed && heads === 'none') throw WitnessError.damaged(dir, 'has a key and no "origins"');
  if (!keyed && heads === 'some') throw WitnessError.damaged(dir, 'has cosigned checkpoints and no key');
  // In this order: a key without "origins" is then never a start that was cut short.
  if (heads === 'none') await makeHeads(dir);
  return openKey(dir, name);
}

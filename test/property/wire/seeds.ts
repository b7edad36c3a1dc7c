import { skippingForbidden } from '../../peer.ts';

/**
 * Seeds of one kind of run: HOLDFAST_SEED alone, to play a failure again; else some at a desk and more where nothing may be
 * skipped. They are in the names of the tests, so that a failure says its own.
 */
export function seeds(
  name: string,
  { atDesk, inFull }: { atDesk: number; inFull: number },
): readonly string[] {
  const given = process.env['HOLDFAST_SEED'];
  if (given !== undefined && given !== '') return [given];
  return Array.from({ length: skippingForbidden() ? inFull : atDesk }, (_, i) => `${name} ${i + 1}`);
}

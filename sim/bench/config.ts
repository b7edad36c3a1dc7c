import { InvalidArgumentError } from 'commander';

/** The value of a flag that counts something. Throws InvalidArgumentError, which commander tells the person. */
export function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('not a whole number above 0');
  return value;
}

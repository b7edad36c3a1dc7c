import { describe, expect, it } from 'vitest';
import { checkFootage, FOOTAGE_DEFAULT } from '../../../../../device/capture/footage/footage.ts';

describe('footage settings', () => {
  it('the default is allowed', () => {
    expect(checkFootage(FOOTAGE_DEFAULT)).toBe(FOOTAGE_DEFAULT);
  });

  // Goal: a wrong setting is named, with what it may be. Method: one at a time.
  it.each([
    ['width', 159, /width must be a whole number from 160 to 1920, not 159/],
    ['height', 1082, /height/],
    ['fps', 0, /fps must be a whole number from 1 to 30/],
    ['fps', 12.5, /12\.5/],
    ['quantizer', 52, /quantizer/],
    ['grain', -1, /grain/],
    ['height', 361, /even/],
  ])('%s %f is refused', (name, value, message) => {
    expect(() => checkFootage({ ...FOOTAGE_DEFAULT, [name]: value })).toThrow(message);
  });
});

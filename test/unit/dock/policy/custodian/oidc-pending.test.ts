import { expect, test } from 'vitest';
import { PendingSignIns } from '../../../../../dock/policy/custodian/oidc-pending.ts';
import { SignInError, TrustError } from '../../../../../dock/policy/errors.ts';

// Goal: a sign-in ends once, in the browser that began it, within ten minutes; what nobody ends takes bounded memory.
// Method: the memory itself, with states that say who they are and a clock that the test moves.

const MINUTE_MS = 60_000;
const secrets = (state: string) => ({ state, nonce: `nonce of ${state}`, verifier: 'v' });

function begun(...states: readonly string[]): PendingSignIns<string> {
  const pending = new PendingSignIns<string>();
  for (const state of states) pending.put(secrets(state), { errand: state, cookie: 'mine' }, 0);
  return pending;
}

test('a sign-in is given back once', () => {
  const pending = begun('a', 'b');
  expect(pending.take('a', 'mine', 1)).toMatchObject({ errand: 'a', secrets: secrets('a') });
  expect(() => pending.take('a', 'mine', 1)).toThrow(SignInError);
  expect(pending.take('b', 'mine', 1).errand).toBe('b');
});

test('another browser does not get it, and does not spoil it', () => {
  const pending = begun('a');
  for (const cookie of [undefined, '', 'other'])
    expect(() => pending.take('a', cookie, 1)).toThrow('another browser');
  expect(pending.take('a', 'mine', 1).errand).toBe('a');
});

test('after ten minutes it is over', () => {
  expect(begun('a').take('a', 'mine', 10 * MINUTE_MS - 1).errand).toBe('a');
  expect(() => begun('a').take('a', 'mine', 10 * MINUTE_MS)).toThrow('no such sign-in');
});

test('the oldest goes when there are too many, and what is over goes first', () => {
  const pending = begun('first');
  for (let at = 0; at < 4_999; at += 1) pending.put(secrets(`${at}`), { errand: '', cookie: 'c' }, MINUTE_MS);
  expect(pending.take('first', 'mine', MINUTE_MS).errand).toBe('first');
  for (const state of ['x', 'y']) pending.put(secrets(state), { errand: '', cookie: 'c' }, MINUTE_MS);
  expect(() => pending.take('0', 'c', MINUTE_MS)).toThrow(SignInError);
  expect(pending.take('1', 'c', MINUTE_MS).secrets.state).toBe('1');
});

test('one address begins 120 in a minute, and others are not kept by it', () => {
  const pending = begun();
  for (let at = 0; at < 120; at += 1) pending.count('192.0.2.1', 5);
  expect(() => pending.count('192.0.2.1', MINUTE_MS)).toThrow(TrustError);
  pending.count('192.0.2.2', MINUTE_MS);
  pending.count('192.0.2.1', MINUTE_MS + 6);
});

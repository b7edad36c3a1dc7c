import { expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { OwnSignatures } from '../../../../sim/world/own-signatures.ts';
import { makeSigner } from '../../../../sim/world/town.ts';

// Goal: what is known without arithmetic is what arithmetic would say. Method: a signature that was noted, with one bit of each part changed.

const signer = makeSigner('own');
const message = new TextEncoder().encode('a checkpoint');
const signature = new Uint8Array(signer.sign(message));

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte));
}

it('knows what was signed, and nothing that differs in a bit', () => {
  const own = new OwnSignatures();
  own.note(signer.publicKey, message, signature);
  for (const [key, text, signed] of [
    [signer.publicKey, message, signature],
    [flipped(signer.publicKey), message, signature],
    [signer.publicKey, flipped(message), signature],
    [signer.publicKey, message, flipped(signature)],
    [makeSigner('other').publicKey, message, signature],
  ] as const) {
    expect(own.verify(key, text, signed)).toBe(nodeChecker.verify(key, text, signed));
  }
  expect(own.verify(signer.publicKey, message, signature)).toBe(true);
});

it('verifies what it was not told of, and keeps a copy of what it was', () => {
  const own = new OwnSignatures();
  expect(own.verify(signer.publicKey, message, signature)).toBe(true);
  const written = Buffer.from(message);
  own.note(signer.publicKey, written, signature);
  written.fill(0);
  expect(own.verify(signer.publicKey, written, signature)).toBe(false);
});

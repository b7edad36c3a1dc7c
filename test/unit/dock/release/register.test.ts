import { expect, it } from 'vitest';
import { registeredFact } from '../../../../dock/authzen/fact.ts';
import { Registrar } from '../../../../dock/release/register.ts';
import type { Holding, RegisteredRecording } from '../../../../dock/ports.ts';
import { toBase64 } from '../../../../proto/bytes.ts';
import { makeSigner } from '../../../../sim/world/town.ts';
import { sampleOf } from '../ingest/kit.ts';

// Goal: the policy service gets the wraps that it will open, or hears of the recording later: the fact is written once.
// Method: a sealed recording whose wraps the disk has lost and then has again, and one that was never sealed.
it('a sealed recording is registered with its wraps', async () => {
  const sealed = sampleOf([40], { manifest: true }, { isSealed: true, signer: makeSigner('camera') });
  const { wraps } = sealed.offer;
  if (wraps === undefined) throw new Error('it is sealed');
  const plain = sampleOf([50], { manifest: true }, { seed: 'plain' });
  const held = new Map<string, Holding>([sealed, plain].map(({ holding }) => [holding.recordingId, holding]));
  const told: RegisteredRecording[] = [];
  const register = (recording: RegisteredRecording): Promise<boolean> => {
    told.push(recording);
    return Promise.resolve(true);
  };
  const registrar = new Registrar({ register }, { find: async (recordingId) => held.get(recordingId) });
  const { recordingId } = sealed.holding;
  expect(await registrar.ensure(recordingId)).toBe(false);
  held.set(recordingId, { ...sealed.holding, wraps });
  expect(await registrar.ensure(recordingId)).toBe(true);
  expect(await registrar.ensure(plain.holding.recordingId)).toBe(true);
  expect(told.map(registeredFact).map((fact) => fact['wraps'])).toEqual([toBase64(wraps), undefined]);
});

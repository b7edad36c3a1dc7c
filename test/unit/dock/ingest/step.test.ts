import { describe, expect, it } from 'vitest';
import type { Docked, Upload, Work } from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import type { Message, Receipt } from '../../../../proto/messages.ts';
import { CAMERA } from '../../../../sim/world/town.ts';
import { begun, context, docked, hear, sampleOf, sentIn } from './kit.ts';

const receipt: Receipt = { type: 'receipt', body: new Uint8Array(10), signature: new Uint8Array(64) };
const sample = sampleOf([40, 30]);

const idNamed = (digit: string): RecordingId => digit.repeat(32) as RecordingId;
const keyNamed = (digit: string) => ({ recordingId: idNamed(digit), manifestSha256: new Uint8Array(32) });

function receiving(digit: string): { doing: 'receiving'; upload: Upload } {
  const [upload] = begun(sample);
  return { doing: 'receiving', upload: { ...upload, key: keyNamed(digit) } };
}

// Goal: an `erased` entry is written once, and only on the word of the camera that got the receipt here, since the first
// entry under a recording keeps out every other. Method: ReceiptAcks of strange, late and repeated kinds.
describe('a ReceiptAck', () => {
  const erased = (digit: string): Message => ({
    type: 'receipt-ack',
    recordingId: idNamed(digit),
    erased: true,
  });

  it('for a recording that got no receipt in this session changes nothing', () => {
    for (const state of [docked({ doing: 'nothing' }), docked(receiving('b'), [idNamed('a')])])
      expect(hear(state, erased('c'))).toEqual([state, []]);
  });

  it('is recorded once', () => {
    const key = keyNamed('a');
    const settled: Work = { doing: 'settled', key, stream: 4, receipt, ledgerSize: 0, logSize: 7 };
    const [state, effects] = hear(docked(settled, [idNamed('a')]), erased('a'));
    expect(effects).toEqual([{ effect: 'erased', cameraId: CAMERA, recordingId: idNamed('a') }]);
    expect(state).toMatchObject({ work: { doing: 'nothing' }, ticketing: { keptSize: 7 } });
    expect(hear(state as Docked, erased('a'))[1]).toEqual([]);
  });

  it('that comes late leaves the next upload alone', () => {
    const [state, effects] = hear(docked(receiving('b'), [idNamed('a')]), erased('a'));
    expect(effects).toMatchObject([{ effect: 'erased', recordingId: idNamed('a') }]);
    expect(state).toMatchObject({ work: { doing: 'receiving' } });
  });
});

// Goal: a failure ends what failed and nothing else. Method: the same failure about what is under way, about what is
// over, and about an erasure's note.
describe('a failure of disk or ledger', () => {
  const failure = {
    event: 'failed',
    nowUs: 0,
    code: 'storage-full',
    message: 'no room',
    retry: 'later',
  } as const;

  it('aborts the recording that it is about', () => {
    const failed = { ...failure, about: keyNamed('a') };
    const [state, effects] = step(docked(receiving('a')), failed, context);
    expect(state).toMatchObject({ work: { doing: 'nothing' } });
    expect(sentIn(effects)).toMatchObject([{ class: 'retry', recordingId: idNamed('a') }]);
  });

  it('that no repetition can mend lets the camera go on with its next recording', () => {
    const failed = { ...failure, code: 'storage-fault', retry: 'never', about: keyNamed('a') } as const;
    const [, effects] = step(docked(receiving('a')), failed, context);
    expect(sentIn(effects)).toMatchObject([{ class: 'never', recordingId: idNamed('a') }]);
  });

  it('is only news when what it is about is over', () => {
    const overs = [
      [docked({ doing: 'nothing' }), keyNamed('a')],
      [docked(receiving('b')), keyNamed('a')],
      [docked(receiving('b')), 'erasure'],
    ] as const;
    for (const [state, about] of overs) {
      const [next, effects] = step(state, { ...failure, about }, context);
      expect(next).toEqual(state);
      expect(effects).toMatchObject([{ effect: 'news' }]);
    }
  });

  it('of the session aborts the session', () => {
    const [, effects] = step(docked(receiving('a')), { ...failure, about: 'session' }, context);
    expect(sentIn(effects)).toMatchObject([{ type: 'abort', stream: 0 }]);
    expect(sentIn(effects)[0]).not.toHaveProperty('recordingId');
  });
});

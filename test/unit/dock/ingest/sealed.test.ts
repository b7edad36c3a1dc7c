import { describe, expect, it } from 'vitest';
import type { IngestEffect, IngestState } from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Offer } from '../../../../proto/messages.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { makeSigner, makeWraps } from '../../../../sim/world/town.ts';
import { context, dataOf, docked, hear, type Sample, sampleOf, sentIn, STREAM } from './kit.ts';

const sealed = (durable = {}): Sample => sampleOf([40, 30], durable, { isSealed: true });
const OTHERS = makeWraps(new Chance('others'));
const { wraps: RIGHT = OTHERS } = sealed().offer;

type Written = Extract<IngestEffect, { effect: 'store-manifest' | 'store-chunk' }>;
const writtenIn = (effects: readonly IngestEffect[]): readonly Written[] =>
  effects.filter((effect) => effect.effect === 'store-manifest' || effect.effect === 'store-chunk');

/** The same offer with other wraps, or with none. */
function offering(sample: Sample, wraps: Uint8Array | undefined): Sample {
  const offer: { -readonly [Field in keyof Offer]: Offer[Field] } = { ...sample.offer };
  delete offer.wraps;
  return { ...sample, offer: wraps === undefined ? offer : { ...offer, wraps } };
}

/** Goes through an upload in one session, with every place in memory that it asks for; gives back what it led to. */
function uploaded(
  sample: Sample,
  from: IngestState = docked({ doing: 'nothing' }),
): { readonly state: IngestState; readonly effects: readonly IngestEffect[] } {
  const all: IngestEffect[] = [];
  let state = from;
  const next = ([after, effects]: ReturnType<typeof step>): void => {
    state = after;
    all.push(...effects);
    for (const effect of effects) {
      if (effect.effect === 'reserve')
        next(step(state, { event: 'reserved', nowUs: 0, stream: STREAM }, context));
    }
  };
  next(hear(state, sample.offer));
  const { holding } = sample;
  next(step(state, { event: 'leased', nowUs: 0, stream: STREAM, holding, parked: [] }, context));
  const { manifestBytes, bytes } = sample;
  next(hear(state, dataOf(sample, 1, { start: 0, end: manifestBytes })));
  next(hear(state, dataOf(sample, 2, { start: manifestBytes, end: bytes.length })));
  return { state, effects: all };
}

// Goal: what nobody could ever open is not taken for evidence, and whoever changes an Offer, which nobody signed, stops that
// upload and nothing else. Method: a sealed recording with its wraps, without, with others, and with what are no wraps.
describe('a sealed recording', () => {
  it('has its wraps written with the manifest, before any chunk', () => {
    const { effects } = uploaded(sealed());
    expect(writtenIn(effects).map(({ effect }) => effect)).toEqual([
      'store-manifest',
      'store-chunk',
      'store-chunk',
    ]);
    expect(writtenIn(effects)[0]).toMatchObject({ wraps: RIGHT });
  });

  const garbage = new Uint8Array(151).fill(7);
  const promisesGarbage = sampleOf(
    [40, 30],
    {},
    {
      isSealed: true,
      change: (manifest) => ({ ...manifest, wrapsSha256: nodeChecker.sha256(garbage) }),
    },
  );
  it.each([
    ['without its wraps', offering(sealed(), undefined)],
    ['with the wraps of another', offering(sealed(), OTHERS)],
    ['with wraps that are none', offering(promisesGarbage, garbage)],
  ])('%s is not taken, and its next Offer may be right', (_what, sample) => {
    const { state, effects } = uploaded(sample);
    expect(writtenIn(effects)).toEqual([]);
    expect(sentIn(effects)).toContainEqual(
      expect.objectContaining({ type: 'abort', code: 'bad-manifest', class: 'never', stream: STREAM }),
    );
    expect(state).toMatchObject({ at: 'docked', work: { doing: 'nothing' } });
    expect(writtenIn(uploaded(sealed(), state).effects)).toHaveLength(3);
  });

  it.each([
    ['its wraps', RIGHT, RIGHT],
    ['no wraps', undefined, undefined],
    ['the wraps of another', OTHERS, undefined],
  ])('that can only be quarantined is kept with what belongs to it: %s', (_what, offered, expected) => {
    const another = sampleOf([40, 30], {}, { isSealed: true, signer: makeSigner('another') });
    const { state, effects } = uploaded(offering(another, offered));
    expect(writtenIn(effects)[0]).toMatchObject({ effect: 'store-manifest', wraps: expected });
    const condemned: unknown = expect.stringMatching(/^bad-manifest/);
    expect(state).toMatchObject({ work: { upload: { condemned } } });
  });

  it('goes on from the disk, whatever the new Offer says', () => {
    const { offer, holding, ...rest } = offering(sealed({ manifest: true, chunks: 1 }), undefined);
    const durable = { ...rest, offer, holding: { ...holding, wraps: RIGHT } };
    const { effects } = uploaded(durable);
    expect(writtenIn(effects)).toMatchObject([{ effect: 'store-chunk', index: 1 }]);
  });

  it('whose wraps the disk has lost writes them again before the next chunk', () => {
    const lost = sealed({ manifest: true, chunks: 1 });
    expect(writtenIn(uploaded(lost).effects)).toMatchObject([
      { effect: 'store-manifest', wraps: RIGHT },
      { effect: 'store-chunk', index: 1 },
    ]);
    expect(writtenIn(uploaded(offering(lost, OTHERS)).effects)).toEqual([]);
  });
});

it('a recording that is not sealed takes no wraps', () => {
  const { effects } = uploaded(offering(sampleOf([40, 30]), OTHERS));
  expect(writtenIn(effects)[0]).toMatchObject({ effect: 'store-manifest', wraps: undefined });
});

import { describe, expect, it } from 'vitest';
import type { ChunkSpan } from '../../../../../proto/fragments.ts';
import type { ChunkInfo, Manifest } from '../../../../../proto/manifest.ts';
import { filmOf, saidOf, stretchOf, withChunk } from '../../../../../dock/viewer/page/player-film.ts';
import { commandOf, type Holder } from '../../../../../dock/viewer/page/player-keys.ts';
import { courseManifestOf, manifestOf } from '../../../proto/fixture.ts';

// Goal: the strip below the picture tells the course of the film as the camera signed it. Method: manifests made by hand.

const chunk = (mediaStartMs: number, mediaMs: number, endOfFragment = true): ChunkInfo => ({
  sha256: new Uint8Array(32),
  storedBytes: 1,
  plainBytes: 1,
  mediaStartMs,
  mediaMs,
  endOfFragment,
});
const HEAD = chunk(0, 0);
const moment = (ms: number): { wallUs: number; monoUs: number } => ({
  wallUs: 0,
  monoUs: 5_000_000 + ms * 1_000,
});
const film = (changes: Partial<Manifest>): ReturnType<typeof filmOf> =>
  filmOf({
    ...manifestOf(),
    started: moment(0),
    triggered: moment(0),
    marks: [],
    chunks: [HEAD, chunk(0, 1_000), chunk(1_000, 1_000), chunk(2_000, 1_000)],
    ...changes,
  });

describe('the film', () => {
  it('is as long as its last chunk reaches, and has nothing to tell when nothing happened', () => {
    expect(film({})).toEqual({ lengthMs: 3_000, moments: [] });
  });

  it('names what was recorded before the button was pressed', () => {
    const before = { kind: 'pre-event', name: 'Before the button was pressed', fromMs: 0 };
    expect(film({ triggered: moment(1_500) }).moments).toEqual([{ ...before, toMs: 1_500 }]);
    expect(film({ triggered: moment(9_000) }).moments).toEqual([{ ...before, toMs: 3_000 }]);
  });

  it('has marks where they were set, within the film', () => {
    const marks = [
      { at: moment(-10), kind: 'button' },
      { at: moment(1_200), kind: 'weapon_drawn' },
      { at: moment(7_000), kind: '' },
    ];
    expect(film({ marks }).moments).toEqual([
      { kind: 'mark', name: 'Mark', fromMs: 0, toMs: 0 },
      { kind: 'mark', name: 'Mark: weapon drawn', fromMs: 1_200, toMs: 1_200 },
      { kind: 'mark', name: 'Mark', fromMs: 3_000, toMs: 3_000 },
    ]);
  });

  it('is without sound where the camera says so', () => {
    const stretch = { from: moment(400), to: moment(900) };
    const late = { from: moment(2_500), to: moment(9_000) };
    expect(film({ mutes: [stretch, late], marks: [{ at: moment(500), kind: 'button' }] }).moments).toEqual([
      { kind: 'muted', name: 'Sound off', fromMs: 400, toMs: 900 },
      { kind: 'mark', name: 'Mark', fromMs: 500, toMs: 500 },
      { kind: 'muted', name: 'Sound off', fromMs: 2_500, toMs: 3_000 },
    ]);
  });

  it('says what else the camera said, and nothing of what it did not', () => {
    expect(saidOf(manifestOf())).toEqual([]);
    expect(saidOf(courseManifestOf())).toEqual([
      'Begun by: a Taser',
      'Critical',
      'Categories: use-of-force, arrest',
      'Battery: 6 % to 5 %',
    ]);
  });

  it('is without sound from a mute to its unmute, or to the end', () => {
    const marks = [
      { at: moment(100), kind: 'unmute' },
      { at: moment(500), kind: 'mute' },
      { at: moment(700), kind: 'mute' },
      { at: moment(900), kind: 'unmute' },
      { at: moment(2_000), kind: 'mute' },
    ];
    expect(film({ marks }).moments).toEqual([
      { kind: 'muted', name: 'Sound off', fromMs: 500, toMs: 900 },
      { kind: 'muted', name: 'Sound off', fromMs: 2_000, toMs: 3_000 },
    ]);
  });

  it('has a gap where no chunk has footage, and none between the chunks of one fragment', () => {
    const chunks = [
      HEAD,
      chunk(400, 1_000, false),
      chunk(400, 1_000),
      chunk(1_500, 500),
      chunk(4_000, 1_000),
    ];
    expect(film({ chunks }).moments).toEqual([
      { kind: 'gap', name: 'No footage', fromMs: 0, toMs: 400 },
      { kind: 'gap', name: 'No footage', fromMs: 2_000, toMs: 4_000 },
    ]);
  });

  it('says that the power went, and what was lost with it', () => {
    const cut = { kind: 'cut', fromMs: 3_000, toMs: 3_000 };
    expect(film({ stopReason: 'power-loss' }).moments).toEqual([
      { ...cut, name: 'The camera lost power here' },
    ]);
    expect(film({ stopReason: 'power-loss', lostChunks: 2 }).moments).toEqual([
      { ...cut, name: 'The camera lost power: 2 chunks after it are lost' },
    ]);
  });
});

describe('what was checked', () => {
  it('joins to spans, in whatever order it came', () => {
    const spans = [3, 0, 7, 1, 2, 2].reduce<readonly ChunkSpan[]>(withChunk, []);
    expect(spans).toEqual([
      [0, 4],
      [7, 8],
    ]);
  });

  it('lies where its chunks play; the chunk that shows nothing lies nowhere', () => {
    const chunks = [HEAD, chunk(0, 1_000), chunk(1_000, 500), chunk(1_500, 500)];
    expect(stretchOf(chunks, [0, 1])).toBeUndefined();
    expect(stretchOf(chunks, [0, 3])).toEqual({ fromMs: 0, toMs: 1_500 });
    expect(stretchOf(chunks, [3, 9])).toEqual({ fromMs: 1_500, toMs: 2_000 });
  });
});

describe('a key', () => {
  const press = (key: string, holder: Holder = 'nobody', held: object = {}): unknown =>
    commandOf({ key, ctrlKey: false, altKey: false, metaKey: false, ...held }, holder);

  it.each([
    [' ', { does: 'toggle' }],
    ['K', { does: 'toggle' }],
    ['ArrowLeft', { does: 'seek', by: -5 }],
    ['ArrowRight', { does: 'seek', by: 5 }],
    ['j', { does: 'seek', by: -10 }],
    ['L', { does: 'seek', by: 10 }],
    ['Home', { does: 'edge', to: 'start' }],
    ['End', { does: 'edge', to: 'end' }],
    [',', { does: 'frame', by: -1 }],
    ['.', { does: 'frame', by: 1 }],
    ['f', { does: 'fullscreen' }],
    ['Tab', undefined],
    ['Enter', undefined],
  ])('%j asks for %j', (key, command) => {
    expect(press(key)).toEqual(command);
    expect(press(key, 'player')).toEqual(command);
  });

  it('is left to whom it belongs', () => {
    expect(press('j', 'other')).toBeUndefined();
    expect(press('ArrowLeft', 'field')).toBeUndefined();
    expect(press(' ', 'button')).toBeUndefined();
    expect(press('j', 'button')).toEqual({ does: 'seek', by: -10 });
    expect(press('l', 'player', { ctrlKey: true })).toBeUndefined();
    expect(press('ArrowLeft', 'player', { altKey: true })).toBeUndefined();
    expect(press('f', 'player', { metaKey: true })).toBeUndefined();
  });
});

import type { RecordingId } from '../../proto/ids.ts';
import { CHUNKS_MAX, MARKS_MAX } from '../../proto/limits.ts';
import type { Mark, Moment, RecordingCause, StopReason } from '../../proto/manifest.ts';
import type { PlainChunk, RecordingEnd } from '../ports.ts';
import type { Gop } from './footage/footage.ts';

/** One group of pictures and when its first frame was seen. */
export interface Take {
  readonly gop: Gop;
  readonly start: Moment;
  readonly durationMs: number;
}

/** How the camera is set. */
export interface RecorderSetting {
  /** How far before the trigger a recording may reach; 0 keeps nothing. It may fall short, never go beyond. */
  readonly preEventMs: number;
  /** Most memory for pictures that nobody has asked for yet. */
  readonly ringBytesMax: number;
}

// A minute and a half of busy footage. More would be a memory that a small device does not have.
export const RING_BYTES_MAX = 32 * 1024 * 1024;

export type RecorderState =
  | { readonly at: 'ready'; readonly ring: readonly Take[] }
  | {
      readonly at: 'recording';
      readonly recordingId: RecordingId;
      readonly source: 'lens' | 'file';
      readonly chunks: number;
      readonly marks: readonly Mark[];
    }
  /** The last chunks are on their way; `refused` once the flash has no room, so that no more are stored. */
  | {
      readonly at: 'closing';
      readonly recordingId: RecordingId;
      readonly chunks: number;
      readonly end: RecordingEnd;
      readonly refused: boolean;
    };

export type RecorderEvent =
  /** The lens has seen another group of pictures. */
  | { readonly event: 'take'; readonly take: Take }
  | {
      readonly event: 'trigger';
      readonly recordingId: RecordingId;
      readonly at: Moment;
      /** Of the frame that is being seen. */
      readonly seen?: Moment;
      readonly cause?: RecordingCause;
    }
  /** A film is to be recorded in place of what the lens sees. */
  | {
      readonly event: 'replay';
      readonly recordingId: RecordingId;
      readonly at: Moment;
      readonly cause?: RecordingCause;
    }
  | { readonly event: 'mark'; readonly mark: Mark }
  | { readonly event: 'chunk'; readonly chunk: PlainChunk; readonly at: Moment }
  | { readonly event: 'stop'; readonly at: Moment; readonly reason: StopReason }
  /** The flash has no room for what it was last given. */
  | { readonly event: 'full'; readonly at: Moment }
  /** The film that is being recorded turned out to be broken: nothing of it is to stay. */
  | { readonly event: 'abandon' }
  /** Every chunk there was has become an event. */
  | { readonly event: 'drained' }
  /** What was seen and not asked for is to be forgotten. */
  | { readonly event: 'forget' };

export type RecorderEffect =
  | {
      readonly effect: 'open';
      readonly recordingId: RecordingId;
      readonly triggered: Moment;
      readonly started: Moment;
      readonly cause?: RecordingCause;
    }
  /** Make chunks of this take; they come back as events. */
  | { readonly effect: 'mux'; readonly take: Take }
  | {
      readonly effect: 'store';
      readonly recordingId: RecordingId;
      readonly chunk: PlainChunk;
      readonly at: Moment;
    }
  | { readonly effect: 'mark'; readonly recordingId: RecordingId; readonly mark: Mark }
  /** Give the chunks that are still held back, then `drained`. */
  | { readonly effect: 'drain' }
  | { readonly effect: 'discard'; readonly recordingId: RecordingId }
  /** Close with what was stored, up to the last whole fragment. */
  | { readonly effect: 'close'; readonly recordingId: RecordingId; readonly end: RecordingEnd };

export type RecorderStep = readonly [RecorderState, readonly RecorderEffect[]];

export const RECORDER_START: RecorderState = { at: 'ready', ring: [] };

/**
 * The camera's recording states. Pure: what happened goes in, what must be done comes out, in order. An event that
 * does not fit the state changes nothing.
 */
export function step(state: RecorderState, event: RecorderEvent, setting: RecorderSetting): RecorderStep {
  switch (state.at) {
    case 'ready':
      return whenReady(state, event, setting);
    case 'recording':
      return whenRecording(state, event);
    case 'closing':
      return whenClosing(state, event);
    default:
      return state satisfies never;
  }
}

type Ready = Extract<RecorderState, { at: 'ready' }>;
type Recording = Extract<RecorderState, { at: 'recording' }>;
type Closing = Extract<RecorderState, { at: 'closing' }>;

function whenReady(state: Ready, event: RecorderEvent, setting: RecorderSetting): RecorderStep {
  switch (event.event) {
    case 'take':
      return [{ at: 'ready', ring: keepNewest([...state.ring, event.take], setting) }, []];
    case 'trigger':
      return startFromRing(state, event, setting);
    case 'replay': {
      const { recordingId, at, cause } = event;
      const next = { at: 'recording', recordingId, source: 'file', chunks: 0, marks: [] } as const;
      const why = cause === undefined ? {} : { cause };
      return [next, [{ effect: 'open', recordingId, triggered: at, started: at, ...why }]];
    }
    case 'forget':
      return [RECORDER_START, []];
    case 'mark':
    case 'chunk':
    case 'stop':
    case 'full':
    case 'abandon':
    case 'drained':
      return [state, []];
    default:
      return event satisfies never;
  }
}

function startFromRing(
  state: Ready,
  { recordingId, at, cause, seen = at }: Extract<RecorderEvent, { event: 'trigger' }>,
  setting: RecorderSetting,
): RecorderStep {
  const earliestUs = at.monoUs - setting.preEventMs * 1000;
  const before = state.ring.filter(({ start }) => start.monoUs >= earliestUs);
  const started = before[0]?.start ?? seen;
  return [
    { at: 'recording', recordingId, source: 'lens', chunks: 0, marks: [] },
    [
      { effect: 'open', recordingId, triggered: at, started, ...(cause === undefined ? {} : { cause }) },
      ...before.map((take) => ({ effect: 'mux', take }) as const),
    ],
  ];
}

function whenRecording(state: Recording, event: RecorderEvent): RecorderStep {
  const { recordingId } = state;
  switch (event.event) {
    case 'take':
      return state.source === 'lens' ? [state, [{ effect: 'mux', take: event.take }]] : [state, []];
    case 'chunk':
      if (state.chunks === CHUNKS_MAX)
        return stop(state, { ended: event.at, stopReason: 'storage-full' }, true);
      return store(state, event);
    case 'mark': {
      if (state.marks.length === MARKS_MAX) return [state, []];
      const marks = [...state.marks, event.mark];
      return [{ ...state, marks }, [{ effect: 'mark', recordingId, mark: event.mark }]];
    }
    case 'stop':
      return stop(state, { ended: event.at, stopReason: event.reason }, false);
    case 'full':
      return stop(state, { ended: event.at, stopReason: 'storage-full' }, true);
    case 'abandon':
      return [RECORDER_START, [{ effect: 'discard', recordingId }]];
    case 'trigger':
    case 'replay':
    case 'drained':
    case 'forget':
      return [state, []];
    default:
      return event satisfies never;
  }
}

function stop(state: Recording, end: Omit<RecordingEnd, 'marks'>, refused: boolean): RecorderStep {
  const { recordingId, chunks, marks } = state;
  return [{ at: 'closing', recordingId, chunks, end: { ...end, marks }, refused }, [{ effect: 'drain' }]];
}

// The manifest's table has an end. Nobody records for so long in one go, but a film may be that long.
function store<State extends Recording | Closing>(
  state: State,
  { chunk, at }: Extract<RecorderEvent, { event: 'chunk' }>,
): RecorderStep {
  return [
    { ...state, chunks: state.chunks + 1 },
    [{ effect: 'store', recordingId: state.recordingId, chunk, at }],
  ];
}

function refuse(state: Closing): Closing {
  // Footage that was seen is missing at the end, whatever it was that ended it.
  return { ...state, refused: true, end: { ...state.end, stopReason: 'storage-full' } };
}

function whenClosing(state: Closing, event: RecorderEvent): RecorderStep {
  const { recordingId, end } = state;
  switch (event.event) {
    case 'chunk':
      if (state.refused) return [state, []];
      return state.chunks === CHUNKS_MAX ? [refuse(state), []] : store(state, event);
    case 'full':
      return [refuse(state), []];
    case 'drained':
      return [RECORDER_START, [{ effect: 'close', recordingId, end }]];
    case 'take':
    case 'trigger':
    case 'replay':
    case 'mark':
    case 'stop':
    case 'abandon':
    case 'forget':
      return [state, []];
    default:
      return event satisfies never;
  }
}

/** Whole takes only, since a player can start at none but their first frames; the oldest go first. */
function keepNewest(takes: readonly Take[], setting: RecorderSetting): readonly Take[] {
  const newest = takes.at(-1);
  if (!newest) return [];
  const earliestUs = newest.start.monoUs + (newest.durationMs - setting.preEventMs) * 1000;
  let bytes = 0;
  const kept = takes.findLastIndex(({ gop, start }) => {
    bytes += gop.bytes.length;
    return start.monoUs < earliestUs || bytes > setting.ringBytesMax;
  });
  return takes.slice(kept + 1);
}

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** What the controls show of the `<video>`. */
export interface VideoState {
  readonly timeS: number;
  readonly paused: boolean;
  readonly waiting: boolean;
  readonly rate: number;
  readonly volume: number;
  readonly muted: boolean;
}

const EVENTS = [
  'timeupdate',
  'seeking',
  'seeked',
  'play',
  'playing',
  'pause',
  'waiting',
  'ratechange',
  'volumechange',
  'loadedmetadata',
  'ended',
  'emptied',
] as const;

const AT_REST: VideoState = { timeS: 0, paused: true, waiting: false, rate: 1, volume: 1, muted: false };

/** The state of the video, as it changes. */
export function useVideo(ref: RefObject<HTMLVideoElement | null>): VideoState {
  const [state, setState] = useState(AT_REST);
  useEffect(() => {
    const video = ref.current;
    if (video === null) return undefined;
    const gone = new AbortController();
    const read = (): void => {
      const { currentTime: timeS, paused, readyState, playbackRate: rate, volume, muted } = video;
      const waiting = !paused && readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
      setState({ timeS, paused, waiting, rate, volume, muted });
    };
    for (const event of EVENTS) video.addEventListener(event, read, { signal: gone.signal });
    return () => gone.abort();
  }, []);
  return state;
}

// While nothing has been seen play; a body camera takes thirty frames a second.
const FRAME_S_FIRST = 1 / 30;
// Two frames are never closer; what seems so is one frame that was shown twice.
const FRAME_S_MIN = 1 / 130;

/** Goes from one frame to the next, by the times that the browser says it showed frames at. */
export class FrameStep {
  readonly #video: HTMLVideoElement;
  #frameS = Number.POSITIVE_INFINITY;
  #shownAtS: number | undefined;
  #watch: number;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#watch = video.requestVideoFrameCallback((_now, frame) => this.#seen(frame.mediaTime));
  }

  /** One frame on, or back; the video is paused. */
  step(by: 1 | -1): void {
    const frameS = Number.isFinite(this.#frameS) ? this.#frameS : FRAME_S_FIRST;
    const shownAtS = this.#shownAtS ?? this.#video.currentTime;
    // To the middle of the frame: its edges belong to its neighbours.
    const wantedS = shownAtS + (by + 0.5) * frameS;
    this.#video.currentTime = Math.max(0, Math.min(wantedS, this.#video.duration - frameS / 2));
  }

  close(): void {
    this.#video.cancelVideoFrameCallback(this.#watch);
  }

  #seen(mediaTimeS: number): void {
    const apartS = Math.abs(mediaTimeS - (this.#shownAtS ?? mediaTimeS));
    if (apartS > FRAME_S_MIN) this.#frameS = Math.min(this.#frameS, apartS);
    this.#shownAtS = mediaTimeS;
    this.#watch = this.#video.requestVideoFrameCallback((_now, frame) => this.#seen(frame.mediaTime));
  }
}

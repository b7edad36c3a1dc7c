import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Evidence } from './evidence.ts';
import { Icon } from './icons.tsx';
import { Controls } from './player-controls.tsx';
import { type Film, filmOf, saidOf, stretchOf } from './player-film.ts';
import { commandOf, type Command, type Holder } from './player-keys.ts';
import { Moments, type Opening, Strip } from './player-strip.tsx';
import { FrameStep, useVideo } from './player-video.ts';
import { Watermark } from './player-watermark.ts';
import type { Progress } from './player.ts';

interface StageProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly person: string;
  readonly open:
    | { readonly evidence: Evidence; readonly openings: readonly Opening[]; readonly progress: Progress }
    | undefined;
  /** Nothing may be seen any more. */
  readonly stopped: boolean;
  readonly linkTo: (seconds: number) => string;
  /** The playhead is held until this resolves. */
  readonly onHold: (released: Promise<void>) => void;
}

/** The picture with what lies over it and below it. Full screen takes all of it, so that nothing comes off the picture. */
export function Stage({ video, person, open, stopped, linkTo, onHold }: StageProps): JSX.Element {
  const stage = useRef<HTMLDivElement>(null);
  const state = useVideo(video);
  const film = useFilm(open?.evidence);
  const isFull = useFullScreen(stage, stopped);
  const { host, notice } = useWatermark(video, {
    person,
    open: stopped ? undefined : open,
    timeS: state.timeS,
  });
  const seek = (seconds: number): void => {
    if (video.current !== null && film !== undefined)
      video.current.currentTime = Math.max(0, Math.min(seconds, film.lengthMs / 1_000));
  };
  const onCommand = useCommands({ video, stage, film, seek });
  useKeys(stage, film === undefined || stopped ? undefined : onCommand);
  const set = (change: Partial<Pick<HTMLVideoElement, 'playbackRate' | 'volume' | 'muted'>>): void => {
    if (video.current !== null) Object.assign(video.current, change);
  };
  const isShown = open !== undefined && film !== undefined && !stopped;
  return (
    <>
      <div class="stage" ref={stage} data-full={isFull}>
        <div class="picture" hidden={stopped}>
          <video
            ref={video}
            playsInline
            disablePictureInPicture
            disableRemotePlayback
            controlsList="nodownload noplaybackrate noremoteplayback"
            hidden={stopped}
            onClick={() => onCommand({ does: 'toggle' })}
            onContextMenu={(event) => event.preventDefault()}
          />
          <div class="over" ref={host} />
          {state.waiting && <p class="waiting">One moment…</p>}
        </div>
        {notice && !stopped && <TakenOff />}
        {isShown && (
          <>
            <Strip
              film={film}
              chunks={open.evidence.manifest.chunks}
              openings={open.openings}
              checked={open.progress.spans}
              timeS={state.timeS}
              onSeek={seek}
              onHold={onHold}
            />
            <Controls
              state={state}
              lengthMs={film.lengthMs}
              hasSound={SOUND.test(open.evidence.manifest.mediaType)}
              isFull={isFull}
              onCommand={onCommand}
              onRate={(playbackRate) => set({ playbackRate })}
              onSound={set}
              linkNow={() => linkTo(video.current?.currentTime ?? 0)}
            />
          </>
        )}
      </div>
      {isShown && <Moments film={film} onSeek={seek} />}
      {isShown && <Said lines={saidOf(open.evidence.manifest)} />}
    </>
  );
}

function Said({ lines }: { readonly lines: readonly string[] }): JSX.Element | null {
  return lines.length === 0 ? null : <p class="fine">{lines.join(' · ')}</p>;
}

function TakenOff(): JSX.Element {
  return (
    <p class="notice bad" role="alert">
      <Icon name="warning" /> Paused: what says who is watching was taken off the picture. It is back; press
      play to go on.
    </p>
  );
}

/** Codecs of sound, as a media type names them (RFC 6381). */
const SOUND = /mp4a|opus|ac-3|ec-3|flac/i;

function useFilm(evidence: Evidence | undefined): Film | undefined {
  const [film, setFilm] = useState<Film>();
  useEffect(() => {
    if (evidence !== undefined) setFilm(filmOf(evidence.manifest));
  }, [evidence]);
  return film;
}

/** Is the stage the whole screen? What has stopped gives the screen back, as the reason stands beside it. */
function useFullScreen(stage: RefObject<HTMLDivElement | null>, stopped: boolean): boolean {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const onChange = (): void => setFull(document.fullscreenElement === stage.current);
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, []);
  useEffect(() => {
    if (stopped && isFull) void document.exitFullscreen();
  }, [stopped, isFull]);
  return isFull;
}

/** Keeps the overlay over the picture, and the picture still while it is not. */
function useWatermark(
  video: RefObject<HTMLVideoElement | null>,
  { person, open, timeS }: Pick<StageProps, 'person' | 'open'> & { readonly timeS: number },
): { readonly host: RefObject<HTMLDivElement | null>; readonly notice: boolean } {
  const host = useRef<HTMLDivElement>(null);
  const watermark = useRef<Watermark>(undefined);
  const [notice, setNotice] = useState(false);
  const isOpen = open !== undefined;
  const mark = open && {
    person,
    recording: open.evidence.manifest.recordingId,
    entry: entryAt(open, timeS * 1_000),
  };
  useEffect(() => {
    if (!isOpen || mark === undefined || host.current === null || video.current === null) return undefined;
    const playing = video.current;
    const made = new Watermark(host.current, mark, () => {
      playing.pause();
      setNotice(true);
    });
    const onPlay = (): void => (made.isWhole() ? setNotice(false) : playing.pause());
    playing.addEventListener('play', onPlay);
    watermark.current = made;
    return () => {
      playing.removeEventListener('play', onPlay);
      made.close();
    };
  }, [isOpen]);
  if (mark !== undefined) watermark.current?.show(mark);
  return { host, notice };
}

/** The entry under which this moment was opened; the newest one, where it was opened more than once. */
function entryAt({ evidence, openings }: NonNullable<StageProps['open']>, atMs: number): number {
  const { chunks } = evidence.manifest;
  const opening = openings.findLast(({ range }) => {
    const stretch = stretchOf(chunks, range);
    return stretch !== undefined && stretch.fromMs <= atMs && atMs <= stretch.toMs;
  });
  return opening?.entry ?? evidence.grantedIndex;
}

function useCommands({
  video,
  stage,
  film,
  seek,
}: {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly film: Film | undefined;
  readonly seek: (seconds: number) => void;
}): (command: Command) => void {
  const frames = useRef<FrameStep>(undefined);
  useEffect(() => {
    if (video.current !== null) frames.current = new FrameStep(video.current);
    return () => frames.current?.close();
  }, []);
  return (command) => {
    const playing = video.current;
    if (playing === null) return;
    switch (command.does) {
      case 'toggle':
        if (playing.paused) void playing.play().catch(() => undefined);
        else playing.pause();
        return;
      case 'seek':
        return seek(playing.currentTime + command.by);
      case 'edge':
        return seek(command.to === 'start' ? 0 : (film?.lengthMs ?? 0) / 1_000);
      case 'frame':
        if (playing.paused) frames.current?.step(command.by);
        return;
      case 'fullscreen':
        void (document.fullscreenElement === null
          ? stage.current?.requestFullscreen()
          : document.exitFullscreen());
        return;
      default:
        command satisfies never;
    }
  };
}

function useKeys(
  stage: RefObject<HTMLElement | null>,
  onCommand: ((command: Command) => void) | undefined,
): void {
  const heard = useRef(onCommand);
  heard.current = onCommand;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (stage.current?.checkVisibility() !== true || event.defaultPrevented) return;
      const command = commandOf(event, holderOf(stage.current));
      if (command === undefined || heard.current === undefined) return;
      event.preventDefault();
      heard.current(command);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** Who has the focus, as far as it matters for whose key it is. */
function holderOf(stage: HTMLElement): Holder {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return 'nobody';
  if (!stage.contains(focused)) return 'other';
  if (focused instanceof HTMLButtonElement) return 'button';
  return focused.matches('select, input:not(.seek)') ? 'field' : 'player';
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Row } from './answers.ts';
import { openPart, type Access, type Part } from './part.ts';
import { Stage } from './player-stage.tsx';
import type { Opening } from './player-strip.tsx';
import { Verdict, type Showing } from './player-verdict.tsx';
import { Player, type Progress } from './player.ts';
import { reasonsOf } from './reasons.tsx';
import './styles/player.css';

interface PlayerProps {
  readonly row: Row;
  readonly purpose: string;
  readonly access: Access;
  /** The moment to begin at, seconds; another one goes there. */
  readonly startS: number;
  /** Is it the part of the page that the person looks at? */
  readonly isShown: boolean;
  readonly linkTo: (seconds: number) => string;
  /** The ledger has something new to say about this recording. */
  readonly onRecorded: () => void;
}

/** Opens the recording, checks everything that comes with it, plays it, and says all along what has been checked. */
export function PlayerView(props: PlayerProps): JSX.Element {
  const { row, access, startS, isShown, linkTo } = props;
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<Player>(undefined);
  const held = useRef(Promise.resolve());
  const [showing, setShowing] = useState<Showing>({ at: 'opening' });
  useEffect(() => {
    const stop = new AbortController();
    void start(props, { video, player, held, show: setShowing, stop: stop.signal });
    return () => {
      stop.abort();
      player.current?.close();
    };
  }, []);
  useEffect(() => {
    if (row.status === 'held')
      player.current?.halt('The release has ended, so the footage was taken off the screen.');
  }, [row.status]);
  useEffect(() => {
    if (!isShown) video.current?.pause();
  }, [isShown]);
  useEffect(() => {
    if (startS > 0 && video.current !== null && video.current.readyState > 0)
      video.current.currentTime = startS;
  }, [startS]);
  const stopped = showing.at === 'refused' || (showing.at === 'open' && showing.progress.at === 'stopped');
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    // The controls are gone, and with them what the person was at; the reason stands here.
    if (stopped && document.activeElement === document.body) place.current?.focus();
  }, [stopped]);
  return (
    <section class="player" aria-label="Player" ref={place} tabIndex={-1}>
      <Stage
        video={video}
        person={`${access.login.name} (${access.login.person})`}
        open={showing.at === 'open' ? showing : undefined}
        stopped={stopped}
        linkTo={linkTo}
        onHold={(released) => {
          held.current = released;
        }}
      />
      <Verdict showing={showing} />
    </section>
  );
}

interface Wires {
  readonly video: { readonly current: HTMLVideoElement | null };
  readonly player: { current: Player | undefined };
  /** Resolves once nobody holds the playhead. */
  readonly held: { readonly current: Promise<void> };
  readonly show: (showing: Showing) => void;
  readonly stop: AbortSignal;
}

async function start(props: PlayerProps, wires: Wires): Promise<void> {
  const { row, purpose, access, onRecorded } = props;
  try {
    const first = await openPart({ id: row.id, purpose, access });
    if (wires.stop.aborted) return first.forget();
    await play(first, props, wires);
  } catch (error) {
    if (wires.stop.aborted) return;
    wires.show({ at: 'refused', ...reasonsOf(error) });
    onRecorded();
  }
}

async function play(first: Part, props: PlayerProps, { video, player, held, show }: Wires): Promise<void> {
  const { row, purpose, access, startS, onRecorded } = props;
  if (video.current === null) return first.forget();
  const { evidence } = first;
  const openings: Opening[] = [opening(first)];
  let last = first;
  const onProgress = (progress: Progress): void => {
    show({ at: 'open', evidence, openings: [...openings], progress });
    // The first chunk came, so the view is on record.
    if (progress.checked === 1) onRecorded();
  };
  onProgress({ at: 'playing', checked: 0, spans: [], asking: false });
  player.current = new Player({
    video: video.current,
    first,
    startS,
    letGo: () => held.current,
    openPart: async (from) => {
      last = await openPart({ id: row.id, purpose, access }, { part: last, from });
      openings.push(opening(last));
      onRecorded();
      return last;
    },
    onProgress,
  });
  await player.current.run();
}

function opening({ evidence, range }: Part): Opening {
  return { entry: evidence.grantedIndex, range };
}

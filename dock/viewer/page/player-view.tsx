import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Missing, type Row } from './api.ts';
import type { Evidence } from './evidence.ts';
import { Icon } from './icons.tsx';
import { openPart, type Access } from './part.ts';
import { Player, type Progress } from './player.ts';
import { said } from './words.ts';

type Showing =
  | { readonly at: 'opening' }
  | { readonly at: 'refused'; readonly because: string; readonly missing: readonly Missing[] }
  | {
      readonly at: 'open';
      readonly evidence: Evidence;
      /** Where the ledger says that parts of it were opened here, in that order. */
      readonly openings: readonly number[];
      readonly progress: Progress;
    };

interface PlayerProps {
  readonly row: Row;
  readonly purpose: string;
  readonly access: Access;
  /** The ledger has something new to say about this recording. */
  readonly onRecorded: () => void;
}

/** Opens the recording, checks everything that comes with it, plays it, and says all along what has been checked. */
export function PlayerView({ row, purpose, access, onRecorded }: PlayerProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<Player>(undefined);
  const [showing, setShowing] = useState<Showing>({ at: 'opening' });
  useEffect(() => {
    const stop = new AbortController();
    void start().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      const missing = error instanceof ApiError ? error.missing : [];
      setShowing({ at: 'refused', because: said(error), missing });
      onRecorded();
    });
    async function start(): Promise<void> {
      const wish = { id: row.id, purpose, access };
      const first = await openPart(wish);
      if (stop.signal.aborted || video.current === null) return first.forget();
      const { evidence } = first;
      const openings = [evidence.grantedIndex];
      const onProgress = (progress: Progress): void => {
        setShowing({ at: 'open', evidence, openings: [...openings], progress });
        // The first chunk came, so the view is on record.
        if (progress.checked === 1) onRecorded();
      };
      onProgress({ at: 'playing', checked: 0, asking: false });
      player.current = new Player({
        video: video.current,
        first,
        openPart: async (from) => {
          const part = await openPart(wish, { part: first, from });
          openings.push(part.evidence.grantedIndex);
          onRecorded();
          return part;
        },
        onProgress,
      });
      await player.current.run();
    }
    return () => {
      stop.abort();
      player.current?.close();
    };
  }, []);
  useEffect(() => {
    if (row.status === 'held')
      player.current?.halt('The release has ended, so the footage was taken off the screen.');
  }, [row.status]);
  const stopped = showing.at === 'refused' || (showing.at === 'open' && showing.progress.at === 'stopped');
  return (
    <section class="player" aria-label="Player">
      <video ref={video} controls playsInline controlsList="nodownload" hidden={stopped} />
      <Verdict showing={showing} />
    </section>
  );
}

function Verdict({ showing }: { readonly showing: Showing }): JSX.Element {
  if (showing.at === 'opening') return <p class="badge">Asking the policy service…</p>;
  if (showing.at === 'refused') {
    return (
      <div class="badge bad" role="alert" data-badge="refused">
        <b>
          <Icon name="cross" /> Not opened
        </b>
        <span>{showing.because}</span>
        {showing.missing.map(({ text }) => (
          <span key={text}>Waiting for the {text}.</span>
        ))}
      </div>
    );
  }
  return <Checks {...showing} />;
}

function Checks({ evidence, openings, progress }: Extract<Showing, { at: 'open' }>): JSX.Element {
  const total = evidence.manifest.chunks.length;
  if (progress.at === 'stopped') {
    return (
      <div class="badge bad" role="alert" data-badge={progress.bad ? 'bad' : 'stopped'}>
        <b>
          <Icon name={progress.bad ? 'cross' : 'warning'} />{' '}
          {progress.bad ? 'Not verified: playback stopped' : 'Playback stopped'}
        </b>
        <span>{progress.because}</span>
      </div>
    );
  }
  const all = progress.at === 'checked-all';
  return (
    <div
      class={`badge ${all ? 'good' : ''}`}
      data-badge={all ? 'verified' : 'checking'}
      data-checked={progress.checked}
      data-openings={openings.length}
    >
      <b role="status">
        <Icon name="check" />{' '}
        {all
          ? `Verified: all ${total} chunks are what the camera signed`
          : `Verified so far: ${progress.checked} of ${total} chunks`}
      </b>
      {progress.asking && <span class="fine">Asking the policy service for the next part…</span>}
      <progress value={progress.checked} max={total} aria-label="Chunks checked" />
      <ul class="checks">
        <li>
          <Icon name="check" /> The camera {evidence.manifest.cameraId} signed the manifest.
        </li>
        <li>
          <Icon name="check" /> The dock took custody of it: ledger entry {evidence.acceptedIndex}.
        </li>
        <li>
          <Icon name="check" /> {onRecord(openings)}
        </li>
        {evidence.manifest.suite === 1 && (
          <li>
            <Icon name="check" /> The camera sealed it, and the policy service gave the keys to this page
            alone.
          </li>
        )}
      </ul>
    </div>
  );
}

/** A grant covers some minutes, and each one is an opening of its own. */
function onRecord(openings: readonly number[]): string {
  return openings.length === 1
    ? `This opening is on record: ledger entry ${openings.join()}.`
    : `These openings, each of some minutes, are on record: ledger entries ${openings.join(', ')}.`;
}

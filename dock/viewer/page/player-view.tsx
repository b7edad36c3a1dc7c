import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Missing, type Opened, type Row } from './api.ts';
import { checkOpening, type Evidence } from './evidence.ts';
import { Icon } from './icons.tsx';
import { fetchKeys } from './key-desk.ts';
import { openingProof } from './opening.ts';
import { Player, type Progress } from './player.ts';
import type { Access } from './recording-view.tsx';
import type { ChunkKeys } from './unseal.ts';
import { said } from './words.ts';

type Showing =
  | { readonly at: 'opening' }
  | { readonly at: 'refused'; readonly because: string; readonly missing: readonly Missing[] }
  | {
      readonly at: 'open';
      readonly evidence: Evidence;
      readonly range: readonly [number, number];
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
  const keyring = useRef<ChunkKeys>(undefined);
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
      const { opened, evidence, keys } = await open(row.id, purpose, access);
      if (stop.signal.aborted || video.current === null) return keys?.forget();
      keyring.current = keys;
      const { range, session } = opened;
      const { api } = access;
      const onProgress = (progress: Progress): void => {
        setShowing({ at: 'open', evidence, range, progress });
        // The first chunk came, so the view is on record.
        if (progress.checked === 1) onRecorded();
      };
      onProgress({ at: 'playing', checked: 0 });
      const fetchChunk = (index: number, signal: AbortSignal): ReturnType<typeof api.chunk> =>
        api.chunk({ id: row.id, index, session, signal });
      player.current = new Player({
        video: video.current,
        manifest: evidence.manifest,
        range,
        fetchChunk,
        unseal: keys === undefined ? undefined : (index, stored) => keys.unseal(index, stored),
        onProgress,
      });
      await player.current.run();
    }
    return () => {
      stop.abort();
      player.current?.close();
      keyring.current?.forget();
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

async function open(
  id: string,
  purpose: string,
  { api, config, login }: Access,
): Promise<{ opened: Opened; evidence: Evidence; keys: ChunkKeys | undefined }> {
  const proof = await openingProof(login.key, { recording: id, purpose, dock: config.dock });
  const opened = await api.open(id, { purpose, proof });
  const known = { recording: id, keyThumbprint: login.key.thumbprint, vkey: config.vkey };
  const evidence = checkOpening(opened, known);
  if (evidence.manifest.suite === 0) return { opened, evidence, keys: undefined };
  const { policyUrl } = config;
  return { opened, evidence, keys: await fetchKeys({ api, policyUrl, key: login.key, opened, evidence }) };
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

function Checks({ evidence, range, progress }: Extract<Showing, { at: 'open' }>): JSX.Element {
  const total = range[1] - range[0];
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
    >
      <b role="status">
        <Icon name="check" />{' '}
        {all
          ? `Verified: all ${total} chunks are what the camera signed`
          : `Verified so far: ${progress.checked} of ${total} chunks`}
      </b>
      <progress value={progress.checked} max={total} aria-label="Chunks checked" />
      <ul class="checks">
        <li>
          <Icon name="check" /> The camera {evidence.manifest.cameraId} signed the manifest.
        </li>
        <li>
          <Icon name="check" /> The dock took custody of it: ledger entry {evidence.acceptedIndex}.
        </li>
        <li>
          <Icon name="check" /> This opening is on record: ledger entry {evidence.grantedIndex}.
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

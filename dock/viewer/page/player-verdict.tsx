import type { JSX } from 'preact';
import type { Evidence } from './evidence.ts';
import { Icon } from './icons.tsx';
import type { Opening } from './player-strip.tsx';
import type { Progress } from './player.ts';
import { ReasonLines, type Reasons } from './reasons.tsx';

export type Showing =
  | { readonly at: 'opening' }
  | ({ readonly at: 'refused' } & Reasons)
  | {
      readonly at: 'open';
      readonly evidence: Evidence;
      /** Parts of it that were opened here, in that order. */
      readonly openings: readonly Opening[];
      readonly progress: Progress;
    };

/** What has been checked so far, or why nothing is shown. */
export function Verdict({ showing }: { readonly showing: Showing }): JSX.Element {
  if (showing.at === 'opening') return <p class="badge">Asking the policy service…</p>;
  if (showing.at === 'refused') {
    return (
      <div class="badge bad" role="alert" data-badge="refused">
        <b>
          <Icon name="cross" /> Not opened
        </b>
        <ReasonLines {...showing} />
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
          <Icon name="check" /> {onRecord(openings.map(({ entry }) => entry))}
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

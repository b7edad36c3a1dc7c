import type { JSX } from 'preact';
import type { Listing, Quarantined, Row } from './api.ts';
import { Icon } from './icons.tsx';
import { bytesInWords, length, statusInWords, when } from './words.ts';

interface ListProps {
  readonly listing: Listing | undefined;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

/** What the person may know of, newest first. Each row says in words whether it is held, and what for. */
export function RecordingList({ listing, chosen, onChoose }: ListProps): JSX.Element {
  if (listing === undefined) return <p class="empty">Loading recordings…</p>;
  const { recordings, quarantined } = listing;
  return (
    <>
      <section aria-labelledby="recordings-title">
        <h2 id="recordings-title">Recordings</h2>
        {recordings.length === 0 && <p class="empty">No recording here concerns you yet.</p>}
        <ul class="rows" aria-live="polite">
          {recordings.map((row) => (
            <li key={row.id}>
              <RowButton row={row} isChosen={row.id === chosen} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      </section>
      {quarantined.length > 0 && <Quarantine rows={quarantined} />}
    </>
  );
}

function RowButton({
  row,
  isChosen,
  onChoose,
}: {
  row: Row;
  isChosen: boolean;
  onChoose: ListProps['onChoose'];
}): JSX.Element {
  return (
    <button
      type="button"
      class={`row ${row.status}`}
      aria-current={isChosen ? 'true' : undefined}
      data-recording={row.id}
      data-status={row.status}
      onClick={() => onChoose(row.id)}
    >
      <span class="row-head">
        <b>{row.incident === '' ? 'No incident tag' : row.incident}</b>
        <span class="fine">{length(row.durationMs)}</span>
      </span>
      <span class="fine">
        Officer {row.officer} · {row.camera} · {when(row.startedAt)}
      </span>
      <span class={`status ${row.status}`}>
        <Icon name={row.status} /> {statusInWords(row)}
      </span>
    </button>
  );
}

function Quarantine({ rows }: { readonly rows: readonly Quarantined[] }): JSX.Element {
  return (
    <section aria-labelledby="quarantine-title">
      <h2 id="quarantine-title">Quarantined</h2>
      <ul class="rows">
        {rows.map((row) => (
          <li key={`${row.id}-${row.bytes}`} class="row quarantined">
            <span class="row-head">
              <b>{row.camera}</b>
              <span class="fine">{bytesInWords(row.bytes)}</span>
            </span>
            {row.receivedAt !== undefined && <span class="fine">{when(row.receivedAt)}</span>}
            <span class="status bad">
              <Icon name="warning" /> Refused: {row.reason}. Kept aside, never released.
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

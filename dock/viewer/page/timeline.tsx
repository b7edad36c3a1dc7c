import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Api, CustodyEvent, Row } from './api.ts';
import { when } from './words.ts';

interface TimelineProps {
  readonly api: Api;
  /** Another object whenever something happened to the recording. */
  readonly row: Row;
  /** Rises with whatever this page itself had put on record. */
  readonly recorded: number;
}

/** Everything the ledger says about this recording, newest first. */
export function Timeline({ api, row, recorded }: TimelineProps): JSX.Element {
  const [events, setEvents] = useState<readonly CustodyEvent[]>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    api.timeline(row.id).then(
      (loaded) => {
        if (!isCurrent) return;
        setEvents(loaded);
        setFailed(false);
      },
      () => isCurrent && setFailed(true),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, row, recorded]);
  return (
    <section aria-labelledby="timeline-title">
      <h3 id="timeline-title">Custody</h3>
      {events === undefined && (
        <p class="empty">{failed ? 'The ledger cannot be read just now.' : 'Loading…'}</p>
      )}
      <ol class="timeline">
        {events?.toReversed().map(({ index, type, at, text }) => (
          <li key={index} class={`event-${type}`}>
            <span>{text}</span>
            <span class="fine">
              <time dateTime={at} title={at}>
                {when(at)}
              </time>{' '}
              · ledger entry {index}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Listing, Row } from './answers.ts';
import { CustodyEventItem } from './custody-event.tsx';
import { CheckSummary, useChecks } from './custody-checks.tsx';
import { Icon } from './icons.tsx';
import { growthBy } from './growth.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { PackagePanel } from './package-panel.tsx';
import type { Access } from './part.ts';
import { SelfCheck } from './self-check-panel.tsx';
import './styles/custody.css';
import { useCustody } from './use-custody.ts';

interface ViewProps {
  /** Another object whenever something happened to the recording. */
  readonly row: Row;
  readonly listing: Listing | undefined;
  readonly access: Access;
  /** Rises with whatever this page itself had put on record. */
  readonly recorded: number;
}

/** Everything the ledger says about this recording, newest first; proofs of it; and all of it to take along. */
export function CustodyView({ row, listing, access, recorded }: ViewProps): JSX.Element {
  const { api, config } = access;
  const [taken, setTaken] = useState(0);
  const custody = useCustody(api, row, recorded + taken);
  const watch = useMemo(() => new LedgerWatch(growthBy(api), config.vkey, localStorage), [api, config.vkey]);
  const checks = useChecks({ api, vkey: config.vkey, recording: row.id, watch });
  const { events, total, failed, earlier } = custody;
  const [first] = events;
  const checkAll = async (): Promise<void> => {
    if (checks.isBusy) return;
    try {
      await checks.checkAll(await custody.all());
    } catch (error) {
      checks.fail(error);
    }
  };
  return (
    <>
      <section class="custody" aria-labelledby="custody-title">
        <div class="custody-head">
          <h3 id="custody-title">What happened to this recording</h3>
          <button
            type="button"
            disabled={total === 0}
            aria-disabled={checks.isBusy}
            onClick={() => void checkAll()}
          >
            <Icon name="shield" /> {checks.isBusy ? 'Checking…' : 'Check all'}
          </button>
        </div>
        <CheckSummary checks={checks} total={total} />
        {events.length === 0 && (
          <p class="empty">{failed ? 'The ledger cannot be read just now.' : 'Loading…'}</p>
        )}
        <p class="fine">
          Local times are by this dock’s own clock, and nothing is claimed of how far that is from UTC; they
          are comparable within one clock epoch. Where the dock measured a time, its bound stands beside it.
        </p>
        <ol class="timeline">
          {events.toReversed().map((event) => (
            <CustodyEventItem
              key={event.index}
              event={event}
              check={checks.of(event.index)}
              onCheck={() => void checks.check(event)}
            />
          ))}
        </ol>
        {earlier !== undefined && (
          <button type="button" class="earlier" onClick={() => void custody.more()}>
            Show earlier events ({total - events.length} more)
          </button>
        )}
      </section>
      <PackagePanel row={row} listing={listing} api={api} onTaken={() => setTaken((count) => count + 1)} />
      {first !== undefined && (
        <SelfCheck dock={config.url} recording={row.id} index={first.index} vkey={config.vkey} />
      )}
    </>
  );
}

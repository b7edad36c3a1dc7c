import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Listing, Row } from './answers.ts';
import type { Api } from './api.ts';
import { Icon } from './icons.tsx';
import { ReasonLines, type Reasons, reasonsOf } from './reasons.tsx';
import { downloadSink, fileSink, takePackage } from './take-package.ts';
import { bytesInWords, purposeInWords } from './words.ts';

type Taking =
  | { readonly at: 'idle' }
  | { readonly at: 'preparing' }
  | { readonly at: 'taking'; readonly bytes: number; readonly of: number }
  | { readonly at: 'taken'; readonly bytes: number }
  | ({ readonly at: 'refused' } & Reasons);

interface PanelProps {
  readonly row: Row;
  readonly listing: Listing | undefined;
  readonly api: Api;
  /** The ledger has something new to say about this recording. */
  readonly onTaken: () => void;
}

// Above this a file that the person chooses is better than a copy in the browser.
const BLOB_BYTES_MAX = 64 * 1024 * 1024;

/** The evidence package: what is in it, and taking it along. */
export function PackagePanel({ row, listing, api, onTaken }: PanelProps): JSX.Element {
  const purposes = [...new Set([row.purpose, ...(listing?.purposes ?? [])])].filter((one) => one !== '');
  const [chosen, setChosen] = useState<string>();
  const { taking, take, stop } = useTaking({ row, api, onTaken });
  const purpose = chosen ?? purposes[0] ?? 'oversight';
  const isBusy = taking.at === 'preparing' || taking.at === 'taking';
  return (
    <section class="panel package" aria-labelledby="package-title">
      <h3 id="package-title">Evidence package</h3>
      <p>
        One ZIP that anybody can check without this dock: the recording as it is stored, sealed; the camera’s
        signed manifest; when each chunk arrived; every entry of the ledger about it with its proof; the
        signed checkpoint; and how to check all of that. Nobody can watch the footage in it without keys from
        the policy service.
      </p>
      <form
        class="open"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void take(purpose);
        }}
      >
        <label>
          I take it to
          <select
            value={purpose}
            disabled={isBusy}
            onChange={({ currentTarget }) => setChosen(currentTarget.value)}
          >
            {purposes.map((one) => (
              <option key={one} value={one}>
                {purposeInWords(one)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary" aria-disabled={isBusy}>
          <Icon name="save" /> Download evidence package
        </button>
        {isBusy && (
          <button
            type="button"
            onClick={({ currentTarget: { form } }) => {
              stop();
              form?.querySelector('button')?.focus();
            }}
          >
            Cancel
          </button>
        )}
      </form>
      <Outcome taking={taking} />
      <p class="fine">
        The policy service is asked first, and the download is written to the custody ledger under your
        pseudonym.
      </p>
    </section>
  );
}

function useTaking({ row, api, onTaken }: Omit<PanelProps, 'listing'>): {
  readonly taking: Taking;
  readonly take: (purpose: string) => Promise<void>;
  readonly stop: () => void;
} {
  const [taking, setTaking] = useState<Taking>({ at: 'idle' });
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const take = async (purpose: string): Promise<void> => {
    const { signal } = (stop.current = new AbortController());
    setTaking({ at: 'preparing' });
    let bytes = 0;
    const onBytes = (now: number, of: number): void => {
      bytes = now;
      setTaking({ at: 'taking', bytes, of });
    };
    try {
      const name = `${row.id}.zip`;
      const sink = (row.bytes > BLOB_BYTES_MAX ? await fileSink(name) : undefined) ?? downloadSink(name);
      await takePackage(api, { id: row.id, purpose }, { sink, signal, onBytes });
      setTaking({ at: 'taken', bytes });
    } catch (error) {
      const isOwnWish = error instanceof DOMException && error.name === 'AbortError';
      setTaking(isOwnWish ? { at: 'idle' } : { at: 'refused', ...reasonsOf(error) });
    }
    onTaken();
  };
  return { taking, take, stop: () => stop.current?.abort() };
}

function Outcome({ taking }: { readonly taking: Taking }): JSX.Element | null {
  switch (taking.at) {
    case 'idle':
      return null;
    case 'preparing':
      return (
        <p role="status">The policy service is asked, and every stored byte is held against the ledger…</p>
      );
    case 'taking':
      return (
        <p role="status" class="progress">
          <progress value={taking.bytes} max={taking.of} aria-label="Downloaded" />{' '}
          {bytesInWords(taking.bytes)} of {bytesInWords(taking.of)}
        </p>
      );
    case 'taken':
      return (
        <p role="status" class="right" data-package="taken">
          <Icon name="check" /> Downloaded: {bytesInWords(taking.bytes)}. That it left is in the ledger.
        </p>
      );
    case 'refused':
      return (
        <div class="badge bad" role="alert" data-package="refused">
          <b>
            <Icon name="cross" /> No package
          </b>
          <ReasonLines {...taking} />
        </div>
      );
    default:
      return taking satisfies never;
  }
}

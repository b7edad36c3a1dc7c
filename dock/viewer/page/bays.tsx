import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Api, BayNow } from './api.ts';
import { bytesInWords } from './words.ts';

const REFRESH_MS = 1_000;

/** What is docked and how far it has come; asked once a second while somebody can see it. */
export function Bays({ api }: { readonly api: Api }): JSX.Element | null {
  const [bays, setBays] = useState<readonly BayNow[]>([]);
  useEffect(() => {
    let isCurrent = true;
    const refresh = (): void => {
      if (document.hidden) return;
      api.bays().then(
        (now) => isCurrent && setBays(now),
        () => undefined,
      );
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [api]);
  if (bays.length === 0) return null;
  return (
    <section aria-labelledby="bays-title">
      <h2 id="bays-title">Bays</h2>
      <ul class="bays">
        {bays.map((bay) => (
          <li key={bay.name}>
            <BayLine bay={bay} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function BayLine({
  bay: { name, camera, state, durableBytes, totalBytes },
}: {
  readonly bay: BayNow;
}): JSX.Element {
  const moves = durableBytes !== undefined && totalBytes !== undefined && totalBytes > 0;
  return (
    <>
      <span class="row-head">
        <span>
          <b>{camera ?? name}</b> <span class="fine">{camera === undefined ? '' : name}</span>
        </span>
        <span class="fine">
          {moves ? `${bytesInWords(durableBytes)} of ${bytesInWords(totalBytes)}` : state}
        </span>
      </span>
      {moves && (
        <progress value={durableBytes} max={totalBytes} aria-label={`Upload from ${camera ?? name}`} />
      )}
    </>
  );
}

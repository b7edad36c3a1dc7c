import type { JSX } from 'preact';
import type { CustodyEvent } from '../schema/custody.ts';
import { type Check, inLog } from './custody-checks.tsx';
import { Icon } from './icons.tsx';
import { boundInWords, exactly } from './words.ts';

interface ItemProps {
  readonly event: CustodyEvent;
  readonly check: Check | undefined;
  readonly onCheck: () => void;
}

/** One event: what, when by which clock, who, why, and whether it is proved. */
export function CustodyEventItem({ event, check, onCheck }: ItemProps): JSX.Element {
  const { index, type, at, text, who, epoch, received } = event;
  const clock = epoch === undefined ? '' : `, clock epoch ${epoch}`;
  return (
    <li class={`event-${type.replaceAll('.', '-')}`} data-entry={index}>
      <span>{text}</span>
      <span class="fine">
        <time dateTime={at} title={at}>
          {exactly(at)}
        </time>{' '}
        local time of the dock{clock} · by {who}
      </span>
      {received !== undefined && (
        <span class="fine">
          Last byte verified{' '}
          <time dateTime={received.at} title={received.at}>
            {exactly(received.at)}
          </time>{' '}
          {boundInWords(received)}
        </span>
      )}
      <Reasons event={event} />
      <Proof index={index} check={check} onCheck={onCheck} />
    </li>
  );
}

function Reasons({ event: { reasons } }: { readonly event: CustodyEvent }): JSX.Element | null {
  if (reasons.length === 0) return null;
  return (
    <dl class="reasons">
      {reasons.map(({ name, text }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={/^[0-9a-f]{64}$/.test(text) ? 'mono' : ''}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Proof({
  index,
  check,
  onCheck,
}: Omit<ItemProps, 'event'> & { readonly index: number }): JSX.Element {
  const isBusy = check?.at === 'checking';
  return (
    <div class="proof" data-proof={check?.at ?? 'none'}>
      <button
        type="button"
        class="link"
        aria-disabled={isBusy}
        onClick={() => {
          if (!isBusy) onCheck();
        }}
      >
        Ledger entry {index}: {check?.at === 'proved' ? 'check again' : 'check its proof'}
      </button>
      {check?.at === 'checking' && <span class="fine">Checking…</span>}
      {check?.at === 'open' && <span class="fine">Not checked: {check.because}</span>}
      {check?.at === 'bad' && (
        <span class="wrong">
          <Icon name="cross" /> {check.because}
        </span>
      )}
      {check?.at === 'proved' && (
        <>
          <span class="right">
            <Icon name="check" /> Proved {inLog(check.proof)}.
          </span>
          <details>
            <summary>What the ledger holds, byte for byte</summary>
            <pre tabIndex={0}>{check.proof.said}</pre>
            <pre tabIndex={0}>{check.proof.checkpoint}</pre>
          </details>
        </>
      )}
    </div>
  );
}

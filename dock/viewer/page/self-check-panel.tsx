import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { openCheckpoint } from '../../../proto/checkpoint.ts';
import { checker } from './checker.ts';
import { type Step, stepsFor } from './self-check.ts';

interface PanelProps {
  /** Address of the dock; empty when the page comes from it. */
  readonly dock: string;
  readonly recording: string;
  /** Place of an entry about it. */
  readonly index: number;
  readonly vkey: string;
}

/** Commands for whoever believes neither this page nor the dock. */
export function SelfCheck({ dock, recording, index, vkey }: PanelProps): JSX.Element {
  const [size, setSize] = useState<number>();
  useEffect(() => {
    const stop = new AbortController();
    fetch(`${dock}/ledger/checkpoint`, { cache: 'no-store', signal: stop.signal })
      .then((answer) => answer.text())
      .then((note) => setSize(openCheckpoint(note, vkey, checker).size))
      // Without it the commands of the ledger have no numbers; the panel stays closed.
      .catch(() => undefined);
    return () => stop.abort();
  }, [dock, index, vkey]);
  return (
    <details class="panel self-check">
      <summary>Check it yourself</summary>
      <p>
        None of this needs this page. Download the evidence package, go to its folder in a terminal, and run
        what you like of this. The key of the ledger is the one that this dock gives; compare it with the one
        that its operator publishes.
      </p>
      {size === undefined ? (
        <p class="fine">The ledger cannot be read just now.</p>
      ) : (
        <ol>
          {stepsFor({ dock: dock === '' ? location.origin : dock, recording, vkey, index, size }).map(
            (step) => (
              <StepItem key={step.command} step={step} />
            ),
          )}
        </ol>
      )}
    </details>
  );
}

function StepItem({ step: { shows, command } }: { readonly step: Step }): JSX.Element {
  const [copied, setCopied] = useState(false);
  return (
    <li>
      <span>{shows}</span>
      <div class="command">
        <pre tabIndex={0}>
          <code>{command}</code>
        </pre>
        <button
          type="button"
          aria-label={`Copy the command: ${shows}`}
          onClick={() => void navigator.clipboard.writeText(command).then(() => setCopied(true))}
        >
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
    </li>
  );
}

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PurposeAnswer } from '../schema/purposes.ts';
import type { Row } from './answers.ts';
import type { Api } from './api.ts';
import { Icon } from './icons.tsx';
import { purposeInWords } from './words.ts';

interface FormProps {
  readonly row: Row;
  readonly api: Api;
  readonly isOpen: boolean;
  readonly onPlay: (purpose: string) => void;
}

const SUPPLEMENT = 'supplement_report';

/** What the recording may be opened for now, as the policy service says, and what for not. */
export function OpenForm({ row, api, isOpen, onPlay }: FormProps): JSX.Element {
  const answers = usePurposes(api, row);
  const [chosen, setChosen] = useState(row.purpose);
  const allowed = answers.filter(({ answer }) => answer === 'allowed').map(({ purpose }) => purpose);
  // What it was released for stands until the service has answered.
  const choices = allowed.length > 0 ? allowed : [row.purpose];
  const purpose = choices.includes(chosen) ? chosen : (choices[0] ?? row.purpose);
  if (row.status === 'held') return <Refusals answers={answers} />;
  return (
    <form
      class="open"
      onSubmit={(event) => {
        event.preventDefault();
        onPlay(purpose);
      }}
    >
      <label>
        I watch this to
        <select value={purpose} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {purposeInWords(choice)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="primary">
        <Icon name="play" /> {isOpen ? 'Play again' : 'Play'}
      </button>
      {allowed.includes(SUPPLEMENT) && purpose !== SUPPLEMENT && (
        <button type="button" onClick={() => onPlay(SUPPLEMENT)}>
          Open to supplement the report
        </button>
      )}
      <p class="fine">
        The policy service is asked again now, and the opening is written to the custody ledger under your
        pseudonym.
      </p>
      <Refusals answers={answers} />
    </form>
  );
}

/** Why it does not open for the rest. */
function Refusals({ answers }: { readonly answers: readonly PurposeAnswer[] }): JSX.Element | null {
  const refused = answers.filter(({ answer }) => answer !== 'allowed');
  if (refused.length === 0) return null;
  return (
    <details class="refusals">
      <summary>What it does not open for now</summary>
      <dl>
        {refused.map(({ purpose, reason }) => (
          <div key={purpose}>
            <dt>To {purposeInWords(purpose)}</dt>
            <dd>{reason}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Asked when the recording is looked at, and again when what is known of it changes. */
function usePurposes(api: Api, row: Row): readonly PurposeAnswer[] {
  const [answers, setAnswers] = useState<readonly PurposeAnswer[]>([]);
  const { id, status, reason, regime, purpose } = row;
  useEffect(() => {
    let isCurrent = true;
    api.purposes(id).then(
      (asked) => {
        if (isCurrent) setAnswers(asked);
      },
      // Without an answer the form offers what the recording was released for; the opening asks for itself.
      () => isCurrent && setAnswers([]),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, id, status, reason, regime, purpose]);
  return answers;
}

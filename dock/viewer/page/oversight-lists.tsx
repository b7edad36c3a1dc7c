import type { ComponentChildren, JSX } from 'preact';
import type { Denials } from '../schema/denials.ts';
import type { Absent } from './entry.ts';
import { Icon } from './icons.tsx';
import type { PolicyChange, ToldChanges } from './oversight-answers.ts';
import { changeInWords, shortId, stateInWords } from './oversight-words.ts';
import { formatPlace } from './route.ts';
import type { Told } from './use-oversight.ts';
import { when } from './words.ts';

function Section({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`panel oversight-${id}`} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

/** Attempts that were refused, as the dock's ledger has them. */
export function DeniedAttempts({
  isTold,
  denials,
}: {
  readonly isTold: boolean;
  readonly denials: Denials | undefined;
}): JSX.Element {
  return (
    <Section id="denied" title="Attempts denied">
      {!isTold && <p class="empty">Your office is not told of others’ attempts.</p>}
      {isTold && denials === undefined && <p class="empty">Loading…</p>}
      {denials?.denials.length === 0 && (
        <p class="empty">Nobody was refused a recording that you may know of.</p>
      )}
      {denials !== undefined && denials.denials.length > 0 && (
        <>
          <div class="scrolls" role="group" tabIndex={0} aria-labelledby="denied-title">
            <table>
              <thead>
                <tr>
                  {['When', 'Who', 'Attempts', 'Recording', 'For what', 'Why refused'].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {denials.denials.map((one) => (
                  <tr key={one.index} data-denied={one.recording}>
                    <td>
                      <time dateTime={one.at}>{when(one.at)}</time>
                    </td>
                    <td>{one.who}</td>
                    <td>{one.count}</td>
                    <td>
                      <a
                        href={formatPlace({
                          ...{ view: 'recordings', recording: one.recording, tab: 'custody', query: '' },
                        })}
                      >
                        {one.incident === '' ? 'No incident tag' : one.incident}, {shortId(one.recording)}
                      </a>
                    </td>
                    <td>{one.purpose}</td>
                    <td>{one.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {denials.earlier !== undefined && (
            <p class="fine">
              The newest {denials.denials.length} of {denials.total} are shown; the custody tab of a recording
              has all of its own.
            </p>
          )}
        </>
      )}
    </Section>
  );
}

/** Footage that should be at this dock and is not. */
export function MissingFootage({ absent }: { readonly absent: Absent | undefined }): JSX.Element {
  return (
    <Section id="missing" title="Missing footage">
      {absent?.missing === undefined && (
        <p class="empty">This dock has not told you of any missing footage.</p>
      )}
      {absent?.missing?.length === 0 && <p class="empty">Nothing is missing at this dock.</p>}
      <ul class="plain">
        {absent?.missing?.map((one) => (
          <li key={`${one.camera} ${one.kind} ${one.counterFrom ?? one.recording ?? ''}`}>
            <Icon name="warning" /> {one.text}{' '}
            <span class="fine">
              since <time dateTime={one.since}>{when(one.since)}</time>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Which rules were adopted when, for everybody to know. */
export function PolicyChanges({
  told,
  onEarlier,
}: {
  readonly told: Told<ToldChanges>;
  /** Shows those in front of that fact; `undefined` the newest. */
  readonly onEarlier: (before: number | undefined) => void;
}): JSX.Element {
  const { answer, problem } = told;
  return (
    <Section id="changes" title="Policy changes">
      {problem !== undefined && (
        <p class="notice bad" role="alert">
          <Icon name="warning" /> {problem}
        </p>
      )}
      {answer === undefined && problem === undefined && <p class="empty">Loading…</p>}
      {answer?.changes.length === 0 && <p class="empty">No rules were ever adopted.</p>}
      <ol class="plain">
        {answer?.changes.map((change) => (
          <Change key={change.index} change={change} />
        ))}
      </ol>
      {answer?.earlier !== undefined && (
        <p>
          <button type="button" onClick={() => onEarlier(answer.earlier)}>
            Show earlier changes
          </button>
        </p>
      )}
    </Section>
  );
}

function Change({ change }: { readonly change: PolicyChange }): JSX.Element {
  const { filedAt, index, adopted, state } = change;
  return (
    <li data-change={index}>
      <b>{changeInWords(change)}</b>{' '}
      <span class={`status ${state === 'in-force' ? 'released' : ''}`}>{stateInWords(change)}</span>
      <span class="fine change-when">
        Filed <time dateTime={filedAt}>{when(filedAt)}</time>, fact {index}
        {adopted !== undefined && `, rule set ${adopted.policySet.slice(0, 12)}`}
      </span>
    </li>
  );
}

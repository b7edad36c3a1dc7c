import type { JSX } from 'preact';
import { Icon } from './icons.tsx';
import type { CaseRecording, OpenCase, ToldCases } from './oversight-answers.ts';
import { gravity, onFile, shortId } from './oversight-words.ts';
import { formatPlace } from './route.ts';
import type { Told } from './use-oversight.ts';
import { purposeInWords, when, withoutMissing } from './words.ts';

/** The cases that are assigned to the person now. */
export function Cases({ told }: { readonly told: Told<ToldCases> }): JSX.Element {
  const { answer, problem, isAsking, again } = told;
  return (
    <section class="panel oversight-cases" aria-labelledby="cases-title">
      <div class="oversight-head">
        <h2 id="cases-title">My cases</h2>
        <button type="button" onClick={again} disabled={isAsking}>
          Look again
        </button>
      </div>
      {problem !== undefined && (
        <p class="notice bad" role="alert">
          <Icon name="warning" /> {problem}
        </p>
      )}
      {answer === undefined && problem === undefined && <p class="empty">Loading…</p>}
      {answer?.cases.length === 0 && <p class="empty">No case is assigned to you.</p>}
      {answer !== undefined && answer.cases.length > 0 && (
        <p class="fine">
          What may be viewed is what the rules say at this moment. Asking here opens nothing, so it is not on
          record.
        </p>
      )}
      <ul class="cases">
        {answer?.cases.map((one) => (
          <Case key={`${one.incident} ${one.case}`} one={one} />
        ))}
      </ul>
      {answer !== undefined && answer.more > 0 && (
        <p class="fine">{answer.more} older cases are not listed.</p>
      )}
    </section>
  );
}

function Case({ one }: { readonly one: OpenCase }): JSX.Element {
  const { incident, since, barred, participants, recordings, more } = one;
  return (
    <li class="case" data-incident={incident}>
      <h3>
        {incident} <span class="fine">case {one.case}</span>
      </h3>
      <ul class="tags" aria-label="What it is about">
        {gravity(one).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <p class="fine">
        Yours since <time dateTime={since}>{when(since)}</time>
      </p>
      {barred ? (
        <p class="notice bad">
          <Icon name="warning" /> You took part in this incident, so you do not oversee it.
        </p>
      ) : (
        <>
          <h4>Who took part</h4>
          {participants.length === 0 && <p class="empty">Nobody is on file as having taken part.</p>}
          <ul class="plain">
            {participants.map((person) => (
              <li key={person.person}>
                <b>{person.person}</b>: {onFile(person)}
              </li>
            ))}
          </ul>
          <h4>Recordings</h4>
          {recordings.length === 0 && <p class="empty">No recording is linked to it yet.</p>}
          <ul class="plain">
            {recordings.map((recording) => (
              <Linked key={recording.recording} one={recording} />
            ))}
          </ul>
          {more > 0 && <p class="fine">{more} more recordings are not listed.</p>}
        </>
      )}
    </li>
  );
}

function Linked({ one }: { readonly one: CaseRecording }): JSX.Element {
  const { recording, officer, purpose, allowed, reason, missing } = one;
  return (
    <li class="linked" data-linked={recording} data-allowed={allowed ? 'yes' : 'no'}>
      <a href={formatPlace({ view: 'recordings', recording, query: '' })}>
        {officer === '' ? 'Recording' : `Recording of ${officer},`} {shortId(recording)}
      </a>{' '}
      <span class={`status ${allowed ? 'released' : 'held'}`}>
        <Icon name={allowed ? 'released' : 'held'} />{' '}
        {allowed ? `You may view it to ${purposeInWords(purpose)}` : 'Not now'}
      </span>
      {!allowed && <span class="linked-why fine">{withoutMissing(reason, missing)}</span>}
      {missing.length > 0 && (
        <ul class="linked-missing fine">
          {missing.map(({ text }) => (
            <li key={text}>Missing: {text}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

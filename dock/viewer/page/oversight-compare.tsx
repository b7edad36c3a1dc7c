import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import type { Comparison } from './oversight-answers.ts';
import { askComparison } from './oversight-ask.ts';
import { Compared } from './oversight-result.tsx';
import { queryOf, type Wanted, wantedIn } from './oversight-words.ts';
import type { Access } from './part.ts';
import { useTold } from './use-oversight.ts';
import type { Go } from './use-place.ts';

interface CompareProps {
  readonly access: Pick<Access, 'config' | 'login'>;
  /** Of the address, so that a comparison can be sent as a link. */
  readonly query: string;
  readonly go: Go;
  /** Incidents of my cases; undefined while nobody knows. */
  readonly incidents: readonly string[] | undefined;
  readonly regimes: readonly string[];
}

/** Who could have viewed what and when under two regimes, for one incident of my cases. */
export function Compare({ access, query, go, incidents, regimes }: CompareProps): JSX.Element {
  const wanted = wantedIn(query);
  const { config, login } = access;
  const ask =
    wanted === undefined
      ? undefined
      : (): Promise<Comparison> =>
          askComparison(
            { policyUrl: config.policyUrl, login },
            { incident: wanted.incident, regimes: [wanted.a, wanted.b] },
          );
  const { answer, problem, isAsking, again } = useTold(ask, wanted === undefined ? '' : queryOf(wanted));
  const compare = (next: Wanted): void => {
    const nextQuery = queryOf(next);
    if (wanted !== undefined && nextQuery === queryOf(wanted)) again();
    else go({ view: 'oversight', query: nextQuery });
  };
  return (
    <section class="panel oversight-compare" aria-labelledby="compare-title">
      <h2 id="compare-title">Compare regimes for an incident</h2>
      <p class="fine">
        Over the facts on file of one incident: who could have viewed its footage when, under one set of rules
        and under another.
      </p>
      {incidents?.length === 0 && wanted === undefined ? (
        <p class="empty">You can compare regimes for incidents of your own cases, and you have none now.</p>
      ) : (
        <CompareForm incidents={incidents ?? []} regimes={regimes} wanted={wanted} onCompare={compare} />
      )}
      <p class="fine" role="status">
        {isAsking ? 'Comparing…' : ''}
      </p>
      {problem !== undefined && (
        <p class="notice bad" role="alert">
          <Icon name="warning" /> {problem}
        </p>
      )}
      {answer !== undefined && <Compared comparison={answer} />}
    </section>
  );
}

function CompareForm({
  incidents,
  regimes,
  wanted,
  onCompare,
}: {
  readonly incidents: readonly string[];
  readonly regimes: readonly string[];
  readonly wanted: Wanted | undefined;
  readonly onCompare: (wanted: Wanted) => void;
}): JSX.Element {
  const [chosen, choose] = useState<Partial<Wanted>>({});
  const [said, say] = useState('');
  // A link that is followed shows in the form as well.
  useEffect(() => choose({}), [wanted === undefined ? '' : queryOf(wanted)]);
  const { incident, a, b } = {
    ...{ incident: incidents[0] ?? '', a: startOf(regimes, 'doj', 0), b: startOf(regimes, 'ppa', 1) },
    ...wanted,
    ...chosen,
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (a === b) return say('Choose two different regimes.');
    say('');
    if (incident !== '' && a !== '' && b !== '') onCompare({ incident, a, b });
  };
  const known = [...new Set([...incidents, ...(wanted === undefined ? [] : [wanted.incident])])];
  return (
    <form class="compare-form" onSubmit={onSubmit}>
      <Choice
        name="Incident"
        value={incident}
        of={known}
        onChoose={(next) => choose({ ...chosen, incident: next })}
      />
      <Choice name="Regime A" value={a} of={regimes} onChoose={(next) => choose({ ...chosen, a: next })} />
      <Choice name="Regime B" value={b} of={regimes} onChoose={(next) => choose({ ...chosen, b: next })} />
      <button type="submit" class="primary" disabled={incident === '' || regimes.length === 0}>
        Compare
      </button>
      {said !== '' && (
        <p class="notice bad" role="alert">
          {said}
        </p>
      )}
    </form>
  );
}

/** The regime by that name, or the one at that place where there is none of it. */
function startOf(regimes: readonly string[], name: string, place: number): string {
  return regimes.includes(name) ? name : (regimes[place] ?? '');
}

function Choice({
  name,
  value,
  of,
  onChoose,
}: {
  readonly name: string;
  readonly value: string;
  readonly of: readonly string[];
  readonly onChoose: (next: string) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span>{name}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {of.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

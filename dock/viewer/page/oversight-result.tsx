import type { JSX } from 'preact';
import type { Comparison, ComparedRow, Span } from './oversight-answers.ts';
import {
  barsOf,
  BARS_WIDTH,
  partInWords,
  purposesInWords,
  reachOf,
  shortId,
  spanInWords,
  spansInWords,
} from './oversight-words.ts';
import { shortly, when } from './words.ts';

/** What came of a comparison: the pre-review windows in sentences, the times as bars, and the same as a table. */
export function Compared({ comparison }: { readonly comparison: Comparison }): JSX.Element {
  const { incident, regimes, facts, from, until, recordings, rows } = comparison;
  const names = regimes.map(({ regime }) => regime);
  const elsewhere = recordings.filter((one) => one.elsewhere);
  return (
    <div class="compared" data-compared={incident}>
      <p>
        <b>{incident}</b>: {names.join(' and ')} over {facts} facts, {when(from)} to {when(until)}.
      </p>
      <p class="fine">
        {regimes.map(({ regime, policySet }) => `${regime}, rule set ${policySet.slice(0, 12)}`).join('; ')}
      </p>
      {elsewhere.length > 0 && (
        <p class="notice">
          Recording {elsewhere.map(({ recording }) => shortId(recording)).join(', ')} belongs to another
          incident as well, whose reports are not looked at here.
        </p>
      )}
      <Windows comparison={comparison} />
      {rows.length === 0 ? (
        <p class="empty">The two regimes agree: nobody could have viewed anything at another time.</p>
      ) : (
        <>
          <h3>Who could have viewed what, where the two differ</h3>
          <Bars comparison={comparison} />
          <Table comparison={comparison} />
        </>
      )}
    </div>
  );
}

function Windows({ comparison: { windows, regimes } }: { readonly comparison: Comparison }): JSX.Element {
  return (
    <div class="windows" data-windows={windows.length}>
      <h3>Pre-review windows</h3>
      {windows.length === 0 && (
        <p class="empty">
          None: nobody who took part could have viewed footage under one of them before the report that the
          other waits for.
        </p>
      )}
      <ul class="plain">
        {windows.map((one) => {
          const other = regimes.find(({ regime }) => regime !== one.under)?.regime;
          return (
            <li key={`${one.recording} ${one.person} ${one.under} ${one.from.at}`}>
              Under <b>{one.under}</b>, <b>{one.person}</b> ({partInWords(one.part)}) could have viewed
              recording {shortId(one.recording)} {spanInWords(one)}: before the report that {other} waits for.
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Bars({ comparison }: { readonly comparison: Comparison }): JSX.Element {
  const reach = reachOf(comparison);
  const { rows, regimes } = comparison;
  return (
    <div class="bars">
      {rows.map((row) => (
        <div class="bars-row" key={keyOf(row)}>
          <p>
            <b>{row.person}</b> <span class="fine">{aboutRow(row)}</span>
          </p>
          {regimes.map(({ regime }, place) => (
            <div class="bars-line" key={regime}>
              <span class="fine">{regime}</span>
              <Line spans={row.allowed[place] ?? []} reach={reach} place={place} />
            </div>
          ))}
        </div>
      ))}
      <p class="bars-ends fine">
        <span>{shortly(new Date(reach.fromMs).toISOString())}</span>
        <span>{shortly(new Date(reach.untilMs).toISOString())}</span>
      </p>
    </div>
  );
}

/** Decoration: the table below says the same. */
function Line({
  spans,
  reach,
  place,
}: {
  readonly spans: readonly Span[];
  readonly reach: ReturnType<typeof reachOf>;
  readonly place: number;
}): JSX.Element {
  return (
    <svg
      class={`bars-svg under-${place}`}
      viewBox={`0 0 ${BARS_WIDTH} 12`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="bars-ground" x="0" y="5" width={BARS_WIDTH} height="2" />
      {barsOf(spans, reach).map(({ x, width }) => (
        <rect key={x} class="bars-bar" x={x} y="0" width={width} height="12" />
      ))}
    </svg>
  );
}

function Table({ comparison: { rows, regimes } }: { readonly comparison: Comparison }): JSX.Element {
  return (
    <div class="scrolls" role="group" tabIndex={0} aria-label="The same as a table">
      <table>
        <caption class="fine">The same as a table</caption>
        <thead>
          <tr>
            {['Recording', 'Person', 'Part', 'For what'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {regimes.map(({ regime }) => (
              <th key={regime} scope="col">
                Under {regime}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <td>{shortId(row.recording)}</td>
              <th scope="row">{row.person}</th>
              <td>{partInWords(row.part)}</td>
              <td>{purposesInWords(row.purposes)}</td>
              {regimes.map(({ regime }, place) => (
                <td key={regime}>{spansInWords(row.allowed[place])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function keyOf({ recording, person, purposes }: ComparedRow): string {
  return `${recording} ${person} ${purposes.join(' ')}`;
}

function aboutRow({ part, recording, purposes }: ComparedRow): string {
  return `${partInWords(part)}, recording ${shortId(recording)}, to ${purposesInWords(purposes)}`;
}

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { CustodyEvent } from '../schema/custody.ts';
import type { Api } from './api.ts';
import { type EntryProof, proveEntry } from './entry-proof.ts';
import { EvidenceError } from './evidence.ts';
import { Icon } from './icons.tsx';
import { type LedgerWatch, SplitError } from './ledger-watch.ts';
import { said, when } from './words.ts';

/** What is known of one entry. `open`: nobody said that it is wrong; it could not be checked. */
export type Check =
  | { readonly at: 'checking' }
  | { readonly at: 'proved'; readonly proof: EntryProof }
  | { readonly at: 'bad'; readonly because: string }
  | { readonly at: 'open'; readonly because: string };

/** Checks of entries, and what came of them. */
export interface Checks {
  of(index: number): Check | undefined;
  check(event: CustodyEvent): Promise<void>;
  checkAll(events: readonly CustodyEvent[]): Promise<void>;
  fail(error: unknown): void;
  readonly isBusy: boolean;
  /** Of checking all: how many were proved, once it is over. */
  readonly proved: number | undefined;
  readonly newest: EntryProof | undefined;
  readonly bad: readonly (readonly [index: number, because: string])[];
  readonly split: SplitError | undefined;
  readonly problem: string | undefined;
}

// Enough to keep the dock busy, few enough that it still answers others.
const AT_ONCE = 6;

export function useChecks(of: {
  readonly api: Pick<Api, 'entry'>;
  readonly vkey: string;
  readonly recording: string;
  readonly watch: LedgerWatch;
}): Checks {
  const { api, vkey, recording, watch } = of;
  const results = useRef(new Map<number, Check>());
  const [, redraw] = useState(0);
  const [busy, setBusy] = useState(false);
  const [proved, setProved] = useState<number>();
  const [split, setSplit] = useState<SplitError>();
  const [problem, setProblem] = useState<string>();
  const put = (index: number, check: Check): void => {
    results.current.set(index, check);
    redraw((count) => count + 1);
  };
  const check = async (event: CustodyEvent): Promise<void> => {
    put(event.index, { at: 'checking' });
    try {
      const answer = await api.entry(event.index, new AbortController().signal);
      const proof = proveEntry(answer, { event, recording }, vkey);
      await watch.see(proof);
      put(event.index, { at: 'proved', proof });
    } catch (error) {
      if (error instanceof SplitError) setSplit(error);
      const isBad = error instanceof SplitError || error instanceof EvidenceError;
      put(event.index, { at: isBad ? 'bad' : 'open', because: said(error) });
    }
  };
  const checkAll = async (events: readonly CustodyEvent[]): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const waiting = [...events];
    const work = async (): Promise<void> => {
      for (let event = waiting.pop(); event !== undefined; event = waiting.pop()) await check(event);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    setProved(events.filter(({ index }) => results.current.get(index)?.at === 'proved').length);
    setBusy(false);
  };
  const all = [...results.current];
  return {
    of: (index) => results.current.get(index),
    check,
    checkAll,
    fail: (error) => setProblem(said(error)),
    isBusy: busy,
    proved,
    newest: all
      .flatMap(([, one]) => (one.at === 'proved' ? [one.proof] : []))
      .toSorted((a, b) => a.size - b.size)
      .at(-1),
    bad: all.flatMap(([index, one]) => (one.at === 'bad' ? [[index, one.because] as const] : [])),
    split,
    problem,
  };
}

/** What came of checking, first of all what does not hold. */
export function CheckSummary({
  checks,
  total,
}: {
  readonly checks: Checks;
  readonly total: number;
}): JSX.Element | null {
  const { split, bad, proved, newest, problem, isBusy } = checks;
  if (split !== undefined) return <Split split={split} />;
  const [first] = bad;
  if (first !== undefined)
    return (
      <div class="badge bad" role="alert" data-custody="bad">
        <b>
          <Icon name="cross" /> {bad.length === 1 ? 'One entry does' : `${bad.length} entries do`} not hold
        </b>
        <span>
          Ledger entry {first[0]}: {first[1]}
        </span>
      </div>
    );
  if (problem !== undefined)
    return (
      <p class="badge" role="alert">
        {problem}
      </p>
    );
  if (isBusy || proved === undefined) return null;
  const all = proved >= total;
  return (
    <div class={`badge ${all ? 'good' : ''}`} role="status" data-custody={all ? 'proved' : 'part'}>
      <b>
        <Icon name={all ? 'check' : 'warning'} />{' '}
        {all ? `All ${proved} entries are proved` : `${proved} of ${total} entries are proved`}
      </b>
      {newest !== undefined && <span>They stand {inLog(newest)}.</span>}
      <span class="fine">
        This browser checked each proof by itself, and that the ledger only grew since it last saw it.
        {!all && ' The others could not be asked about; check again.'}
      </span>
    </div>
  );
}

function Split({ split }: { readonly split: SplitError }): JSX.Element {
  return (
    <div class="badge bad split" role="alert" data-custody="split">
      <b>
        <Icon name="cross" /> This is not the ledger that this browser saw before
      </b>
      <span>{split.message}</span>
      <span>
        The dock signed both. Keep these two checkpoints, and show them to whoever oversees it; believe
        nothing on this page until then.
      </span>
      <pre tabIndex={0}>{split.seen}</pre>
      <pre tabIndex={0}>{split.shown}</pre>
    </div>
  );
}

/** `in a log of 12 entries, checkpoint of …`. */
export function inLog({ size, cosigned }: EntryProof): string {
  const newest = Math.max(...cosigned.map(({ timeS }) => timeS));
  const names = cosigned.map(({ name }) => name).join(', ');
  return cosigned.length === 0
    ? `in a log of ${size} entries, by its newest checkpoint, which no witness has cosigned`
    : `in a log of ${size} entries, checkpoint of ${when(new Date(newest * 1_000).toISOString())}, cosigned by ${names}`;
}

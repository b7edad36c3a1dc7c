import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Denials } from '../schema/denials.ts';
import { askCases } from './oversight-ask.ts';
import type { Access } from './part.ts';
import { useAgain } from './use-again.ts';
import { said } from './words.ts';

// Whom the dock tells of denied attempts. It is the dock that decides; the page only does not ask in vain.
const OVERSEERS: ReadonlySet<string> = new Set([
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
  'independent_review',
  'doj_monitor',
]);

function isOverseer(roles: readonly string[]): boolean {
  return roles.some((role) => OVERSEERS.has(role));
}

/** Is there anything for this person to oversee? By their office, or else by a case, which is asked about once. */
export function useOverseer({ config, login }: Pick<Access, 'config' | 'login'>): boolean {
  const byOffice = isOverseer(login.roles);
  const [byCase, setByCase] = useState(false);
  useEffect(() => {
    if (byOffice) return;
    askCases({ policyUrl: config.policyUrl, login }).then(
      ({ cases }) => setByCase(cases.length > 0),
      () => undefined,
    );
  }, [byOffice]);
  return byOffice || byCase;
}

/** Something that was asked for, and how to ask again. */
export interface Told<Answer> {
  readonly answer: Answer | undefined;
  readonly problem: string | undefined;
  readonly isAsking: boolean;
  readonly again: () => void;
}

/** Asks when it is first shown, and whenever `about` changes or somebody wants to know again. The last question's answer counts. */
export function useTold<Answer>(ask: (() => Promise<Answer>) | undefined, about: string): Told<Answer> {
  const [state, setState] = useState<Omit<Told<Answer>, 'again'>>(NOTHING);
  const [times, setTimes] = useState(0);
  const of = useRef(about);
  useEffect(() => {
    if (ask === undefined) return setState(NOTHING);
    let isCurrent = true;
    const isSame = of.current === about;
    of.current = about;
    setState(({ answer }) => ({ answer: isSame ? answer : undefined, problem: undefined, isAsking: true }));
    const end = (next: Partial<Told<Answer>>): void => {
      if (isCurrent) setState({ answer: undefined, problem: undefined, isAsking: false, ...next });
    };
    ask().then(
      (answer) => end({ answer }),
      (error: unknown) => end({ problem: said(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [about, times, ask === undefined]);
  return { ...state, again: () => setTimes(times + 1) };
}

const NOTHING = { answer: undefined, problem: undefined, isAsking: false } as const;

/** Attempts that were refused, asked again while somebody can see them. `undefined` until the dock has answered. */
export function useDenials(
  api: Api,
  roles: readonly string[],
): { readonly isTold: boolean; readonly denials: Denials | undefined } {
  const isTold = isOverseer(roles);
  const denials = useAgain(isTold ? () => api.denials() : undefined, api);
  return { isTold, denials };
}

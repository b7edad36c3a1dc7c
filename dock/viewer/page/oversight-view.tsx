import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAbsent } from './missing.ts';
import { askCases, askChanges } from './oversight-ask.ts';
import { Cases } from './oversight-cases.tsx';
import { Compare } from './oversight-compare.tsx';
import { DeniedAttempts, MissingFootage, PolicyChanges } from './oversight-lists.tsx';
import type { Access } from './part.ts';
import './styles/oversight.css';
import { useDenials, useTold } from './use-oversight.ts';
import type { Go } from './use-place.ts';

/** What somebody who oversees needs to know besides footage: their cases, refused attempts, gaps, and which rules held when. */
export function OversightView({
  query,
  go,
  access,
}: {
  readonly query: string;
  readonly go: Go;
  readonly access: Access;
}): JSX.Element {
  const { api, config, login } = access;
  const policy = { policyUrl: config.policyUrl, login };
  const [before, setBefore] = useState<number>();
  const cases = useTold(() => askCases(policy), '');
  const changes = useTold(() => askChanges(policy, before), String(before));
  const attempts = useDenials(api, login.roles);
  const absent = useAbsent(api);
  const open = cases.answer?.cases.filter(({ barred }) => !barred).map(({ incident }) => incident);
  return (
    <main class="view oversight">
      <h1 tabIndex={-1}>Oversight</h1>
      <Cases told={cases} />
      <Compare
        access={access}
        query={query}
        go={go}
        incidents={open && [...new Set(open)]}
        regimes={changes.answer?.regimes ?? []}
      />
      <DeniedAttempts {...attempts} />
      <MissingFootage absent={absent} />
      <PolicyChanges told={changes} onEarlier={setBefore} />
    </main>
  );
}

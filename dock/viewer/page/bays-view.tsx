import type { JSX } from 'preact';
import type { Api } from './api.ts';
import { Bays } from './bays.tsx';

/** What is docked and how far it has come, as a display on the wall shows it. */
export function BaysView({ api }: { readonly api: Api }): JSX.Element {
  return (
    <main class="view">
      <Bays api={api} />
    </main>
  );
}

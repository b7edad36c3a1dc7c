import type { LoadedRegime } from '../../dock/policy/adoption.ts';
import type { RegimeLine } from '../../dock/policy/config.ts';
import { readTexts, uncheckedRules } from '../../dock/policy/decide/load.ts';

const loaded = new Map<string, LoadedRegime>();

/** The regimes that these lines name, each read and handed to Cedar once a process: it costs more than a whole run. */
export function loadedOnce(lines: readonly Pick<RegimeLine, 'regime'>[]): readonly LoadedRegime[] {
  return [...new Set(lines.map(({ regime }) => regime))].map((regime) => {
    const found = loaded.get(regime) ?? load(regime);
    loaded.set(regime, found);
    return found;
  });
}

function load(regime: string): LoadedRegime {
  const texts = readTexts(regime);
  return { rules: uncheckedRules(texts), texts };
}

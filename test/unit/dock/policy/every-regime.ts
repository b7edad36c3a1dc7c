import { loadRules } from '../../../../dock/policy/decide/load.ts';
import type { Rules } from '../../../../dock/policy/decide/rules.ts';
import { city, doj } from './story.ts';

export const ppa: Rules = loadRules('ppa');
export const osp: Rules = loadRules('osp');
export const portland2023: Rules = loadRules('portland-2023');
/** Every regime that has a file. */
export const EVERY_REGIME: readonly Rules[] = [city, doj, osp, portland2023, ppa];

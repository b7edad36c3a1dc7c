import type { Action, Scenario } from './scenario.ts';

/** How much of what a mistake needs is in a scenario; none of it: it cannot show there. */
export type Odds = (scenario: Scenario) => number;

/** Power cuts of cameras in the middle of their disk's work. */
export const tornCameras: Odds = ({ actions }) =>
  actions.filter((action) => action.do === 'camera-cut' && action.operations !== undefined).length;

/** Power cuts of cameras, whenever they come. */
export const cutCameras: Odds = ({ actions }) =>
  actions.filter((action) => action.do === 'camera-cut').length;

/** Power cuts of docks in the middle of their disk's work. */
export const tornDocks: Odds = ({ actions }) =>
  actions.filter((action) => action.do === 'dock-cut' && action.operations !== undefined).length;

/** Cameras that get another officer. */
export const reassigned: Odds = ({ actions }) => actions.filter((action) => action.do === 'assign').length;

/** Openings while the policy service is down or slow. */
export const unanswered: Odds = (scenario) => during(scenario, ['down', 'slow']);

/** Openings while somebody lies in the service's place. */
export const liedTo: Odds = (scenario) => during(scenario, ['lying']);

/** Openings that somebody goes on with after what they rested on was taken back. */
export const withdrawn: Odds = ({ actions }) =>
  actions.filter((action, at) => {
    const end = timesOf(action);
    if (end === undefined || action.do !== 'deed' || action.deed.deed !== 'open') return false;
    const { person } = action.deed;
    return actions
      .slice(at)
      .some(
        (later) =>
          later.atMs < end &&
          later.do === 'deed' &&
          later.deed.deed === 'say' &&
          later.deed.saying.person === person &&
          /withdrawn|unassigned|revoked/.test(later.deed.saying.type),
      );
  }).length;

/** Openings that anybody fetches something of. */
export const openings: Odds = ({ actions }) =>
  actions.filter((action) => timesOf(action) !== undefined).length;

/** Until when this opening goes on; undefined for what is none. */
function timesOf(action: Action): number | undefined {
  if (action.do !== 'deed' || action.deed.deed !== 'open' || action.deed.token !== 'fresh') return undefined;
  return action.atMs + action.deed.everyMs * action.deed.times;
}

function during({ actions }: Scenario, modes: readonly string[]): number {
  return actions
    .flatMap((action) =>
      action.do === 'deed' && action.deed.deed === 'office' && modes.includes(action.deed.mode)
        ? [{ fromMs: action.atMs, untilMs: action.atMs + action.deed.ms }]
        : [],
    )
    .reduce(
      (sum, { fromMs, untilMs }) =>
        sum +
        actions.filter(
          (action) => timesOf(action) !== undefined && action.atMs >= fromMs && action.atMs < untilMs,
        ).length,
      0,
    );
}

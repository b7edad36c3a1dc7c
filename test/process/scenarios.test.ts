import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'vitest';
import { rig } from '../../sim/rig/rig.ts';
import { shippedScenarios } from '../../sim/scenario/shipped.ts';
import { peer } from '../peer.ts';
import { somePlanted } from '../runs.ts';

const RUN_MS_MAX = 240_000;
const mosquitto = peer('mosquitto');
const SCENARIOS = shippedScenarios().map((path) => ({
  name: basename(path, '.yaml'),
  file: pathToFileURL(path),
}));

/** By which promise each planted fault must be noticed: that a run fails for another reason proves nothing. */
const NOTICED: Readonly<Record<string, RegExp>> = {
  'quiet-night': /cannot be opened, and its chunks come all the same/,
  'shift-change': /4411 cannot open day/,
  'power-cut-mid-fragment': /chase ends in the middle of a fragment/,
  'undock-at-99': /call is lost/,
  'dock-swap': /patrol should be accepted: no dock has taken it/,
  'rotten-prefix': /what dock-1 holds of patrol (cannot be opened|is not what cam-1 recorded)/,
  'wrong-clock': /stamped (years-ago|fast) .* s from the truth/,
  'dying-card': /(search|arrest) is lost/,
  'noisy-cable': /traffic should be accepted/,
  'broker-restart': /pursuit is lost/,
  'lying-policy': /a ledger has an entry "granted"/,
};

const NO_MOSQUITTO = 'mosquitto is not installed here: apt-get install mosquitto';

/** Does this machine lack what the scenario plays against? */
function lacks(name: string): boolean {
  return name === 'broker-restart' && mosquitto === undefined;
}

// Goal: the promises hold with real programs in every situation that comes along, and each scenario would say so if they did not.
// Method: run each, side by side; then each with its own planted fault (a third of them, all in CI), which must be noticed by the
// promise that it breaks.
describe.concurrent('the scenarios that come along', () => {
  for (const { name, file } of SCENARIOS)
    it(`${name} passes`, { timeout: RUN_MS_MAX }, async ({ skip }) => {
      skip(lacks(name), NO_MOSQUITTO);
      await rig(file);
    });

  for (const { name, file } of somePlanted(SCENARIOS))
    it(`${name} notices its planted fault`, { timeout: RUN_MS_MAX }, async ({ skip }) => {
      skip(lacks(name), NO_MOSQUITTO);
      const noticed = NOTICED[name];
      if (noticed === undefined) throw new Error(`${name} says nowhere how its planted fault shows`);
      const problem = await rig(file, { plant: true }).then(
        () => 'it passed',
        (error: unknown) => String(error),
      );
      if (!noticed.test(problem)) throw new Error(`not noticed as ${String(noticed)}: ${problem}`);
    });
});

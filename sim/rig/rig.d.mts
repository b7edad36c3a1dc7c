/** What a scenario may be run with. */
export interface RunOptions {
  /** In place of the scenario's own. */
  readonly seed?: string | undefined;
  /** Switches its planted fault on: it must fail then. */
  readonly plant?: boolean | undefined;
  /** Everything that the run made is left below here, in a new folder that begins with the scenario's name. */
  readonly keep?: string | undefined;
  /** Serial ports of this machine by bay or camera. */
  readonly ports?: ReadonlyMap<string, string> | undefined;
  /** A Node program that takes the place of `holdfast` for cameras; it is started with the arguments of `holdfast device`. */
  readonly camera?: string | undefined;
  /** Hears of each step as it begins, milliseconds after the timeline did. */
  readonly tell?: ((told: { readonly atMs: number; readonly text: string }) => void) | undefined;
  /** Ends the run early; what it started is ended with it. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of one run. */
export interface RunResult {
  readonly name: string;
  readonly seed: string;
  /** `not-run`: this machine lacks something, so that nothing is known. */
  readonly outcome: 'passed' | 'failed' | 'not-run';
  readonly ms: number;
  /** What was not as it must be, in words; empty when it passed. */
  readonly problems: readonly string[];
  /** The last that the programs said before the run ended, for whoever reads a failure. */
  readonly heard: readonly string[];
  /** The planted fault that was on. */
  readonly planted?: string;
}

/** A scenario whose promises did not hold; the message says which, and what the programs said last. */
export class RigError extends Error {
  readonly code: 'SCENARIO';
}

/**
 * Runs a scenario in a test: `scenario` is its YAML, or the path or URL of its file. Resolves when everything that was expected
 * held. Rejects with RigError when something did not, or could not be tried here, and says file, line and key of YAML that is wrong.
 */
export function rig(scenario: string | URL, options?: RunOptions): Promise<RunResult>;

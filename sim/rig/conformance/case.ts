import { FieldError } from '../../../proto/errors.ts';
import type { Wire } from './wire.ts';

/** An answer that is due at once is waited for this long: lines and machines may be slow. */
export const ANSWER_MS = 5_000;
/** A device is there again so long after its power came back. */
export const BOOT_MS = 30_000;

export type Transport = 'serial' | 'mqtt';

/** What a case cannot do over the wire: an operator's command, or a second enrolled camera. */
export type Need = 'storage' | 'reset' | 'second-camera';

/** What the rig can do to the device under test from outside the wire. Each rejects when the command fails. */
export interface Hooks {
  /** The device's storage refuses every write from now on. */
  storageOff(): Promise<void>;
  storageOn(): Promise<void>;
  /** Takes the power away and gives it back; resolves when the command has ended. */
  reset(): Promise<void>;
}

/** What every case has: a line to the device, in a session of nobody. Each side's bench adds its own puppet. */
export interface Bench {
  readonly wire: Wire;
  readonly hooks: Hooks;
  /** Releases what this case opened. Must not throw. */
  close(): Promise<void>;
}

/** One rule of docs/PROTOCOL.md, tried on a real device. */
export interface ConformanceCase<B extends Bench = Bench> {
  /** Kebab-case; names the rule. */
  readonly name: string;
  /** The rule in one sentence, as somebody would read it in a report. */
  readonly rule: string;
  /** Section of docs/PROTOCOL.md, such as `6` or `9`. */
  readonly section: string;
  /** Both when absent. */
  readonly transports?: readonly Transport[];
  readonly needs?: Need;
  /** As a dock: closed recordings that the camera has erased afterwards. */
  readonly erases?: number;
  /** A case that takes longer hangs, and has failed; 60 s when absent: no rule says how fast a line or a machine is. */
  readonly withinMs?: number;
  /** Resolves when the device keeps the rule; throws a CaseFailure when it does not. */
  run(bench: B): Promise<void>;
}

/** The device did not keep the rule: what was expected of it, and what was seen instead. */
export class CaseFailure extends FieldError<'CASE_FAILED'> {
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super('CASE_FAILED', `expected ${expected}; saw ${seen}`, { retry: 'never' });
    this.expected = expected;
    this.seen = seen;
  }
}

/** The device cannot do what the case is about, and need not: nothing is known. The message says why. */
export class CaseNotRun extends FieldError<'CASE_NOT_RUN'> {
  constructor(why: string) {
    super('CASE_NOT_RUN', why, { retry: 'never' });
  }
}

/** Throws a CaseFailure unless `holds`. `expected` completes "expected …", `seen` completes "saw …". */
export function demand(holds: boolean, expected: string, seen: string): asserts holds {
  if (!holds) throw new CaseFailure(expected, seen);
}

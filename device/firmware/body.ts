import { FieldError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { RecordingCause } from '../../proto/manifest.ts';
import type { Cancel } from '../ports.ts';
import { Bay } from './bay.ts';
import type { BatteryLevel, BodyFacts, BodyOptions, Outcome } from './body-ports.ts';
import { levelEvent } from './level.ts';
import { answer, step } from './machine.ts';
import { officerOf } from './mode.ts';
import {
  type Cause,
  FIRMWARE_START,
  type FirmwareEffect,
  type FirmwareEvent,
  type FirmwareState,
} from './state.ts';

// A recording that the memory ended before its first fragment leaves no film to tell of it: the camera looks.
const LOOK_MS = 1_000;
const WORN_OUT =
  'the memory is worn out and can only be read: put the camera into a bay, which takes what is closed, then give it another memory';

/** Effects that take their time. */
type Lasting =
  | ('look' | 'open' | 'begin' | 'renew' | 'end' | 'mark' | 'wear' | 'cover' | 'uncover')
  | ('enter-bay' | 'leave-bay' | 'sync-clock' | 'halt');

/**
 * The machine with hands, from switching on to switching off: one life of a camera. Events are answered at once and in
 * order; what they ask for holds for the moment at which they came. Time and chance come through its ports only.
 */
export class Body {
  readonly #options: BodyOptions;
  readonly #bay: Bay;
  #state: FirmwareState = FIRMWARE_START;
  /** Everything that was begun so far: what must come after it waits for it. */
  #busy: Promise<void> = Promise.resolve();
  readonly #timers = new Map<'tail' | 'limit' | 'look' | 'battery', Cancel>();
  #begunUs = 0;
  /** Recordings whose header is on its way into the memory. */
  #beginning = 0;
  #level: BatteryLevel = 'good';
  #isOver = false;
  /** The capture side has ended, as the memory takes nothing any more; the rest goes on. */
  #isBlind = false;
  #over: (how: 'off' | Error) => void = () => undefined;
  /** Resolves when the camera is off; rejects when it failed, and would not go on. */
  readonly ended: Promise<void>;

  constructor(options: BodyOptions) {
    this.#options = options;
    this.#bay = new Bay({
      ...options,
      syncClock: options.syncClock,
      officer: () => officerOf(this.#state.mode),
      tell: (news) => this.#options.tell(news),
      ask: (event) => this.do(event),
      cause: (event) => this.#cause(event),
      aside: (act) => this.#aside(act),
      weigh: () => this.#weigh(),
    });
    this.ended = new Promise((resolve, reject) => {
      this.#over = (how) => (how === 'off' ? resolve() : reject(how));
    });
    // Whoever starts a camera may look at its end later than it comes.
    this.ended.catch(() => undefined);
  }

  get state(): FirmwareState {
    return this.#state;
  }

  /** Rejects with a FieldError when the memory cannot be asked. */
  async facts(): Promise<BodyFacts> {
    const { battery, memory, clock } = this.#options;
    const { mode } = this.#state;
    return {
      batteryPercent: battery.percent(),
      flashFreeBytes: await memory.freeBytes(),
      officerId: officerOf(mode),
      recordingMs: 'number' in mode ? (clock.monoUs() - this.#begunUs) / 1000 : undefined,
    };
  }

  /** Switches on. Resolves when the camera is ready, what was interrupted is closed. Rejects when it cannot be. */
  async start(): Promise<void> {
    const { battery, officer } = this.#options;
    const on = this.do({ event: 'power-on' });
    void this.do({ event: 'assign', officer });
    await on;
    void this.#films();
    this.#timers.set(
      'battery',
      battery.onLevel((level) => this.#tellLevel(level)),
    );
    this.#look();
  }

  /** Answers one event; resolves when everything that it asked for is done. Rejects only with what ends the camera. */
  async do(event: FirmwareEvent): Promise<Outcome> {
    if (this.#isOver) return { came: 'refused', why: 'the camera is off' };
    const { setting } = this.#options;
    const said = answer(this.#state, event, setting);
    const [state, effects] = step(this.#state, event, setting);
    this.#state = state;
    // All are begun before any is waited for, so that each holds for this moment.
    const outcomes = await Promise.all(effects.map((effect) => this.#track(this.#perform(effect))));
    if ('ignored' in said) return { came: 'ignored', why: said.ignored };
    if ('refused' in said) return { came: 'refused', why: said.refused };
    return outcomes.reduce(together, DONE);
  }

  /** An event of the camera's own: whatever comes of it, nobody is waiting for an answer. */
  #cause(event: FirmwareEvent): void {
    this.do(event).then(
      (outcome) => {
        if (outcome.came === 'refused') this.#options.tell({ news: 'trouble', why: outcome.why });
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #track(outcome: Promise<Outcome>): Promise<Outcome> {
    const settled = outcome.then(
      () => undefined,
      () => undefined,
    );
    this.#busy = this.#busy.then(() => settled);
    return outcome;
  }

  async #perform(effect: FirmwareEffect): Promise<Outcome> {
    try {
      return (await this.#carryOut(effect)) ?? DONE;
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      // Nothing that was seen waits for it any more.
      if (this.#isBlind) return DONE;
      if (effect.effect === 'open' || effect.effect === 'look') throw error;
      if (effect.effect === 'begin' || effect.effect === 'renew')
        this.#notBegun(effect.number, String(error.code));
      return { came: 'refused', why: error.message, error };
    }
  }

  #carryOut(effect: FirmwareEffect): Promise<Outcome> | undefined {
    const { camera } = this.#options;
    switch (effect.effect) {
      case 'look':
        return this.#lookAtMemory();
      case 'open':
        return this.#open();
      case 'begin':
        return this.#begin(effect, camera.trigger(signedCause(effect.cause)));
      case 'renew':
        return this.#renew(effect);
      case 'end':
        return camera
          .stop(effect.reason)
          .then((film) => (film === undefined ? DONE : { came: 'done', film }));
      case 'mark':
        return camera.mark(effect.kind).then(() => DONE);
      case 'wear':
        return camera.wear(effect.officer).then(() => DONE);
      case 'cover':
        return camera.cover().then(() => DONE);
      case 'uncover':
        return camera.uncover().then(() => DONE);
      case 'enter-bay':
        return this.#later(() => this.#bay.enter(() => this.#state.mode.at === 'docked'));
      case 'leave-bay':
        return this.#later(() => this.#bay.leave());
      case 'sync-clock':
        return this.#bay.syncClock(effect.time);
      case 'halt':
        return this.#later(() => this.#halt());
      default:
        this.#atOnce(effect);
        return undefined;
    }
  }

  #atOnce(effect: Exclude<FirmwareEffect, { effect: Lasting }>): void {
    const { battery, announce, tell, cut } = this.#options;
    switch (effect.effect) {
      case 'start-tail':
        return this.#arm('tail', effect.afterMs, { event: 'tail-over' });
      case 'start-limit':
        return this.#arm('limit', effect.afterMs, { event: 'limit-reached' });
      case 'stop-tail':
        return this.#disarm('tail');
      case 'stop-limit':
        return this.#disarm('limit');
      case 'load':
        return battery.use(effect.load);
      case 'announce':
        return announce?.({ tag: effect.tag, cause: effect.cause });
      case 'signal':
        return tell({ news: 'signal', signal: effect.signal });
      case 'cut':
        this.#end('off');
        return cut();
      default:
        return effect satisfies never;
    }
  }

  async #lookAtMemory(): Promise<Outcome> {
    const interrupted = await this.#options.memory.interrupted();
    return this.do({ event: 'looked', interrupted });
  }

  async #open(): Promise<Outcome> {
    await this.#options.camera.ready();
    const left = await this.#options.memory.interrupted();
    if (left > 0) this.#wornOut(`; ${left} interrupted cannot be closed, and stay as they are`);
    await this.#weigh();
    return this.do({ event: 'recovered' });
  }

  async #begin(
    { cause, officer, peer }: Omit<Extract<FirmwareEffect, { effect: 'begin' }>, 'effect' | 'number'>,
    header: Promise<RecordingId>,
  ): Promise<Outcome> {
    this.#begunUs = this.#options.clock.monoUs();
    this.#beginning += 1;
    try {
      const recordingId = await header;
      const called = peer === undefined ? {} : { peer };
      this.#options.tell({ news: 'recording', recordingId, cause, officer, ...called });
      return { came: 'done', recordingId };
    } finally {
      this.#beginning -= 1;
    }
  }

  #renew({ isMuted }: Extract<FirmwareEffect, { effect: 'renew' }>): Promise<Outcome> {
    const { camera } = this.#options;
    const officer = officerOf(this.#state.mode);
    // What was muted in the file before is muted in this one from its first moment.
    const begun = camera.renew('limit', isMuted ? 'mute' : undefined);
    return this.#begin({ cause: 'limit', officer }, begun);
  }

  #notBegun(number: number, code: string): void {
    this.#cause({ event: 'begin-failed', number });
    if (code === 'FLASH_FULL') this.#cause({ event: 'memory-full' });
  }

  async #halt(): Promise<Outcome> {
    await this.#bay.leave();
    await this.#options.camera.close();
    const outcome = await this.do({ event: 'halted' });
    this.#end('off');
    return outcome;
  }

  #fail(error: unknown): void {
    this.#end(error instanceof Error ? error : new Error(String(error)));
  }

  #end(how: 'off' | Error): void {
    this.#isOver = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#over(how);
  }

  /** What comes after everything that was begun before it. */
  #later(act: () => Promise<Outcome | void>): Promise<Outcome> {
    return this.#busy.then(act).then((outcome) => outcome ?? DONE);
  }

  #arm(timer: 'tail' | 'limit', afterMs: number, event: FirmwareEvent): void {
    this.#disarm(timer);
    this.#timers.set(
      timer,
      this.#options.clock.after(afterMs, () => this.#cause(event)),
    );
  }

  #disarm(timer: 'tail' | 'limit'): void {
    this.#timers.get(timer)?.();
    this.#timers.delete(timer);
  }

  #look(): void {
    const { clock, camera, battery } = this.#options;
    this.#timers.set(
      'look',
      clock.after(LOOK_MS, () => {
        const isLost =
          'number' in this.#state.mode && this.#beginning === 0 && camera.recording === undefined;
        if (isLost) this.#cause({ event: 'memory-full' });
        // The level that it was switched on with counts from the first look: by then it may be in a bay.
        if (battery.level !== this.#level) this.#tellLevel(battery.level);
        this.#look();
      }),
    );
  }

  #tellLevel(level: BatteryLevel): void {
    this.#level = level;
    this.#cause(levelEvent(level));
  }

  /** Whether there is room to begin with. */
  async #weigh(): Promise<void> {
    const { memory } = this.#options;
    if (memory.isReadOnly?.() === true) return this.#wornOut();
    const isScarce = (await memory.freeBytes()) < memory.scarceBytes;
    this.#cause({ event: isScarce ? 'memory-scarce' : 'memory-free' });
  }

  /** Said once. */
  #wornOut(more = ''): void {
    if (this.#state.memory === 'read-only') return;
    this.#options.tell({ news: 'trouble', why: `${WORN_OUT}${more}` });
    this.#cause({ event: 'memory-read-only' });
  }

  async #films(): Promise<void> {
    const { camera, tell } = this.#options;
    try {
      for await (const film of camera.closed()) {
        tell({ news: 'closed', film });
        // By the time that this is read another may have begun, which it says nothing of.
        const isLast = camera.recording === undefined;
        if (film.stopReason === 'replay' && isLast) this.#cause({ event: 'film-over' });
        if (film.stopReason === 'storage-full' && isLast) this.#cause({ event: 'memory-full' });
        else this.#aside(this.#weigh());
      }
    } catch (error) {
      if (!this.#isOfWear(error)) return this.#fail(error);
      this.#isBlind = true;
      const isLeft = 'number' in this.#state.mode;
      this.#wornOut(isLeft ? '; what was being recorded cannot be closed, and stays as it is' : '');
    }
  }

  /** Whether that ended the capture side because the memory can only be read from here on; what it holds can still be uploaded. */
  #isOfWear(error: unknown): boolean {
    if (!(error instanceof FieldError)) return false;
    return error.facts['code'] === 'EROFS' || this.#options.memory.isReadOnly?.() === true;
  }

  /** What only a display is the poorer for when it fails. */
  #aside(act: Promise<unknown>): void {
    act.catch((error: unknown) => {
      if (!(error instanceof FieldError)) return this.#fail(error);
      this.#options.tell({ news: 'trouble', why: error.message });
    });
  }
}

const DONE: Outcome = { came: 'done' };

/** Of several things asked for at once: the first that was refused, or what they brought. */
function together(one: Outcome, other: Outcome): Outcome {
  if (one.came !== 'done') return one;
  return other.came === 'done' ? { ...one, ...other } : other;
}

/** A command to a simulated camera is nobody's hand: its manifest says nothing of it. */
function signedCause(cause: Cause): RecordingCause | undefined {
  return cause === 'command' ? undefined : cause;
}

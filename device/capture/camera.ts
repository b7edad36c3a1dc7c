import assert from 'node:assert/strict';
import { toHex, utf8 } from '../../proto/bytes.ts';
import { isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { MARK_KIND_BYTES_MAX, MARKS_MAX } from '../../proto/limits.ts';
import type { Moment, RecordingCause, StopReason } from '../../proto/manifest.ts';
import { RecorderDriver, type RecordingPorts } from './driver.ts';
import { CaptureError } from './error.ts';
import { type Footage, FOOTAGE_DEFAULT } from './footage/footage.ts';
import { Lens } from './lens.ts';
import { cameraOptics, type Optics } from './optics.ts';
import type { PlainChunk } from '../ports.ts';
import type { RecorderEvent } from './recorder.ts';
import { type Film, recover } from './recovery.ts';
import { openReplay, Reel } from './replay.ts';
import { Roll } from './roll.ts';

/** What a camera is made of, who wears it, and how its picture is set. */
export interface CameraOptions extends RecordingPorts {
  readonly footage?: Footage;
  /** Lens and encoder; those of a camera when absent. */
  readonly optics?: Optics;
  /** A film that each recording records in place of what the lens sees, as fast as the flash takes it: path of an MP4. */
  readonly film?: string;
}

/**
 * One camera's capture side: lens, recorder, and what goes into the flash. Commands are carried out one after the
 * other; each holds for the moment it was given, however long the one before it takes.
 *
 * ```ts
 * const camera = createCamera({ flash, clock, keys, bootId, officerId, incidentTag, ticket, preEventMs: 30_000 });
 * await camera.ready();                       // closes what a power cut left open, then starts to look
 * const recordingId = await camera.trigger(); // its header is durable from here on
 * await camera.mark('weapon');
 * const film = await camera.stop('button');   // closed and signed: the vault will offer it
 * await camera.close();
 * ```
 *
 * Rejections: CaptureError CAPTURE_BUSY for a command that does not fit the moment, MEDIA_* for a film that cannot
 * be replayed, FLASH_FULL when there is no room to begin, FLASH_SEALED when it has sealed before and now has nobody to seal
 * to; after these the camera goes on. Anything else (the flash
 * fails, the encoder dies) ends it: every call and `closed` then rejects with the cause, and the next start recovers
 * what had become durable.
 */
export interface Camera {
  /** The recording under way, or undefined. */
  readonly recording: RecordingId | undefined;
  /**
   * Comes first, and once. What a memory that can only be read keeps from being closed stays interrupted; the camera then refuses
   * every recording with CAPTURE_BUSY. Gives the recordings that it recovered; they come out of `closed` too.
   */
  ready(): Promise<readonly Film[]>;
  /**
   * Starts to record, with what the pre-event buffer holds. Resolves when the recording's header is durable. One of a film ends by
   * itself where the film ends, with the reason `replay`; a film that breaks before leaves no recording, and ends the camera.
   */
  trigger(cause?: RecordingCause): Promise<RecordingId>;
  /**
   * Closes the recording under way and goes on in a new one, without a gap between their pictures; its first moment is marked with `kind`. Rejects with
   * CAPTURE_BUSY when there is none or it is of a film, and with FLASH_FULL when there was room for the end of the one only.
   */
  renew(reason: StopReason, kind?: string): Promise<RecordingId>;
  /** From here on the camera is this officer's; empty: nobody's. What it saw before is forgotten, as it was another's. */
  wear(officerId: string): Promise<void>;
  /** Sees nothing, and forgets what it saw, until `uncover` or a trigger. */
  cover(): Promise<void>;
  /** Sees again, where it looks ahead of a trigger. */
  uncover(): Promise<void>;
  /** Marks this moment of the recording under way; `kind` is 1 to 64 bytes. */
  mark(kind: string): Promise<void>;
  /** Undefined when nothing is being recorded, or when the flash had no room for a single fragment. */
  stop(reason: StopReason): Promise<Film | undefined>;
  /** Every recording as it is closed, also one that ended because the flash was full. May be iterated once. */
  closed(): AsyncIterable<Film>;
  /** Stops a recording under way as by the button, covers the lens, and ends `closed`. */
  close(): Promise<void>;
}

export function createCamera(options: CameraOptions): Camera {
  return new BodyCamera(options);
}

class BodyCamera implements Camera {
  readonly #options: CameraOptions;
  readonly #recorder: RecorderDriver;
  readonly #roll = new Roll();
  readonly #commands: (() => Promise<void>)[] = [];
  #lens: Lens | undefined;
  /** The film in place of what the lens sees, while it is recorded. */
  #reel: Reel | undefined;
  /** What was interrupted could not be closed, and nothing can come after it. */
  #isReadOnly = false;
  #wake = (): void => {};
  #ended: { readonly error: Error | undefined } | undefined;
  #life: Promise<void> | undefined;

  constructor(options: CameraOptions) {
    this.#options = options;
    const { footage = FOOTAGE_DEFAULT, optics = cameraOptics } = options;
    this.#recorder = new RecorderDriver(options, { footage, optics });
  }

  /** Whether it sees before anything begins. */
  get #looksAhead(): boolean {
    return this.#options.preEventMs > 0 && this.#options.film === undefined;
  }

  get recording(): RecordingId | undefined {
    const { state } = this.#recorder;
    return state.at === 'ready' ? undefined : state.recordingId;
  }

  async ready(): Promise<readonly Film[]> {
    assert(!this.#life, 'a camera is made ready once');
    const { flash, keys } = this.#options;
    const films = await recover(flash, keys);
    for (const film of films) this.#roll.push(film);
    this.#isReadOnly = (await flash.interrupted()).length > 0;
    if (this.#looksAhead) (await this.#openLens()).open(this.#now().monoUs);
    this.#life = this.#live();
    return films;
  }

  trigger(cause?: RecordingCause): Promise<RecordingId> {
    const at = this.#now();
    return this.#order(async () => {
      this.#checkIdle();
      const { film } = this.#options;
      const why = cause === undefined ? {} : { cause };
      if (film !== undefined) return this.#play(film, { recordingId: this.#newId(), at, ...why });
      const lens = await this.#openLens();
      await this.#see(at.monoUs, { cut: true });
      lens.open(at.monoUs);
      return this.#begin(
        { event: 'trigger', recordingId: this.#newId(), at, seen: this.#seen(lens, at), ...why },
        `video/mp4; codecs="${lens.codec}"`,
      );
    });
  }

  renew(reason: StopReason, kind?: string): Promise<RecordingId> {
    const at = this.#now();
    return this.#order(async () => {
      const lens = this.#lens;
      if (lens === undefined || this.#recorder.state.at !== 'recording')
        throw busy('there is no recording that can go on in another file');
      await this.#see(at.monoUs, { cut: true });
      // Part of a frame is left: the next file begins with it.
      const from = this.#seen(lens, at);
      await this.#stopAt(from, reason);
      lens.open(from.monoUs);
      const event = { event: 'trigger', recordingId: this.#newId(), at: from, cause: 'limit' } as const;
      await this.#begin(event, `video/mp4; codecs="${lens.codec}"`);
      if (kind !== undefined) await this.#dispatch({ event: 'mark', mark: { at: from, kind } });
      return event.recordingId;
    });
  }

  wear(officerId: string): Promise<void> {
    const { monoUs } = this.#now();
    return this.#order(async () => {
      this.#checkIdle();
      await this.#see(monoUs, { cut: true });
      this.#recorder.wornBy(officerId);
      this.#lens?.wornBy(officerId, monoUs);
      await this.#dispatch({ event: 'forget' });
    });
  }

  cover(): Promise<void> {
    return this.#order(async () => {
      this.#checkIdle();
      this.#lens?.cover();
      await this.#dispatch({ event: 'forget' });
    });
  }

  uncover(): Promise<void> {
    const { monoUs } = this.#now();
    return this.#order(async () => {
      if (this.#looksAhead) (await this.#openLens()).open(monoUs);
    });
  }

  mark(kind: string): Promise<void> {
    const at = this.#now();
    return this.#order(async () => {
      const bytes = utf8(kind).length;
      const { state } = this.#recorder;
      if (bytes < 1 || bytes > MARK_KIND_BYTES_MAX)
        throw busy(`a mark has a name of 1 to ${MARK_KIND_BYTES_MAX} bytes`);
      if (state.at !== 'recording') throw busy('there is no recording to mark');
      if (state.marks.length === MARKS_MAX) throw busy(`a recording has at most ${MARKS_MAX} marks`);
      await this.#dispatch({ event: 'mark', mark: { at, kind } });
    });
  }

  stop(reason: StopReason): Promise<Film | undefined> {
    const at = this.#now();
    return this.#order(() => this.#stopAt(at, reason));
  }

  closed(): AsyncIterable<Film> {
    return this.#roll.read();
  }

  async close(): Promise<void> {
    const at = this.#now();
    try {
      if (this.#life && !this.#ended) await this.#order(() => this.#stopAt(at, 'button'));
    } finally {
      this.#end();
      await this.#life;
      await this.#reel?.close();
      await this.#lens?.close();
    }
  }

  /** The camera's own loop: commands first, then the pictures that are due, then it waits for either. */
  async #live(): Promise<void> {
    try {
      while (!this.#ended) {
        const command = this.#commands.shift();
        if (command) await command();
        else if (!(await this.#see(this.#now().monoUs))) await this.#pause();
      }
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
    // Whoever still waits is told how it ended.
    for (const command of this.#commands.splice(0)) await command();
  }

  #order<Result>(act: () => Promise<Result>): Promise<Result> {
    assert(this.#life, 'a camera must be ready before it is given a command');
    return new Promise((resolve, reject) => {
      const command = async (): Promise<void> => {
        try {
          if (this.#ended) throw this.#ended.error ?? busy('the camera is switched off');
          resolve(await act());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          if (!this.#ended && !this.#isBearable(error)) throw error;
        }
      };
      if (this.#ended) return void command();
      this.#commands.push(command);
      this.#wake();
    });
  }

  /** The camera goes on after these: the command was refused, and nothing is half done. */
  #isBearable(error: unknown): boolean {
    return (
      error === this.#recorder.refusal || (error instanceof CaptureError && error.code !== 'ENCODER_FAILED')
    );
  }

  async #pause(): Promise<void> {
    const { clock } = this.#options;
    const dueUs = this.#lens?.dueUs;
    await new Promise<void>((resolve) => {
      const cancel = dueUs === undefined ? undefined : clock.after((dueUs - clock.monoUs()) / 1000, resolve);
      this.#wake = () => {
        cancel?.();
        resolve();
      };
      if (this.#commands.length > 0 || this.#ended) this.#wake();
    });
  }

  #end(error?: Error): void {
    this.#ended ??= { error };
    this.#recorder.forget();
    this.#roll.end(error);
    this.#wake();
  }

  /** When the frame began that is being seen at that moment. */
  #seen({ seenUs = Infinity }: Lens, at: Moment): Moment {
    const monoUs = Math.min(seenUs, at.monoUs);
    return { wallUs: at.wallUs - (at.monoUs - monoUs), monoUs };
  }

  /** Takes what the lens has seen, or the next of a film; false when there was nothing new. */
  async #see(untilUs: number, cut?: { readonly cut: true; readonly framesMin?: number }): Promise<boolean> {
    if (this.#reel) return this.#wind(this.#reel, cut !== undefined);
    let any = false;
    for await (const take of this.#lens?.takes(untilUs, cut) ?? []) {
      any = true;
      await this.#dispatch({ event: 'take', take });
    }
    return any;
  }

  async #begin(
    event: Extract<RecorderEvent, { event: 'trigger' | 'replay' }>,
    mediaType: string,
  ): Promise<RecordingId> {
    if (this.#isReadOnly) throw busy('the memory can only be read: nothing is recorded');
    await this.#recorder.begin(event, mediaType);
    if (!this.#recorder.idle) return event.recordingId;
    await this.#rest();
    throw this.#recorder.refusal ?? busy('there was nothing to record');
  }

  async #play(
    path: string,
    begun: Omit<Extract<RecorderEvent, { event: 'replay' }>, 'event'>,
  ): Promise<RecordingId> {
    const reel = new Reel(await openReplay(path));
    this.#reel = reel;
    try {
      return await this.#begin({ event: 'replay', ...begun }, reel.mediaType);
    } catch (error) {
      await this.#rest();
      throw error;
    }
  }

  /** The next chunk of the film; or with `cut` as many as make it playable. Its end is the end of the recording. */
  async #wind(reel: Reel, cut: boolean): Promise<true> {
    if (!cut) await this.#windOne(reel);
    while (cut && this.#reel !== undefined && !reel.isPlayable) await this.#windOne(reel);
    return true;
  }

  async #windOne(reel: Reel): Promise<void> {
    const chunk = await this.#nextOf(reel);
    const at = this.#now();
    if (chunk === undefined) await this.#dispatch({ event: 'stop', at, reason: 'replay' });
    else await this.#dispatch({ event: 'chunk', chunk, at });
  }

  async #nextOf(reel: Reel): Promise<PlainChunk | undefined> {
    try {
      return await reel.next();
    } catch (error) {
      // Half of a broken film is no evidence of anything.
      if (error instanceof CaptureError) await this.#dispatch({ event: 'abandon' });
      throw error;
    }
  }

  async #stopAt(at: Moment, reason: StopReason): Promise<Film | undefined> {
    if (this.#recorder.state.at !== 'recording') return undefined;
    // A press on and off within one frame still leaves that frame.
    await this.#see(at.monoUs, { cut: true, framesMin: this.#recorder.hasPictures ? 0 : 1 });
    await this.#dispatch({ event: 'stop', at, reason });
    return this.#recorder.developed;
  }

  async #dispatch(event: RecorderEvent): Promise<void> {
    const wasIdle = this.#recorder.idle;
    await this.#recorder.dispatch(event);
    if (wasIdle || !this.#recorder.idle) return;
    await this.#rest();
    const film = this.#recorder.developed;
    if (film) this.#roll.push(film);
  }

  async #rest(): Promise<void> {
    const reel = this.#reel;
    this.#reel = undefined;
    if (!this.#looksAhead) this.#lens?.cover();
    await reel?.close();
  }

  async #openLens(): Promise<Lens> {
    const { officerId } = this.#recorder;
    const { clock, keys, footage = FOOTAGE_DEFAULT, optics = cameraOptics } = this.#options;
    const { gopMs } = optics;
    this.#lens ??= new Lens(await optics.openEncoder(footage), {
      ...{ clock, gopMs },
      names: { cameraId: keys.cameraId, officerId },
    });
    return this.#lens;
  }

  #checkIdle(): void {
    if (!this.#recorder.idle) throw busy('a recording is under way: stop it first');
  }

  #newId(): RecordingId {
    const id = toHex(this.#options.keys.randomBytes(16));
    assert(isRecordingId(id));
    return id;
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { wallUs: clock.wallUs(), monoUs: clock.monoUs() };
  }
}

function busy(why: string): CaptureError {
  return new CaptureError('CAPTURE_BUSY', why, { retry: 'later' });
}

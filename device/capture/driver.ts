import { FieldError } from '../../proto/errors.ts';
import type { Moment } from '../../proto/manifest.ts';
import type { Clock, Flash, Keys, PlainChunk, Sensors, Vault } from '../ports.ts';
import { FilmInHand } from './film.ts';
import type { Footage } from './footage/footage.ts';
import type { Muxer } from './fragment.ts';
import type { Optics } from './optics.ts';
import {
  RECORDER_START,
  type RecorderEffect,
  type RecorderEvent,
  type RecorderState,
  RING_BYTES_MAX,
  step,
} from './recorder.ts';
import type { Film } from './recovery.ts';

/** What a recording needs besides its pictures. */
export interface RecordingPorts {
  readonly flash: Flash & Vault;
  readonly clock: Clock;
  readonly keys: Keys;
  /** 16 bytes, new at every start; the same as in Hello. */
  readonly bootId: Uint8Array;
  /** Who has the camera until `wear` says otherwise. */
  readonly officerId: string;
  /** A hint for people, never a link; may be empty. */
  readonly incidentTag: string;
  /** The newest checkpoint that a dock has handed out, asked for as a recording begins: the recording is younger than that. */
  readonly ticket: () => string | undefined;
  /** What is signed beside the pictures; without them nothing is said. */
  readonly sensors?: Sensors;
  /** How far before the trigger a recording may reach. 0: the lens is covered until the trigger. */
  readonly preEventMs: number;
}

// A flash that says so takes no more of this recording, and is as good as before.
const REFUSALS: ReadonlySet<string> = new Set(['FLASH_FULL', 'FLASH_SEALED']);

/** The recorder with hands: it steps, and carries out what the steps ask for, in order. One call at a time. */
export class RecorderDriver {
  readonly #ports: RecordingPorts;
  readonly #picture: { readonly footage: Footage; readonly optics: Optics };
  #state: RecorderState = RECORDER_START;
  #film: FilmInHand | undefined;
  #muxer: Muxer | undefined;
  #mediaType = '';
  #officerId: string;
  #developed: Film | undefined;
  #refusal: FieldError<string> | undefined;

  constructor(ports: RecordingPorts, picture: { readonly footage: Footage; readonly optics: Optics }) {
    this.#ports = ports;
    this.#officerId = ports.officerId;
    this.#picture = picture;
  }

  get state(): RecorderState {
    return this.#state;
  }

  get idle(): boolean {
    return this.#state.at === 'ready';
  }

  /** Whether a picture of the recording under way is on its way into the flash. */
  get hasPictures(): boolean {
    return this.#muxer !== undefined;
  }

  /** The recording that the last stop closed, or undefined when there was no footage in it. */
  get developed(): Film | undefined {
    return this.#developed;
  }

  /** What the flash said when it refused something of the newest recording. */
  get refusal(): FieldError<string> | undefined {
    return this.#refusal;
  }

  get officerId(): string {
    return this.#officerId;
  }

  /** Whose the recordings are that begin from here on. */
  wornBy(officerId: string): void {
    this.#officerId = officerId;
  }

  /** Starts a recording of that media type. The state is `ready` again when the flash had no room for it. */
  async begin(
    event: Extract<RecorderEvent, { event: 'trigger' | 'replay' }>,
    mediaType: string,
  ): Promise<void> {
    this.#mediaType = mediaType;
    this.#developed = undefined;
    this.#refusal = undefined;
    await this.dispatch(event);
  }

  /**
   * Steps once; what the effects lead to is stepped before anything that waited behind them. Throws what the
   * flash, the encoder or the signing throw, but for a flash that refuses more, which ends the recording in order.
   */
  async dispatch(first: RecorderEvent): Promise<void> {
    const setting = { preEventMs: this.#ports.preEventMs, ringBytesMax: RING_BYTES_MAX };
    const events = [first];
    for (let event = events.shift(); event; event = events.shift()) {
      const [state, effects] = step(this.#state, event, setting);
      this.#state = state;
      const caused: RecorderEvent[] = [];
      for (const effect of effects) caused.push(...(await this.#perform(effect)));
      events.unshift(...caused);
    }
  }

  /** Overwrites the key of a recording under way: for the end of the camera, whatever it ends of. */
  forget(): void {
    this.#film?.forget();
  }

  async #perform(effect: RecorderEffect): Promise<readonly RecorderEvent[]> {
    switch (effect.effect) {
      case 'open':
        return this.#orRefused(() => this.#open(effect));
      case 'mux':
        this.#muxer ??= await this.#picture.optics.openMuxer(this.#picture.footage);
        return this.#asEvents(await this.#muxer.add(effect.take.gop));
      case 'store':
        return this.#orRefused(async () => this.#film?.store(effect.chunk, effect.at));
      case 'mark':
        return this.#orRefused(() => this.#ports.flash.mark(effect.recordingId, effect.mark));
      case 'drain':
        return this.#drain();
      case 'discard':
        await this.#film?.discard();
        this.#film = undefined;
        return [];
      case 'close':
        this.#developed = await this.#film?.close(effect.end, this.#ports.keys);
        this.#film = undefined;
        return [];
      default:
        return effect satisfies never;
    }
  }

  async #open({
    recordingId,
    triggered,
    started,
    cause,
  }: Extract<RecorderEffect, { effect: 'open' }>): Promise<void> {
    const { flash, keys, bootId, incidentTag } = this.#ports;
    const { counter, previousRoot } = await flash.next();
    const ticket = this.#ports.ticket();
    const draft = {
      recordingId,
      cameraId: keys.cameraId,
      counter,
      previousRoot,
      bootId,
      officerId: this.#officerId,
      incidentTag,
      mediaType: this.#mediaType,
      triggered,
      started,
      ...(cause === undefined ? {} : { cause }),
      ...(ticket === undefined ? {} : { ticket }),
    };
    this.#film = await FilmInHand.open(flash, draft, keys);
    await this.#film.carry(this.#ports.sensors ?? {});
  }

  async #drain(): Promise<readonly RecorderEvent[]> {
    const chunks = (await this.#muxer?.finish()) ?? [];
    this.#muxer = undefined;
    return [...this.#asEvents(chunks), { event: 'drained' }];
  }

  #asEvents(chunks: readonly PlainChunk[]): readonly RecorderEvent[] {
    const at = this.#now();
    return chunks.map((chunk) => ({ event: 'chunk', chunk, at }));
  }

  async #orRefused(act: () => Promise<void>): Promise<readonly RecorderEvent[]> {
    try {
      await act();
      return [];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refusal = error;
      return [{ event: 'full', at: this.#now() }];
    }
  }

  #now(): Moment {
    const { clock } = this.#ports;
    return { wallUs: clock.wallUs(), monoUs: clock.monoUs() };
  }
}

function isRefusal(error: unknown): error is FieldError<string> {
  return error instanceof FieldError && REFUSALS.has(String(error.code));
}

import { decodePdu, encodeMessage } from '../../proto/codec.ts';
import { FieldError, LinkError, PduError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Receipt } from '../../proto/messages.ts';
import type { Cancel, Clock, ClosedRecording, Gauges, KeptTicket, Link, Tickets, Vault } from '../ports.ts';
import { isSoundCopy } from '../vault/sound.ts';
import { wakeUs } from './liveness.ts';
import type {
  CameraContext,
  EndReason,
  UploadContext,
  UploadEffect,
  UploadEvent,
  UploadNews,
  UploadState,
} from './state.ts';
import { step } from './step.ts';
import { looked, lookUs, notLooked, type Telling, telling } from './telling.ts';
import { Turns } from './turns.ts';

const GOODBYE_MS_MAX = 200;
// Everything that steers is said again until it is answered: what a stuck line cannot take is dropped, not kept.
const CONTROLS_WAITING_MAX = 64;
// Noise, and the words of a newer peer.
const UNANSWERED: ReadonlySet<PduError['code']> = new Set(['PDU_SHORT', 'PDU_CRC', 'PDU_UNKNOWN_TYPE']);

/** What one conversation needs of the camera. */
export interface UploadPorts {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly tickets: Pick<Tickets, 'kept' | 'keep'>;
  readonly gauges: Gauges;
  readonly context: CameraContext;
  /** For people and the rig. Must not throw. */
  tell(news: UploadNews | { readonly news: 'erased'; readonly recordingId: RecordingId }): void;
}

/** A conversation under way: `done` says why it ended, `end` ends it from outside (undocked). */
export interface Conversing {
  readonly done: Promise<EndReason | 'link-ended'>;
  end(): void;
}

/**
 * Drives the camera's side over one link until the link ends or the session does. Packets, timers and finished
 * reads become events of the pure step; its effects are carried out here. Never throws for what a peer does.
 */
export function converse(link: Link, ports: UploadPorts): Conversing {
  const conversation = new Conversation(link, ports);
  return { done: conversation.run(), end: () => conversation.leave() };
}

class Conversation {
  readonly #link: Link;
  readonly #ports: UploadPorts;
  readonly #context: UploadContext;
  #state: UploadState = { at: 'undocked' };
  #telling: Telling = { at: 'silent' };
  readonly #reads = new Turns();
  #controls: Promise<void> = Promise.resolve();
  #controlsWaiting = 0;
  #because: EndReason | 'link-ended' = 'link-ended';
  #alarm: { readonly dueUs: number; readonly cancel: Cancel } | undefined;

  constructor(link: Link, ports: UploadPorts) {
    this.#link = link;
    this.#ports = ports;
    this.#context = {
      ...ports.context,
      transport: link.transport,
      wireUs: (pduBytes) => link.wireUs(pduBytes),
      kept: (dockId) => ports.tickets.kept(dockId),
    };
  }

  async run(): Promise<EndReason | 'link-ended'> {
    this.#handle({ event: 'start', ...this.#now() });
    for await (const pdu of this.#link.packets()) {
      const message = decodePdu(pdu, this.#link.pduBytesMax);
      if (message instanceof PduError) this.#refuse(message);
      else this.#handle({ event: 'message', message, ...this.#now() });
    }
    this.#state = { at: 'ended', because: 'bye' };
    this.#arm();
    return this.#because;
  }

  #refuse({ code, message }: PduError): void {
    if (UNANSWERED.has(code)) return;
    const nowUs = this.#ports.clock.monoUs();
    this.#handle({ event: 'malformed', nowUs, why: message, isOversize: code === 'PDU_OVERSIZE' });
  }

  /** Says goodbye first, if the link still takes it: the dock then need not wait out the silence. */
  leave(): void {
    if (this.#state.at !== 'docked') return this.close('bye');
    const { sessionId } = this.#state.session;
    this.#send({ effect: 'send', message: { type: 'bye', sessionId, message: 'undocked' } });
    this.#because = 'bye';
    this.#state = { at: 'ended', because: 'bye' };
    const close = (): void => this.close('bye');
    const cancel = this.#ports.clock.after(GOODBYE_MS_MAX, close);
    void this.#controls.then(() => {
      cancel();
      close();
    });
  }

  close(because: EndReason): void {
    this.#because = because;
    this.#state = { at: 'ended', because };
    this.#arm();
    void this.#link.close().catch(() => undefined);
  }

  #now(): { nowUs: number; wallUs: number; nonce: Uint8Array } {
    const { clock, context } = this.#ports;
    return { nowUs: clock.monoUs(), wallUs: clock.wallUs(), nonce: context.keys.randomBytes(32) };
  }

  #handle(event: UploadEvent): void {
    if (this.#state.at === 'ended') return;
    const [state, effects] = step(this.#state, event, this.#context);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#tellDock(event.nowUs);
    this.#arm();
  }

  /** What this camera says of itself goes beside the upload, which does not know of it. */
  #tellDock(nowUs: number): void {
    const before = this.#telling;
    this.#telling = telling(before, this.#state, nowUs);
    const wasLooking = before.at === 'telling' && before.isLooking;
    if (this.#telling.at === 'telling' && this.#telling.isLooking && !wasLooking) void this.#look();
  }

  async #look(): Promise<void> {
    const { clock, vault, gauges } = this.#ports;
    try {
      const [waiting, gauge] = await Promise.all([vault.waiting(), gauges.read()]);
      if (this.#state.at !== 'docked') return;
      const now = { nowUs: clock.monoUs(), wallUs: clock.wallUs() };
      const [next, telemetry] = looked(this.#telling, { gauge, waiting, ...now });
      this.#telling = next;
      if (telemetry !== undefined) this.#send({ effect: 'send', message: telemetry });
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      this.#telling = notLooked(this.#telling);
    }
    this.#arm();
  }

  /** Keeps one timer for whatever is due first. One that rings early is set again: that is cheaper than moving it with every packet. */
  #arm(): void {
    const { clock } = this.#ports;
    const dueUs = soonest(wakeUs(this.#state, this.#context), lookUs(this.#telling));
    if (dueUs !== undefined && this.#alarm !== undefined && this.#alarm.dueUs <= dueUs) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (dueUs === undefined) return;
    const delayMs = Math.max(1, Math.ceil((dueUs - clock.monoUs()) / 1000));
    const cancel = clock.after(delayMs, () => {
      this.#alarm = undefined;
      this.#handle({ event: 'tick', nowUs: clock.monoUs() });
    });
    this.#alarm = { dueUs, cancel };
  }

  #perform(effect: UploadEffect): void {
    switch (effect.effect) {
      case 'send':
        return this.#send(effect);
      case 'list':
        return this.#background(async () => {
          const recordings = await this.#ports.vault.waiting();
          this.#handle({ event: 'listed', nowUs: this.#ports.clock.monoUs(), recordings });
        });
      case 'read':
        return this.#background(() => this.#read(effect), {
          recordingId: effect.recording.recordingId,
          stream: effect.stream,
        });
      case 'examine':
        return this.#background(() => this.#examine(effect.recording), {
          recordingId: effect.recording.recordingId,
        });
      case 'keep':
        return this.#keep(effect.ticket, effect.recordingId);
      case 'erase':
        return this.#background(() => this.#erase(effect.recordingId, effect.receipt), {
          recordingId: effect.recordingId,
        });
      case 'news':
        return this.#ports.tell(effect.news);
      case 'end':
        return this.close(effect.because);
      default:
        effect satisfies never;
    }
  }

  #send({ message }: Extract<UploadEffect, { effect: 'send' }>): void {
    const pdu = encodeMessage(message);
    if (message.type !== 'data') return this.#steer(pdu);
    const { stream } = message;
    void this.#link.send(pdu, 'data').then(
      () => this.#handle({ event: 'sent', nowUs: this.#ports.clock.monoUs(), stream }),
      (error: unknown) => this.#unsent(error),
    );
  }

  /** A link that is gone ends its packets too. One that will never take this Data must not be asked again and again. */
  #unsent(error: unknown): void {
    if (error instanceof LinkError && error.code === 'LINK_OVERSIZE') this.close('later');
  }

  #steer(pdu: Uint8Array): void {
    if (this.#controlsWaiting >= CONTROLS_WAITING_MAX) return;
    this.#controlsWaiting += 1;
    this.#controls = this.#controls
      .then(() => this.#link.send(pdu, 'control'))
      .catch(() => undefined)
      .finally(() => {
        this.#controlsWaiting -= 1;
      });
  }

  async #read(wanted: Extract<UploadEffect, { effect: 'read' }>): Promise<void> {
    const { recording, stream, start: offset } = wanted;
    const bytes = await this.#reads.take(contentOf(recording, wanted, this.#ports.vault));
    this.#handle({ event: 'content', nowUs: this.#ports.clock.monoUs(), stream, offset, bytes });
  }

  async #examine(recording: ClosedRecording): Promise<void> {
    const { vault, clock, context } = this.#ports;
    const isSound = await isSoundCopy(recording, vault, context);
    const { recordingId } = recording;
    this.#handle({ event: 'examined', nowUs: clock.monoUs(), recordingId, isSound });
  }

  #keep(ticket: KeptTicket, recordingId: RecordingId | undefined): void {
    const { clock, tickets } = this.#ports;
    const { size } = ticket;
    if (recordingId === undefined) return this.#background(() => tickets.keep(ticket), {});
    this.#background(
      async () => {
        await tickets.keep(ticket);
        this.#handle({ event: 'kept', nowUs: clock.monoUs(), recordingId, size });
      },
      { recordingId },
    );
  }

  async #erase(recordingId: RecordingId, receipt: Receipt): Promise<void> {
    await this.#ports.vault.erase(recordingId, encodeMessage(receipt));
    this.#ports.tell({ news: 'erased', recordingId });
    this.#handle({ event: 'erased', nowUs: this.#ports.clock.monoUs(), recordingId });
  }

  /** A flash that cannot read or write for one recording must not stop the others. */
  #background(
    work: () => Promise<void>,
    about?: { readonly recordingId?: RecordingId; readonly stream?: number },
  ): void {
    void work().catch((error: unknown) => {
      if (!(error instanceof FieldError) || about === undefined) throw error;
      this.#ports.tell({ news: 'distrust', why: error.message });
      const { recordingId, ...of } = about;
      if (recordingId === undefined) return;
      this.#handle({ event: 'unreadable', nowUs: this.#ports.clock.monoUs(), recordingId, ...of });
    });
  }
}

function soonest(oneUs: number | undefined, otherUs: number | undefined): number | undefined {
  return oneUs === undefined || otherUs === undefined ? oneUs : Math.min(oneUs, otherUs);
}

/** A fragment of the upload's byte space; it never spans the end of the manifest. */
async function contentOf(
  recording: ClosedRecording,
  range: { start: number; end: number },
  vault: Vault,
): Promise<Uint8Array> {
  const manifestBytes = recording.signedManifest.byteLength;
  if (range.end <= manifestBytes) return recording.signedManifest.subarray(range.start, range.end);
  return vault.read(recording.recordingId, range.start - manifestBytes, range.end - manifestBytes);
}

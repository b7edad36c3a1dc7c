import type { Answer, Request } from '../../dock/authzen/call.ts';
import { EventParser } from '../../dock/authzen/events.ts';
import { policyOver } from '../../dock/authzen/policy.ts';
import { eventOf } from '../../dock/policy/http/events.ts';
import type { Cancel, Clock, Keys, Policy, PolicyEvent } from '../../dock/ports.ts';
import { Mailbox } from '../../proto/mailbox.ts';
import type { Chance } from '../fault/chance.ts';
import { Liar } from './liar.ts';
import type { Office } from './office.ts';
import { OFFICE_URL } from './office-papers.ts';
import type { Scene } from './scene.ts';
import { openStatement } from './statement.ts';

/**
 * `slow`: answers later than a dock is patient. `down`: unreachable, and no event comes. `lying`: somebody stands in between who
 * has everything but the service's key.
 */
export const OFFICE_MODES = ['up', 'slow', 'down', 'lying'] as const;
export type OfficeMode = (typeof OFFICE_MODES)[number];

/** A dock's own, for as long as its power lasts. */
export interface Caller {
  readonly clock: Clock;
  readonly keys: Pick<Keys, 'dockId' | 'randomBytes'>;
}

const EVENTS_MAX = 1_000;
const BACKOFF_MS_MIN = 250;
const BACKOFF_MS_MAX = 2_000;
/** A peer that says nothing for so long is gone; the service sends a comment each second. */
const SILENCE_MS = 3_000;

/**
 * The lines between docks and the policy service, and what befalls them. At a dock's end is the real adapter, which believes nothing
 * that it has not checked.
 */
export class OfficeLines {
  readonly #scene: Scene;
  readonly #office: Office;
  readonly #chance: Chance;
  readonly #liar: Liar;
  /** Of each dock, the event stream that is open. */
  readonly #streams = new Map<string, Stream>();
  #mode: OfficeMode = 'up';
  /** Rises with each loss of power: an answer of an earlier life never comes. */
  #life = 0;

  constructor(scene: Scene, office: Office) {
    this.#scene = scene;
    this.#office = office;
    this.#chance = scene.chance.split('office lines');
    this.#liar = new Liar(scene.chance.split('liar'));
    office.subscribe((what) => this.#announce(what));
  }

  get mode(): OfficeMode {
    return this.#mode;
  }

  /** From now on it is like this. */
  setMode(mode: OfficeMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#scene.history.record({ what: 'office', mode });
    if (mode === 'down') this.#breakStreams();
  }

  /** The service loses its power and has it back at once: its books stay, answers under way do not come, streams break. */
  cutPower(): void {
    this.#life += 1;
    this.#scene.history.record({ what: 'power-cut', machine: 'office' });
    this.#breakStreams();
    this.#office.restart();
    this.#scene.history.record({ what: 'booted', machine: 'office' });
  }

  /** The port `Policy` of one dock for one life of it; a stream of its life before ends. */
  connect(caller: Caller): Policy {
    const dock = caller.keys.dockId;
    const asker = { ...caller, issuer: OFFICE_URL };
    return policyOver(asker, {
      call: (request) => this.#call(dock, caller.clock, request),
      listen: (stop) => this.#listen(dock, caller.clock, stop),
      openJws: async (jws, typ) => {
        const { signer } = this.#office;
        const opened = openStatement(jws, typ, (kid) => (kid === signer.thumbprint ? signer : undefined));
        return opened === undefined ? { refused: 'a malformed signed statement' } : { claims: opened.claims };
      },
    });
  }

  /** One request, from a dock's side: an answer, or why there is none, within the deadline by the dock's clock. */
  #call(dock: string, clock: Clock, request: Request): Promise<Answer> {
    return new Promise((resolve) => {
      const cancel = clock.after(request.deadlineMs, () =>
        resolve({ failed: `policy service did not answer within ${request.deadlineMs / 1_000} s` }),
      );
      void this.#carry(dock, request, (answer) => {
        cancel();
        resolve(answer);
      });
    });
  }

  async #carry(dock: string, request: Request, reply: (answer: Answer) => void): Promise<void> {
    const mode = this.#mode;
    const life = this.#life;
    this.#count(mode, request);
    if (mode === 'down') {
      // Refused at once, or swallowed: then the dock's patience ends it.
      if (this.#chance.happens(0.7)) reply({ failed: 'policy service cannot be reached (ECONNREFUSED)' });
      return;
    }
    const wholeMs = mode === 'slow' ? 500 + this.#chance.below(7_500) : 1 + this.#chance.below(40);
    const thereMs = Math.floor(wholeMs * this.#chance.fraction());
    await this.#pause(thereMs);
    if (this.#life !== life) return reply({ failed: 'policy service cannot be reached (ECONNRESET)' });
    const answer = await this.#answer(dock, mode, request);
    await this.#pause(wholeMs - thereMs);
    // An outage that came meanwhile took the answer with it.
    const isGone = this.#life !== life || this.#mode === 'down';
    reply(isGone ? { failed: 'policy service cannot be reached (ECONNRESET)' } : answer);
  }

  #answer(dock: string, mode: OfficeMode, request: Request): Promise<Answer> {
    const ask = (body: unknown): Promise<Answer> => this.#office.answer(dock, { path: request.path, body });
    return mode === 'lying' ? this.#liar.answer(request, ask) : this.#liar.overhear(ask(request.body));
  }

  #count(mode: OfficeMode, { path, body }: Request): void {
    if (mode === 'up') return;
    const isOpening = JSON.stringify(body).includes('"opening"');
    const asked = isOpening ? 'opening' : 'asking';
    this.#scene.fault(`policy-${mode}`, 'office', path === '/v1/facts' ? 'registering' : asked);
  }

  /** As `dock/authzen/listen` does: again and again, with a growing pause; `reconnected` each time a stream opens. */
  async *#listen(dock: string, clock: Clock, stop: AbortSignal): AsyncGenerator<PolicyEvent, void, void> {
    let backoffMs = BACKOFF_MS_MIN;
    while (!stop.aborted) {
      const stream = this.#mode === 'down' ? undefined : this.#open(dock);
      const end = (): void => stream?.end();
      stop.addEventListener('abort', end);
      for await (const event of stream?.events ?? []) {
        backoffMs = BACKOFF_MS_MIN;
        yield event;
      }
      stop.removeEventListener('abort', end);
      if (stop.aborted) return;
      await pause(clock, backoffMs, stop);
      backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX);
    }
  }

  #open(dock: string): Stream {
    this.#streams.get(dock)?.end();
    const stream = new Stream();
    this.#streams.set(dock, stream);
    this.#post(stream, () => {
      stream.cursor = this.#office.book.known.newest;
      this.#announced(dock, stream, true);
      return [{ event: 'reconnected' }];
    });
    return stream;
  }

  #announce(what: 'facts' | 'rules'): void {
    for (const [dock, stream] of this.#streams)
      this.#post(stream, () => {
        if (what === 'rules') return [{ event: 'rules' }];
        const events = this.#eventsAfter(stream);
        if (events.length > 0) this.#announced(dock, stream, false);
        return events;
      });
  }

  #eventsAfter(stream: Stream): readonly PolicyEvent[] {
    const { store, known } = this.#office.book;
    const entries = store.list({ after: stream.cursor, limit: EVENTS_MAX });
    stream.cursor = entries.at(-1)?.index ?? stream.cursor;
    return new EventParser().push(entries.map((entry) => eventOf(entry, known)).join(''));
  }

  /** What a stream brings comes after the delay of the line, and not at all once it is broken. */
  #post(stream: Stream, events: () => readonly PolicyEvent[]): void {
    const delayMs = this.#mode === 'slow' ? 200 + this.#chance.below(3_000) : 1 + this.#chance.below(30);
    this.#scene.clock.after(delayMs, () => {
      if (stream.isBroken) return;
      for (const event of events()) stream.events.post(event);
    });
  }

  #announced(dock: string, { cursor }: Stream, isAgain: boolean): void {
    this.#scene.history.record({ what: 'announced', dock, index: cursor, isAgain });
  }

  /** Some peers say goodbye; of the others the silence tells. */
  #breakStreams(): void {
    for (const stream of this.#streams.values()) {
      stream.isBroken = true;
      const noticedMs = this.#chance.happens(0.5) ? 1 : SILENCE_MS;
      this.#scene.clock.after(noticedMs, () => stream.end());
    }
    this.#streams.clear();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#scene.clock.after(ms, resolve);
    });
  }
}

/** One event stream, as the dock hears it. */
class Stream {
  readonly events = new Mailbox<PolicyEvent>(EVENTS_MAX);
  /** Newest fact that was told. */
  cursor = 0;
  isBroken = false;

  end(): void {
    this.isBroken = true;
    this.events.close();
  }
}

function pause(clock: Clock, ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      stop.removeEventListener('abort', done);
      resolve();
    };
    const cancel: Cancel = clock.after(ms, done);
    stop.addEventListener('abort', done);
  });
}

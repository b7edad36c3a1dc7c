import type {
  Clock,
  Grant,
  MissingFact,
  Policy,
  PolicyEvent,
  Question,
  RegisteredRecording,
  Verdict,
  Viewer,
} from '../../dock/ports.ts';
import { isPersonId, type PersonId, type RecordingId } from '../../proto/ids.ts';
import { Mailbox } from '../../proto/mailbox.ts';

const EVENTS_WAITING_MAX = 1_000;
const GRANT_LIFE_US = 60_000_000;

type Line =
  | { readonly says: 'allow'; readonly authorised?: Grant['authorised'] }
  | { readonly says: 'deny'; readonly reason: string; readonly missing: readonly MissingFact[] };

/**
 * A policy service that says what its script says, in place of the one behind HTTP. Keeps the promises of the
 * port: a grant answers one question, silence is `unreachable`, what nobody mentioned is denied.
 */
export class ScriptedPolicy implements Policy {
  readonly #clock: Clock;
  readonly #script = new Map<string, Line>();
  readonly #viewers = new Map<string, Viewer>();
  readonly #listeners = new Set<Mailbox<PolicyEvent>>();
  #silence: string | undefined;
  #grants = 0;
  #facts = 0;
  #closed = false;
  /** Every question, in the order in which they were asked. */
  readonly questions: Question[] = [];
  /** Every recording that was registered, each once. */
  readonly registered = new Map<RecordingId, RegisteredRecording>();
  /** Awaited before each answer, so that a test can hold one back or let others overtake it. */
  delay: (question: Question) => Promise<void> = async () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** With `leftMs`, by somebody's authorisation that ends so long after each answer. */
  allow(person: PersonId, recordingId: RecordingId, leftMs?: number): void {
    const untilS = Math.floor(this.#clock.wallUs() / 1_000_000 + (leftMs ?? 0) / 1_000);
    const authorised = leftMs === undefined ? {} : { authorised: { untilS, leftUs: leftMs * 1_000 } };
    this.#script.set(`${recordingId}/${person}`, { says: 'allow', ...authorised });
  }

  deny(person: PersonId, recordingId: RecordingId, missing: readonly MissingFact[] = []): void {
    const reason = missing.map(({ text }) => text).join('; ') || 'no rule permits it';
    this.#script.set(`${recordingId}/${person}`, { says: 'deny', reason, missing });
  }

  /** From now on nobody answers, for this reason; undefined ends the silence. */
  silence(reason: string | undefined): void {
    this.#silence = reason;
  }

  /** Tells every listener of a fact, that the stream was interrupted, or that other rules hold. */
  announce(
    fact: Omit<Extract<PolicyEvent, { event: 'fact' }>, 'event' | 'index'> | 'reconnected' | 'rules',
  ): void {
    const event: PolicyEvent =
      typeof fact === 'string' ? { event: fact } : { event: 'fact', index: (this.#facts += 1), ...fact };
    for (const listener of this.#listeners) listener.post(event);
  }

  /** Makes a token that the port believes until the viewer's expiry. */
  signIn(person: string, roles: readonly string[], lifeMs = 900_000): string {
    if (!isPersonId(person)) throw new TypeError(`${person} is no person`);
    const token = `token-${person}-${this.#viewers.size}`;
    const expiresAtUs = this.#clock.wallUs() + lifeMs * 1_000;
    this.#viewers.set(token, { person, name: person, roles, keyThumbprint: `key-of-${person}`, expiresAtUs });
    return token;
  }

  async decide(question: Question): Promise<Verdict> {
    this.questions.push(question);
    const line = this.#script.get(`${question.recordingId}/${question.person}`);
    // Decided on arrival, answered later: as a real service's answer it may be out of date when it comes.
    const verdict = this.#verdict(line, question);
    await this.delay(question);
    return verdict;
  }

  async register(recording: RegisteredRecording): Promise<boolean> {
    if (this.#silence !== undefined) return false;
    this.registered.set(recording.recordingId, recording);
    return true;
  }

  async *events(): AsyncGenerator<PolicyEvent, void, void> {
    if (this.#closed) return;
    const listener = new Mailbox<PolicyEvent>(EVENTS_WAITING_MAX);
    listener.post({ event: 'reconnected' });
    this.#listeners.add(listener);
    try {
      yield* listener;
    } finally {
      this.#listeners.delete(listener);
    }
  }

  async viewer(token: string): Promise<Viewer | { readonly refused: string }> {
    const viewer = this.#viewers.get(token);
    if (viewer === undefined) return { refused: 'the token is malformed' };
    return this.#clock.wallUs() < viewer.expiresAtUs ? viewer : { refused: 'the token is expired' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const listener of this.#listeners) listener.close();
  }

  #verdict(line: Line | undefined, { opening }: Question): Verdict {
    if (this.#silence !== undefined) return { verdict: 'unreachable', reason: this.#silence };
    if (line?.says !== 'allow') {
      const { reason, missing } = line ?? { reason: 'no rule permits it', missing: [] };
      const rules = { regime: 'scripted', policySet: 'script' };
      return { verdict: 'deny', reason, missing, ...rules, concerns: missing.length > 0 };
    }
    const [chunkStart, chunkEnd] = opening?.within ?? [0, 0];
    this.#grants += 1;
    const id = `grant-${this.#grants}`;
    return {
      verdict: 'allow',
      reason: 'the script allows it',
      grant: {
        jws: `scripted.${id}`,
        id,
        expiresAtUs: this.#clock.wallUs() + GRANT_LIFE_US,
        regime: 'scripted',
        policySet: 'script',
        newestFact: this.#facts,
        chunkStart,
        chunkEnd,
        ...(line.authorised === undefined ? {} : { authorised: line.authorised }),
      },
    };
  }
}

import type { TrustedDock } from '../../../device/ports.ts';
import { encodeHelloAckBody, encodeMessage } from '../../../proto/codec.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import type { DockId } from '../../../proto/ids.ts';
import type { Growth, Hello, HelloAck, Message, Offer } from '../../../proto/messages.ts';
import { formatVkey } from '../../../proto/note.ts';
import { signReceipt } from '../../../proto/receipt.ts';
import { sha256, testKey, type TestKey } from '../../unit/proto/fixture.ts';
import { receiptBody, TestLog } from '../../unit/proto/log-kit.ts';
import { SESSION_ID } from '../../unit/device/upload/upload-kit.ts';

/** What a dock says of how its log grew: the truth about the log that it shows now, or something else. */
export type Word = 'truth' | 'nothing' | 'other size' | 'another past';

/** A dock that has the right keys, settles whatever is offered at once, and may show a different log every time. */
export class TwoFacedDock {
  readonly trusted: TrustedDock;
  log: TestLog;
  readonly #key: TestKey;
  /** Every log that it ever showed: what is true about a head is what one of them says. */
  readonly #histories: TestLog[] = [];
  #words: Word[] = [];
  #givesTicket = false;

  constructor(dockId: string, seed: number) {
    const ledger = testKey(seed + 1);
    const origin = `test.example/${dockId}`;
    this.#key = testKey(seed);
    this.log = new TestLog([], ledger, origin).fill(1, dockId);
    this.#histories.push(this.log);
    const ledgerVkey = formatVkey(origin, ledger.publicKey, sha256);
    this.trusted = { dockId, publicKey: this.#key.publicKey, ledgerVkey };
  }

  /** Another history, which begins with `shared` entries of the present one. */
  setBack(shared: number): void {
    this.log = this.log.fork(Math.min(shared, this.log.size));
    this.#histories.push(this.log);
  }

  /** Goes on with the history that this head is of, like a dock that never did anything else. */
  repent(root: Uint8Array, size: number): void {
    this.log = this.#historyOf(root, size).fork(size);
    this.#histories.push(this.log);
  }

  prepare(words: readonly Word[], givesTicket: boolean): void {
    this.#words = [...words];
    this.#givesTicket = givesTicket;
  }

  /** Whether the second head is of a tree that begins with the first. */
  extends(first: Head, second: Head): boolean {
    const history = this.#historyOf(second.root, second.size);
    return first.size <= second.size && Buffer.compare(history.head(first.size).root, first.root) === 0;
  }

  answer(message: Message): readonly Message[] {
    if (message.type === 'hello') return [this.#greet(message)];
    if (message.type === 'hello-confirm' && this.#givesTicket)
      return [
        {
          type: 'ticket',
          sessionId: SESSION_ID,
          note: this.log.note(),
          ...this.#growth(message.ledgerSize ?? 0),
        },
      ];
    return message.type === 'offer' ? [this.#settle(message)] : [];
  }

  #settle({ recordingId, manifestSha256, ledgerSize = 0 }: Offer): Message {
    const body = receiptBody(this.log, { recordingId, manifestSha256 });
    return signReceipt({ ...body, ...this.#growth(ledgerSize) }, this.#key.sign);
  }

  #growth(told: number): Growth {
    switch (this.#words.shift() ?? 'truth') {
      case 'truth':
        return this.log.growth(told);
      case 'nothing':
        return {};
      case 'other size':
        return this.log.growth(Math.max(1, told - 1));
      default: {
        const other = this.#histories.find((log) => log !== this.log && log.size > told) ?? this.log;
        return other.growth(told, Math.min(other.size, Math.max(this.log.size, told + 1)));
      }
    }
  }

  #greet(hello: Hello): HelloAck {
    const body = encodeHelloAckBody({
      version: 1,
      features: 0,
      dockId: this.trusted.dockId as DockId,
      sessionId: SESSION_ID,
      nonce: new Uint8Array(32),
      limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
      cameraMonoUs: hello.cameraMonoUs,
      dockReceivedUs: 1,
      dockSentUs: 2,
      ledgerOrigin: 'test.example',
    });
    const bytes = encodeMessage(hello).subarray(1, -4);
    return {
      type: 'hello-ack',
      body,
      signature: this.#key.sign(helloTranscript('dock', bytes, body, sha256)),
    };
  }

  #historyOf(root: Uint8Array, size: number): TestLog {
    const found = this.#histories.find(
      (log) => log.size >= size && Buffer.compare(log.head(size).root, root) === 0,
    );
    if (found === undefined) throw new Error(`no history has this tree of ${size}`);
    return found;
  }
}

/** A log's tree. */
export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}

import { type Cosignature, openCosignatures } from '../../proto/cosignature.ts';
import { openCheckpoint } from '../../proto/checkpoint.ts';
import { ProofError } from '../../proto/errors.ts';
import { splitNote } from '../../proto/note.ts';
import type { Clock } from '../ports.ts';
import { nodeChecker } from './checker.ts';
import type { Edge } from './edge.ts';
import { type LedgerError, ledgerFault } from './errors.ts';
import type { Files } from './files.ts';
import { busy, Gathering, type LedgerNews } from './gathering.ts';
import type { Intended } from './journal.ts';
import { proveGrowth } from './proof.ts';
import { removeSuperseded, writeTiles } from './publish.ts';
import {
  damaged,
  type LogIdentity,
  type Published,
  readCheckpoint,
  signCheckpoint,
  vkeyOf,
  writeCheckpoint,
} from './published.ts';
import { type Cosigners, type Reply, Witness } from './witness.ts';

// How long closing waits for witnesses that were asked already.
const LAST_ANSWERS_MS = 2_000;

export interface PublisherOptions {
  readonly files: Files;
  readonly log: LogIdentity;
  readonly clock: Pick<Clock, 'after'>;
  readonly cosigners: Cosigners;
  readonly probe: (step: string) => void;
  readonly tell: (news: LedgerNews) => void;
}

/**
 * Makes an intended tree the published one: signs it, puts its tiles in place, gathers the quorum's cosignatures, and
 * only then lets anybody see the checkpoint. Every tile is durable before a witness or a reader is told of its tree.
 */
export class Publisher {
  readonly quorum: number;
  readonly #options: PublisherOptions;
  readonly #witnesses: readonly Witness[];
  readonly #missing = new Set<Witness>();
  #published: Published;
  #gathering: Gathering | undefined;
  #refusal: LedgerError | undefined;
  #closing = false;
  /** The checkpoint has one writer at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Throws ProofError BAD_NOTE for a witness whose vkey is none, and for two with one key. */
  constructor(options: PublisherOptions, published: Published) {
    this.#options = options;
    this.#published = published;
    this.#witnesses = oneAKey(options.cosigners.witnesses.map((cosigner) => new Witness(cosigner)));
    this.quorum = options.cosigners.quorum;
  }

  /** What everybody may see. */
  get published(): Published {
    return this.#published;
  }

  /** Why whoever waits for the quorum is still waiting; undefined when nothing is being asked for. */
  get lacking(): LedgerError | undefined {
    if (this.#gathering === undefined || this.#gathering.lines.size >= this.quorum) return undefined;
    return busy(this.#gathering, this.quorum);
  }

  /** Throws LedgerError LEDGER_DISAGREES once a witness has named another history. Stays so while this process runs. */
  checkAgreement(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Ends the asking about the tree before, so that the disk alone says what is published; `recover` then looks. */
  async rest(): Promise<void> {
    this.#gathering?.stop();
    this.#gathering = undefined;
    await this.#turn;
  }

  /** What recovery found on the disk. */
  adopt(published: Published): void {
    this.#published = published;
  }

  /**
   * Publishes the tree of `edge`, which must be intended durably. With a quorum this takes as long as the witnesses do,
   * also for a tree that is published already: after a start nothing is added before they have confirmed it.
   * Throws LedgerError: LEDGER_DISAGREES; LEDGER_BUSY when closed before the quorum is there; what the disk throws.
   */
  async publish(edge: Edge, intended: Intended): Promise<void> {
    this.checkAgreement();
    await this.rest();
    const isNew = intended.size !== this.#published.size;
    if (isNew) this.#options.probe('sign');
    const signed = signCheckpoint(this.#options.log, intended);
    const grown = edge.takeFiles();
    await writeTiles(this.#options.files, grown);
    if (this.quorum > 0) await this.#untilCosigned(signed);
    else if (isNew) await this.#inTurn(() => this.#show(signed));
    await removeSuperseded(this.#options.files, grown);
    if (this.quorum === 0 && this.#witnesses.length > 0 && !this.#closing) this.#gather(signed);
  }

  /**
   * Holds the checkpoint on the disk against what was published. Throws LedgerError: LEDGER_DAMAGED for one that this log's key did
   * not sign, or another one than this.
   */
  async audit(): Promise<Published> {
    return this.#inTurn(async () => {
      const found = await readCheckpoint(this.#options.files, this.#options.log);
      if (found?.note === this.#published.note) return this.#published;
      throw damaged('checkpoint', 'is not the one that was published last; bring it back from a copy');
    });
  }

  /** Lines of the known witnesses under the published checkpoint, and how many witnesses there are. */
  cosignatures(): { readonly lines: readonly Cosignature[]; readonly known: number } {
    const vkeys = this.#witnesses.map(({ vkey }) => vkey);
    return { lines: openCosignatures(this.#published.note, vkeys, nodeChecker), known: vkeys.length };
  }

  /**
   * Asks every witness about the published checkpoint once more: its text and its signature as they are, nothing is signed. Lines
   * are added as they come. Not while a tree is being published.
   */
  async askAgain(): Promise<void> {
    await this.rest();
    if (this.#closing || this.#witnesses.length === 0 || this.#refusal !== undefined) return;
    this.#gather(withoutCosignatures(this.#published, vkeyOf(this.#options.log)));
  }

  /** Asks nobody again; whoever waits is told once the questions that are out are answered, or have had their time. */
  finish(): void {
    this.#closing = true;
    if (this.#gathering !== undefined) this.#endSoon(this.#gathering);
  }

  #endSoon(gathering: Gathering): void {
    gathering.finish();
    this.#options.clock.after(LAST_ANSWERS_MS, () => gathering.stop());
  }

  async #untilCosigned(signed: Published): Promise<void> {
    this.#options.probe('cosign');
    const gathering = this.#gather(signed);
    if (this.#closing) this.#endSoon(gathering);
    await gathering.until(this.quorum);
    this.#options.probe('cosigned');
    await this.#inTurn(() => this.#show(this.#cosigned(signed, gathering)));
  }

  #gather(signed: Published): Gathering {
    const { files, clock } = this.#options;
    const gathering: Gathering = new Gathering({
      tree: signed,
      prove: (from) => proveGrowth(files, signed, { from, to: signed.size }),
      witnesses: this.#witnesses,
      clock,
      heard: (witness, reply) => {
        this.#hear(witness, reply);
        this.#refuse(gathering.refusal);
        if (reply.reply === 'cosigned') void this.#add(signed, gathering);
      },
    });
    this.#gathering = gathering;
    return gathering;
  }

  #hear(witness: Witness, reply: Reply): void {
    const { tell } = this.#options;
    if (reply.reply === 'missing' && !this.#missing.has(witness)) {
      this.#missing.add(witness);
      tell({ news: 'witness-missing', witness: witness.name, why: reply.why });
    } else if (reply.reply === 'cosigned' && this.#missing.delete(witness)) {
      tell({ news: 'witness-back', witness: witness.name });
    }
  }

  #refuse(error: LedgerError | undefined): void {
    if (error === undefined || this.#refusal !== undefined) return;
    this.#refusal = error;
    this.#options.tell({ news: 'disagrees', error });
  }

  /** Adds what came after the checkpoint was shown, while it is still the newest. */
  async #add(signed: Published, gathering: Gathering): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#gathering !== gathering || this.#published.size !== signed.size) return;
      if (gathering.lines.size < this.quorum) return;
      try {
        await this.#show(this.#cosigned(signed, gathering));
      } catch (cause) {
        const error = ledgerFault(cause, 'adding a cosignature to the checkpoint');
        this.#options.tell({ news: 'problem', error });
      }
    });
  }

  async #show(next: Published): Promise<void> {
    if (next.note === this.#published.note) return;
    await writeCheckpoint(this.#options.files, next);
    this.#published = next;
  }

  /** The checkpoint with the newest line of each witness; one that the published checkpoint of this very tree has is kept. */
  #cosigned(signed: Published, { lines }: Gathering): Published {
    const { size, note } = this.#published;
    const kept = (vkey: string): string => (size === signed.size ? lineOf(note, vkey) : '');
    const all = this.#witnesses.map((witness) => lines.get(witness) ?? kept(witness.vkey));
    return { ...signed, note: signed.note + all.join('') };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** With the log's own signature alone, byte for byte as it stands: its line is the first one. */
function withoutCosignatures(published: Published, vkey: string): Published {
  const { text } = splitNote(published.note);
  const [own = ''] = published.note.slice(text.length + 1).split('\n');
  const note = `${text}\n${own}\n`;
  openCheckpoint(note, vkey, nodeChecker);
  return { ...published, note };
}

/** A quorum counts keys: who has one under two names is one witness. */
function oneAKey(witnesses: readonly Witness[]): readonly Witness[] {
  const keys = new Set(witnesses.map(({ publicKey }) => publicKey));
  if (keys.size === witnesses.length) return witnesses;
  const names = witnesses.map(({ name }) => name).join(', ');
  throw new ProofError('BAD_NOTE', `two of the witnesses ${names} have one key`, { retry: 'never' });
}

/** The witness's line in a note, or nothing. One that does not hold is not worth keeping; the witness is asked for another. */
function lineOf(note: string, vkey: string): string {
  try {
    return openCosignatures(note, [vkey], nodeChecker)[0]?.line ?? '';
  } catch (cause) {
    if (cause instanceof ProofError) return '';
    throw cause;
  }
}

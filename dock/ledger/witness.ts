import { toBase64, toHex } from '../../proto/bytes.ts';
import { parseDecimal } from '../../proto/checkpoint.ts';
import { openCosignatures, parseCosignerVkey } from '../../proto/cosignature.ts';
import { splitNote } from '../../proto/note.ts';
import { nodeChecker } from './checker.ts';
import type { Published } from './published.ts';

/** One witness, as far as it can be reached: `POST /add-checkpoint` of C2SP tlog-witness. */
export interface Cosigner {
  readonly vkey: string;
  /** Sends a request body. Rejects, with words for people, when there is no whole answer; soon after `signal`. */
  add(body: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
}

/** The witnesses of a log, and how many must have cosigned a checkpoint before anybody sees it. */
export interface Cosigners {
  readonly witnesses: readonly Cosigner[];
  readonly quorum: number;
}

/** What a witness is asked about. */
export interface Question {
  /** Signed by the log alone. */
  readonly tree: Published;
  /** Consistency proof from an earlier size to the tree's. */
  readonly prove: (from: number) => Promise<readonly Uint8Array[]>;
}

/** `missing` may be asked again; `disagrees` remembers a history that is not ours. */
export type Reply =
  | { readonly reply: 'cosigned'; readonly line: string }
  | { readonly reply: 'missing'; readonly why: string }
  | { readonly reply: 'disagrees'; readonly why: string };

// First the size we believe in, then the one it named, then a last one for an answer that got lost between.
const ASKS_MAX = 3;
const WORDS_MAX = 200;

/** What the log remembers of one witness while it runs: the size it cosigned last, learned from its answers. */
export class Witness {
  readonly name: string;
  readonly vkey: string;
  /** Hexadecimal. */
  readonly publicKey: string;
  readonly #cosigner: Cosigner;
  #size = 0;

  /** Throws ProofError BAD_NOTE for a vkey that is no witness's. */
  constructor(cosigner: Cosigner) {
    this.#cosigner = cosigner;
    this.vkey = cosigner.vkey;
    const key = parseCosignerVkey(cosigner.vkey, nodeChecker.sha256);
    this.name = key.name;
    this.publicKey = toHex(key.publicKey);
  }

  /** Asks for a cosignature. Never rejects. */
  async ask(question: Question, signal: AbortSignal): Promise<Reply> {
    try {
      for (let asks = 0; asks < ASKS_MAX; asks++) {
        const reply = await this.#askOnce(question, signal);
        if (reply !== 'again') return reply;
      }
      return missing('names another size each time it is asked');
    } catch (cause) {
      return missing(cause instanceof Error ? cause.message : String(cause));
    }
  }

  async #askOnce({ tree, prove }: Question, signal: AbortSignal): Promise<Reply | 'again'> {
    const old = this.#size <= tree.size ? this.#size : 0;
    const proof = await prove(old);
    const request = [`old ${old}`, ...proof.map(toBase64), '', tree.note].join('\n');
    const { status, body } = await this.#cosigner.add(request, signal);
    if (status === 200) return this.#cosigned(tree, body);
    if (status === 409) return this.#conflict(tree, old, body);
    if (status === 422) {
      const why = `has cosigned ${old} entries that are not the first ${old} of our ${tree.size}`;
      return { reply: 'disagrees', why };
    }
    return missing(`answered ${status} ${body.trim()}`);
  }

  #cosigned(tree: Published, body: string): Reply {
    const note = tree.note + body;
    const [own] = openCosignatures(note, [this.vkey], nodeChecker);
    // An empty line in the answer moves the end of the text: then the witness has signed another one than ours.
    if (splitNote(note).text !== splitNote(tree.note).text) return missing('has cosigned another text');
    if (own === undefined) return missing('answered without its cosignature');
    this.#size = tree.size;
    return { reply: 'cosigned', line: own.line };
  }

  #conflict(tree: Published, old: number, body: string): Reply | 'again' {
    const size = parseDecimal(body.replace(/\n$/, ''));
    if (size === undefined) return missing('answered 409 without a size');
    if (size > tree.size) {
      return { reply: 'disagrees', why: `has cosigned ${size} entries, we have only ${tree.size}` };
    }
    if (size === tree.size && size === old) {
      return { reply: 'disagrees', why: `has cosigned another tree of ${size} entries` };
    }
    this.#size = size;
    return 'again';
  }
}

function missing(why: string): Reply {
  return { reply: 'missing', why: why.slice(0, WORDS_MAX) };
}

import { equal, fromBase64, text } from '../../proto/bytes.ts';
import { type Checkpoint, parseCheckpoint, parseDecimal } from '../../proto/checkpoint.ts';
import { cosign } from '../../proto/cosignature.ts';
import type { Checker } from '../../proto/digest.ts';
import { ProofError } from '../../proto/errors.ts';
import { CONSISTENCY_HASHES_MAX } from '../../proto/limits.ts';
import { emptyRoot, HASH_BYTES, verifyConsistency } from '../../proto/merkle.ts';
import { type NoteSigner, openNote, splitNote } from '../../proto/note.ts';
import type { Heads } from './heads.ts';

/** What answering needs. */
export interface WitnessPorts {
  /** Verifier keys of the logs that this witness knows, by origin. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  readonly heads: Heads;
  readonly key: NoteSigner;
  readonly checker: Checker;
  /** Seconds since 1970, UTC. */
  readonly nowS: () => number;
}

/** An answer of `POST /add-checkpoint`. */
export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size';
  readonly body: string;
  /** What the request was about, as far as it could be read. */
  readonly about?: { readonly origin: string; readonly size: number };
  /** A checkpoint that its log signed and that cannot be a continuation of what was cosigned: proof against the log. */
  readonly evidence?: string;
}

interface Request {
  readonly old: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Answers one request by C2SP tlog-witness: cosigns a checkpoint that a known log signed and that continues the newest one
 * cosigned before. The cosignature leaves this function only once the new head survives a pulled plug. Throws
 * WitnessError WITNESS_IO when it cannot be kept; nothing was cosigned then.
 */
export async function addCheckpoint(body: Uint8Array, ports: WitnessPorts): Promise<Answer> {
  const request = parseRequest(body);
  if (typeof request === 'string') return says(400, request);
  const { origin } = request.checkpoint;
  // A stranger's origin gets no turn of its own: the list of turns is as long as that of the logs.
  const turn = ports.logs.has(origin) ? origin : '';
  const answer = await ports.heads.inTurn(turn, () => judge(request, ports));
  return { ...answer, about: { origin, size: request.checkpoint.size } };
}

/** Looks and writes in one turn: between the two no other request may move the head. */
async function judge(request: Request, ports: WitnessPorts): Promise<Answer> {
  const { old, checkpoint, note } = request;
  const vkeys = ports.logs.get(checkpoint.origin);
  if (vkeys === undefined) return says(404, `${checkpoint.origin} is no log of this witness`);
  if (!isSigned(note, vkeys, ports.checker)) return says(403, `no signature by ${checkpoint.origin} holds`);
  if (old > checkpoint.size) return says(400, `old ${old} is more than the checkpoint's ${checkpoint.size}`);
  const { sha256 } = ports.checker;
  const head = ports.heads.get(checkpoint.origin) ?? { size: 0, root: emptyRoot(sha256) };
  if (old !== head.size) return conflict(head.size);
  if (checkpoint.size === head.size && !equal(checkpoint.root, head.root))
    return { ...conflict(head.size), evidence: note };
  if (!continues(request, head, ports))
    return { ...says(422, `the proof does not lead from ${old} to ${checkpoint.size}`), evidence: note };
  const line = cosign(request.text, { ...ports.key, timeS: ports.nowS() });
  await ports.heads.put(checkpoint.origin, kept(request, line));
  return says(200, line);
}

/** A log that grew from nothing needs no proof, and the specification allows it none. */
function continues(
  { old, proof, checkpoint }: Request,
  head: Pick<Checkpoint, 'root'>,
  { checker }: WitnessPorts,
): boolean {
  if (old === 0) return proof.length === 0;
  return verifyConsistency(checker.sha256, {
    oldSize: old,
    newSize: checkpoint.size,
    oldRoot: head.root,
    newRoot: checkpoint.root,
    proof,
  });
}

/** What the log signed and what we signed, without what strangers may have added. */
function kept({ text: signed, note, checkpoint }: Request, line: string): string {
  const own = `\u2014 ${checkpoint.origin} `;
  const lines = note.slice(signed.length + 1).split('\n');
  const log = lines.filter((each) => each.startsWith(own)).map((each) => `${each}\n`);
  return `${signed}\n${log.join('')}${line}`;
}

/** The request's parts, or what is wrong with it. */
function parseRequest(body: Uint8Array): Request | string {
  try {
    const whole = text(body);
    const gap = whole.indexOf('\n\n');
    if (gap === -1) return 'want an old size, proof lines, an empty line and a checkpoint';
    const [first = '', ...lines] = whole.slice(0, gap).split('\n');
    const old = first.startsWith('old ') ? parseDecimal(first.slice('old '.length)) : undefined;
    if (old === undefined) return 'the first line must be "old" and a size';
    if (lines.length > CONSISTENCY_HASHES_MAX) return `more than ${CONSISTENCY_HASHES_MAX} proof lines`;
    const proof = lines.map(fromBase64);
    if (proof.some((hash) => hash.length !== HASH_BYTES)) return 'a proof line is not a hash';
    const note = whole.slice(gap + 2);
    const { text: signed } = splitNote(note);
    return { old, proof, note, text: signed, checkpoint: parseCheckpoint(signed) };
  } catch (cause) {
    if (cause instanceof ProofError) return cause.message;
    // Bytes that are not UTF-8, or a line that is not base64.
    if (cause instanceof TypeError) return cause.message;
    throw cause;
  }
}

function isSigned(note: string, vkeys: readonly string[], checker: Checker): boolean {
  try {
    openNote(note, vkeys, checker);
    return true;
  } catch (cause) {
    if (cause instanceof ProofError) return false;
    throw cause;
  }
}

function conflict(size: number): Answer {
  return { status: 409, type: 'text/x.tlog.size', body: `${size}\n` };
}

function says(status: Answer['status'], words: string): Answer {
  return {
    status,
    type: 'text/plain; charset=utf-8',
    body: words.endsWith('\n') ? words : `${words}\n`,
  };
}

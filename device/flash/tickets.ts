import { join } from 'node:path';
import { equal, utf8 } from '../../proto/bytes.ts';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import { ProofError } from '../../proto/errors.ts';
import { isDockId } from '../../proto/ids.ts';
import { TICKET_BYTES_MAX } from '../../proto/limits.ts';
import { splitNote } from '../../proto/note.ts';
import type { KeptTicket, Tickets } from '../ports.ts';
import { type Disk, flashDisk, readWhole, systemDisk } from './disk.ts';
import { FlashError } from './error.ts';
import { decodeLines, encodeLine } from './line.ts';
import { writeWithReserve } from './reserve.ts';

/** A kept checkpoint that cannot be read any more. */
export interface DamagedTicket {
  readonly dockId: string;
  readonly why: string;
}

interface Kept {
  readonly ticket: KeptTicket;
  /** Counts what was kept, over all docks. */
  readonly turn: number;
}

/**
 * Opens the checkpoints that a camera keeps, in the folder of its flash:
 *
 * ```
 * tickets/<dock id>   one line of JSON with its CRC-32C: the signed note, and its turn among all that were kept
 * ```
 *
 * A file comes to be by a temporary name, fsync, rename and an fsync of the folder, so that a power cut leaves the old one
 * or the new one. It is read back without its signature being checked: whoever uses a ticket has the dock's key and checks it.
 *
 * A file that cannot be read counts as none kept, and `damaged` says so. Without it the camera cannot see that this dock's log
 * was set back, until the next checkpoint; a camera that refused to upload instead would fill up and lose footage.
 *
 * Throws FlashError FLASH_IO when the folder cannot be read.
 */
export async function openTickets(
  folder: string,
  options: { readonly disk?: Disk } = {},
): Promise<FileTickets> {
  const disk = flashDisk(options.disk ?? systemDisk);
  const tickets = join(folder, 'tickets');
  await disk.makeFolder(tickets);
  await disk.syncFolder(folder);
  await disk.syncFolder(join(folder, '..'));
  const kept = new Map<string, Kept>();
  const damaged: DamagedTicket[] = [];
  for (const name of await disk.list(tickets)) {
    // Anything else is a draft that a power cut left; the next ticket of its dock overwrites it.
    if (!isDockId(name)) continue;
    const found = await readTicket(disk, join(tickets, name), name);
    if (typeof found === 'string') damaged.push({ dockId: name, why: found });
    else kept.set(name, found);
  }
  return new FileTickets({ disk, folder }, { kept, damaged });
}

/** The checkpoints of a camera in files, see {@link openTickets}. */
export class FileTickets implements Tickets {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #damaged: readonly DamagedTicket[];
  /** What the files hold. */
  readonly #written: Map<string, Kept>;
  /** What this camera has checked, which may not be in its file yet. */
  readonly #known: Map<string, KeptTicket>;
  #newest: KeptTicket | undefined;
  #turn: number;
  #writing: Promise<unknown> = Promise.resolve();

  /** Use {@link openTickets}, which reads the folder first. */
  constructor(
    memory: { readonly disk: Disk; readonly folder: string },
    found: { readonly kept: Map<string, Kept>; readonly damaged: readonly DamagedTicket[] },
  ) {
    this.#disk = memory.disk;
    this.#folder = memory.folder;
    this.#damaged = found.damaged;
    this.#written = found.kept;
    const inTurn = [...found.kept.values()].toSorted((a, b) => a.turn - b.turn);
    this.#known = new Map(inTurn.map(({ ticket }) => [ticket.dockId, ticket]));
    this.#newest = inTurn.at(-1)?.ticket;
    this.#turn = inTurn.at(-1)?.turn ?? 0;
  }

  kept(dockId: string): KeptTicket | undefined {
    return this.#known.get(dockId);
  }

  keep(ticket: KeptTicket): Promise<void> {
    // The same checkpoint shown again is no younger than it was.
    if (!isSame(this.#known.get(ticket.dockId), ticket)) {
      this.#known.set(ticket.dockId, ticket);
      this.#newest = ticket;
    }
    const writing = this.#writing.then(() => this.#write(ticket));
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  newest(): KeptTicket | undefined {
    return this.#newest;
  }

  /** Tickets that this start could not read. */
  damaged(): readonly DamagedTicket[] {
    return this.#damaged;
  }

  /** One at a time, in the order of `keep`: the file must end as the last one said. */
  async #write(ticket: KeptTicket): Promise<void> {
    const { dockId, note } = ticket;
    if (isSame(this.#written.get(dockId)?.ticket, ticket)) return;
    this.#turn += 1;
    const kept: Kept = { ticket, turn: this.#turn };
    const bytes = encodeLine({ format: 1, dock: dockId, turn: kept.turn, note });
    const path = join(this.#folder, 'tickets', dockId);
    this.#written.delete(dockId);
    await writeWithReserve(this.#disk, path, { bytes, reserve: join(this.#folder, 'reserve') });
    this.#written.set(dockId, kept);
  }
}

async function readTicket(disk: Disk, path: string, dockId: string): Promise<Kept | string> {
  try {
    const bytes = (await readWhole(disk, path)) ?? new Uint8Array();
    const [line] = decodeLines(bytes);
    if (line === undefined || line.end !== bytes.length) return 'it is not what was written';
    const { format, dock, turn, note } = line.record;
    if (format !== 1 || dock !== dockId || typeof turn !== 'number' || typeof note !== 'string')
      return 'it is no ticket of this dock';
    // It goes into the next manifest, and with more than fits there nothing could be recorded.
    if (utf8(note).length > TICKET_BYTES_MAX) return 'it is longer than a ticket may be';
    const { size, root } = parseCheckpoint(splitNote(note).text);
    return { turn, ticket: { dockId, note, size, root } };
  } catch (error) {
    if (error instanceof FlashError || error instanceof ProofError) return error.message;
    throw error;
  }
}

function isSame(one: KeptTicket | undefined, other: KeptTicket): boolean {
  return one !== undefined && one.size === other.size && equal(one.root, other.root);
}

/** What a program does with a file, as far as trouble goes. */
export type DiskAct = 'write' | 'read' | 'sync';

/** The control file of a troubled disk; written by the rig, read by the program at each of its calls. */
export interface DiskControl {
  /** Absolute folders; everything where there are none. */
  readonly within: readonly string[];
  /** The disk takes so many more bytes from each process; `id` tells one filling-up from the next. */
  readonly full?: { readonly id: number; readonly afterBytes: number };
  /** Each write and each sync takes so much longer. */
  readonly slowMs: number;
  /** Calls that end with EIO; `pattern` is tried on the absolute path. */
  readonly fails: readonly { readonly pattern: string; readonly on: DiskAct }[];
  /** The power goes as soon as this text has been written to a file whose absolute path fits. */
  readonly cut?: { readonly pattern: string; readonly text: string };
}

/** How often the trouble was met. */
export type DiskMeeting = 'enospc' | 'eio' | 'slowed';

/** Where a program notes each meeting, a line each: beside its control file. */
export const meetingsFile = (control: string): string => `${control}.met`;

/** The same control as read back from JSON. */
export function readDiskControl(read: object | undefined): DiskControl | undefined {
  // Written by this rig alone, through `writeControl`.
  return read === undefined ? undefined : (read as DiskControl);
}

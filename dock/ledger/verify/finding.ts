/** `failure`: something is not what it should be. `note`: worth knowing, and not by itself wrong. */
type Severity = 'failure' | 'note';

/** Every code, how bad it is, and what the reader should do. The set is closed; scripts may switch on it. */
export const FINDINGS = {
  'vkey-invalid': ['failure', 'give the verifier key from a place you trust with --vkey'],
  'vkey-unpinned': [
    'note',
    'whoever can change the ledger can change this file too: pin the key with --vkey',
  ],
  'checkpoint-missing': ['failure', 'bring the checkpoint back from a copy'],
  'checkpoint-signature': [
    'failure',
    'compare with a copy; without a good checkpoint nothing below is proved',
  ],
  'since-signature': ['failure', 'check that the file is an older checkpoint of this log'],
  'since-mismatch': ['failure', 'keep both: the log was rewritten after the older checkpoint was signed'],
  forked: ['failure', 'keep both checkpoints: whoever signed them showed two logs to two people'],
  'ticket-mismatch': [
    'failure',
    'keep the recording: its camera had seen another history of this log when it began to record',
  ],
  quorum: ['failure', 'ask the witnesses what they signed; without them nobody else has seen this log'],
  'log-truncated': ['failure', 'bring the missing part back from a copy of the ledger'],
  'root-mismatch': ['failure', 'compare tile/ with a copy of the ledger'],
  'tile-mismatch': ['failure', 'bring this tile back from a copy; the entries prove what it must hold'],
  'entry-mismatch': ['failure', 'bring this bundle back from a copy; do not believe the entry as it stands'],
  'entry-malformed': ['failure', 'the dock signed an entry that is not one: ask its operator'],
  'entry-unknown': ['note', 'use a newer holdfast to check entries of this type'],
  sequence: ['failure', 'the dock recorded an act that its rules forbid: ask its operator'],
  'clock-backwards': [
    'failure',
    'the clock of the dock was set back and no entry says so: do not rely on times around here',
  ],
  'clock-stepped': ['note', 'times on both sides of this entry cannot be compared'],
  'seal-off': [
    'failure',
    'a camera that seals never stops by itself: ask who changed its keys and who held it',
  ],
  unpublished: ['note', 'the dock was stopped in mid-batch, or the checkpoint was rolled back: use --since'],
  stray: ['note', 'no reader needs this file; find out who put it there'],
  'store-missing': [
    'failure',
    'name the recordings folder with --store, or check the log alone with --ledger-only',
  ],
  'recording-missing': ['failure', 'bring the recording back from a mirror'],
  'manifest-mismatch': ['failure', 'bring the manifest back from a mirror; do not believe this one'],
  'manifest-signature': [
    'failure',
    "the camera's enrolled key did not sign this: do not rely on the recording",
  ],
  'camera-rekeyed': [
    'note',
    'ask who gave the camera this key, and when; pin the keys that you know with --camera-key',
  ],
  'chunk-mismatch': ['failure', 'bring chunks back from a mirror; do not rely on this part of the recording'],
  'chunk-missing': ['failure', 'bring chunks back from a mirror'],
  'chunk-surplus': ['failure', 'something was appended to the recording after it was accepted'],
  'stamps-mismatch': ['failure', 'bring stamps back from a mirror; arrival times are not proved without it'],
  'stamps-order': [
    'failure',
    'arrival times contradict one another or the ledger: do not rely on them for this recording',
  ],
  'wraps-missing': ['failure', 'bring wraps back from a mirror: without it nobody can open the recording'],
  'wraps-mismatch': ['failure', 'bring wraps back from a mirror; these are not what the camera sealed'],
  'recipient-unknown': [
    'failure',
    'somebody you did not name can open this recording: ask who put that key into the camera, and when',
  ],
  'recipients-changed': [
    'note',
    "from here on others can open this camera's recordings; say who may with --recipient",
  ],
  'content-remains': [
    'failure',
    'the ledger says that this was destroyed: start the dock, which finishes it, or ask its operator',
  ],
  damaged: ['note', 'the dock knows, and has not repaired it: bring it back from a mirror or the camera'],
  'missing-footage': ['note', 'the dock knows that this should be here: ask where the camera is'],
  'chain-mismatch': [
    'failure',
    "two of the camera's recordings do not belong to one history: ask who held it",
  ],
  'counter-repeat': [
    'failure',
    'two recordings claim one place in the history of their camera: ask who held it',
  ],
  'counter-gap': ['note', 'a recording is still in the camera, in quarantine, or lost: look there'],
  'counter-gap-hidden': ['note', 'the dock went on without recording that it misses this: ask its operator'],
  'entry-missing': [
    'failure',
    'the log was cut back, or the dock stopped in that very moment: start it, or compare with a copy of the ledger',
  ],
  'recording-unlisted': ['note', 'it is still arriving; nobody has acknowledged the whole of it'],
  'quarantine-missing': ['failure', 'bring the quarantined recording back from a copy'],
  'quarantine-mismatch': ['note', 'what was refused is kept as it came; compare it with the camera'],
  'checkpoint-old': [
    'failure',
    'get the newest checkpoint, and its tiles, from the service or from whoever keeps a copy',
  ],
  'outbox-mismatch': [
    'failure',
    'facts.db and the ledger are not of one history: compare both with a backup, and ask the custodian',
  ],
  'package-malformed': ['failure', 'this is no evidence package as docks make them: ask for it again'],
  'package-edited': ['failure', 'this file was changed, added or taken out after the package was made'],
  'package-signature': ['failure', 'the dock did not make this package as it is: ask for it again'],
  'dock-key-unpinned': [
    'note',
    'whoever can change the package can change this key too: pin it with --dock-key',
  ],
  'proof-mismatch': ['failure', 'do not believe this entry; ask the dock for its proof again'],
  'policy-key-unpinned': [
    'note',
    'whoever can change the package can change this key too: pin it with --policy-key',
  ],
  'export-unrecorded': [
    'failure',
    'the ledger does not say that this left the dock: ask its operator who made it',
  ],
  'decision-mismatch': [
    'failure',
    'do not rely on what this says of the decision; ask the policy service what it decided, and on what',
  ],
  'custody-mismatch': [
    'failure',
    "the custodian's own ledger does not say that it gave these keys: ask it what it gave, and to whom",
  ],
  'policy-ledger-unpinned': [
    'note',
    'whoever can change the package can change this key too: pin it with --policy-ledger',
  ],
  'grant-mismatch': ['failure', 'do not rely on the opened footage; ask the policy service about the grant'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Relative to the ledger or store folder. */
  readonly file: string;
  /** Of the ledger entry, or of the chunk for `chunk-…`. */
  readonly index?: number;
  readonly message: string;
  readonly advice: string;
}

// A wrecked disk would give millions; nobody reads past the first hundreds.
const FINDINGS_MAX = 1_000;

/** Collects findings in the order they were made. */
export class Findings {
  readonly list: Finding[] = [];
  #failures = 0;
  #unlisted = 0;

  add(found: Omit<Finding, 'severity' | 'advice'>): void {
    const [severity, advice] = FINDINGS[found.code];
    if (severity === 'failure') this.#failures += 1;
    if (this.list.length >= FINDINGS_MAX) {
      this.#unlisted += 1;
      return;
    }
    this.list.push({ ...found, severity, advice });
  }

  /** Failures, listed or not. */
  get failures(): number {
    return this.#failures;
  }

  /** Findings past the thousandth, which are only counted. */
  get unlisted(): number {
    return this.#unlisted;
  }
}

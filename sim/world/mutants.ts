import type { Edit } from '../rig/planted.ts';
import {
  type Odds,
  cutCameras,
  liedTo,
  openings,
  reassigned,
  tornCameras,
  tornDocks,
  unanswered,
  withdrawn,
} from './odds.ts';

/** A mistake that the world must notice. */
export interface Mutant {
  readonly name: string;
  /** What the program does then, in a sentence without its subject's excuses. */
  readonly what: string;
  /** In the built code, each at exactly one place. */
  readonly edits: readonly Edit[];
  /** What it shows by, where that is rare: the seeds with most of it are tried first, and those without it not at all. */
  readonly odds?: Odds;
  /** Checks that may catch it; anything else that goes wrong counts for nothing. */
  readonly checks: readonly string[];
}

/** The mutation table: what each promise is there for, made wrong once. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'ack-before-fsync',
    what: 'the dock says that a chunk is durable before its file is synced',
    edits: [
      {
        file: 'dock/store/chunk-writer.js',
        piece: /file\.append\(parts, this\.#durableBytes\)/,
        instead: 'file.write(parts, this.#durableBytes)',
      },
    ],
    checks: ['durable-means-synced', 'receipt-means-durable'],
  },
  {
    name: 'index-row-forgotten',
    what: 'the dock says that a chunk is durable before its row is in the index',
    edits: [
      {
        file: 'dock/store/commits.js',
        piece: /this\.#waiting\.push\(\{ changes, resolve, reject \}\);/,
        instead:
          "const isChunk = changes[0].change === 'add-chunk';\n" +
          'this.#waiting.push({ changes, resolve, reject });\n' +
          'if (isChunk) resolve();',
      },
    ],
    checks: ['durable-means-synced'],
  },
  {
    name: 'erase-before-receipt',
    what: 'the camera erases once everything is durable at the dock, without waiting for the receipt',
    edits: [
      {
        file: 'device/upload/uploading.js',
        piece: /return \[\{ \.\.\.state, pace, work \}, \[\.\.\.effects, finOf\(state, work\)\]\];/,
        instead:
          "const receipt = { type: 'receipt', outcome: 'accepted', recordingId: recording.recordingId, manifestSha256: new Uint8Array(32), entry: new Uint8Array(32), proof: '', reason: '', signature: new Uint8Array(64) };\n" +
          "const erase = { effect: 'erase', recordingId: recording.recordingId, receipt, outcome: 'accepted' };\n" +
          "return [{ ...state, pace, work: { doing: 'erasing', recording } }, [...effects, finOf(state, work), erase]];",
      },
    ],
    checks: ['no-erase-before-receipt', 'receipt-means-durable'],
  },
  {
    name: 'checkpoint-unsynced',
    what: 'the log shows a checkpoint whose tiles a power cut may still take away',
    edits: [
      {
        file: 'dock/ledger/files.js',
        piece: /await file\.sync\(\);/,
        instead: '',
      },
    ],
    odds: tornDocks,
    checks: ['receipt-means-durable', 'ledger-has-no-gaps'],
  },
  {
    name: 'read-back-trusts-index',
    what: 'before a receipt the dock reads nothing back: it takes the word of its index for what the disk has',
    edits: [
      {
        file: 'dock/store/read-back.js',
        piece: /found\.push\(digest\);/,
        instead: 'found.push(chunk.sha256);',
      },
    ],
    checks: ['receipt-means-durable'],
  },
  {
    name: 'release-on-timeout',
    what: 'an opening that the policy service does not answer is allowed',
    edits: [
      {
        file: 'dock/release/content.js',
        piece: /if \(verdict\.verdict !== 'allow'\)\n/,
        instead:
          "if (verdict.verdict === 'unreachable')\n" +
          "verdict.grant = { jws: '', id: `timeout-$${askedAtMonoUs}`, chunkStart: 0, chunkEnd: holding.durableChunks };\n" +
          "if (verdict.verdict === 'deny')\n",
      },
    ],
    odds: unanswered,
    checks: ['nothing-leaves-unallowed'],
  },
  {
    name: 'yes-is-enough',
    what: 'the dock takes a yes for a grant, whoever signed it and whatever it is about',
    edits: [
      {
        file: 'dock/authzen/policy.js',
        piece: /if \(!\('refused' in grant\)\)/,
        instead:
          "if ('refused' in grant && question.opening !== undefined) {\n" +
          'const [chunkStart, chunkEnd] = question.opening.within;\n' +
          "return { verdict: 'allow', grant: { jws: '', id: `yes-${nonce}`, chunkStart, chunkEnd }, reason: evaluation.reason };\n" +
          '}\n' +
          "if (!('refused' in grant))",
      },
    ],
    odds: liedTo,
    checks: ['nothing-leaves-unallowed'],
  },
  {
    name: 'revocation-ignored',
    what: 'a session outlives the facts that it rested on',
    edits: [
      {
        file: 'dock/release/session.js',
        piece: /if \(purpose === undefined \|\| ending\.purpose === purpose\)/,
        instead: "if (!('digest' in ending))",
      },
    ],
    odds: withdrawn,
    checks: ['nothing-leaves-unallowed'],
  },
  {
    name: 'viewed-after-bytes',
    what: 'the first chunk of a session leaves before the log says that somebody views it',
    edits: [
      {
        file: 'dock/release/content.js',
        piece: /await session\.viewed;/,
        instead: 'void session.viewed.catch(() => undefined);',
      },
    ],
    odds: openings,
    checks: ['nothing-leaves-unallowed'],
  },
  {
    name: 'skip-prefix-check',
    what: 'the camera goes on with an upload without comparing what the dock has of it, and a dock leaves the last chunk out of what it says',
    edits: [
      {
        file: 'device/upload/offering.js',
        piece: /if \(!prefixHolds\(accept, \{ recording, layout \}, context\)\)/,
        instead: 'if (false)',
      },
      {
        file: 'dock/ingest/upload.js',
        piece: /digestsOf\(durable, durable\.layout\.unitAt\(durable\.durableTo\) - 1\)/,
        instead: 'digestsOf(durable, durable.layout.unitAt(durable.durableTo) - 2)',
      },
    ],
    checks: ['prefix-is-compared'],
  },
  {
    name: 'tx-seq-reused',
    what: 'the camera gives every Data of an upload the same number',
    edits: [
      { file: 'device/upload/sending.js', piece: /nextTxSeq: txSeq \+ 1,/, instead: 'nextTxSeq: txSeq,' },
    ],
    checks: ['numbers-are-used-once'],
  },
  {
    name: 'stamp-of-camera-clock',
    what: 'the dock stamps with the time that the camera said in its Hello',
    edits: [
      {
        file: 'dock/ingest/converse.js',
        piece: /const stamp = this\.#ports\.stamper\.stamp\(this\.#packetAtUs\);/,
        instead:
          'const stamp = this.#ports.stamper.stamp(this.#packetAtUs);\n' +
          'if (this.cameraWallUs !== undefined) stamp.receivedAtUs = this.cameraWallUs;',
      },
      {
        file: 'dock/ingest/converse.js',
        piece: / #handle\(event\) \{/,
        instead:
          ' #handle(event) {\n' +
          "if (event.event === 'message' && event.message.type === 'hello') this.cameraWallUs = event.message.cameraWallUs;",
      },
    ],
    checks: ['time-is-honest'],
  },
  {
    name: 'epoch-stale',
    what: 'a jump of the clock begins no new epoch, so that stamps before and after it look comparable',
    edits: [{ file: 'dock/clock/epoch.js', piece: /this\.#epoch \+= 1;/, instead: '' }],
    checks: ['time-is-honest'],
  },
  {
    name: 'tree-off-by-one',
    what: 'a checkpoint of N entries is signed over the tree of the first N - 1',
    edits: [
      {
        file: 'dock/ledger/log.js',
        piece:
          /for \(const \{ entry \} of entries\)\s+edge\.append\(entry\);\s+const intended = \{ size: edge\.size, root: edge\.root\(\) \};/,
        instead:
          'let root;\n' +
          'for (const { entry } of entries) { root = edge.root(); edge.append(entry); }\n' +
          'const intended = { size: edge.size, root };',
      },
    ],
    checks: ['ledger-has-no-gaps'],
  },
  {
    name: 'checkpoint-before-batch',
    what: 'the log shows a checkpoint before its batch is safe, and after a power cut another one of that size',
    edits: [
      {
        file: 'dock/ledger/log.js',
        piece:
          /(this\.#from\.journal\.commit\(\{ start, entries, intended, keepFrom: bundleStart\(start\) \}\);)\s+(await this\.#publisher\.publish\(edge, intended\);)/,
        instead: '$2\n$1',
      },
    ],
    odds: tornDocks,
    checks: ['ledger-has-no-gaps'],
  },
  {
    name: 'stale-epoch-accepted',
    what: 'a new session gets the lease epoch of the session before, so that the dock takes what that one still writes',
    edits: [
      {
        file: 'dock/store/file-store.js',
        piece: /const leaseEpoch = row\.leaseEpoch \+ 1;/,
        instead: 'const { leaseEpoch } = row;',
      },
    ],
    checks: ['old-leases-write-nothing'],
  },
  {
    name: 'mark-lost',
    what: 'a recording that a power cut ended comes back without its marks',
    edits: [
      {
        file: 'device/flash/shelf.js',
        piece: /entry\.entry === 'mark' \? \[entry\.mark\] : \[\]/,
        instead: '[]',
      },
    ],
    odds: cutCameras,
    checks: ['stored-equals-captured'],
  },
  {
    name: 'chunk-unsynced',
    what: 'the camera writes down that a chunk is durable, and a power cut may still take it away',
    edits: [
      {
        file: 'device/flash/file-flash.js',
        piece: /await open\.chunksFile\.sync\(\);/,
        instead: '',
      },
    ],
    odds: tornCameras,
    checks: ['stored-equals-captured', 'all-arrives-after-calm'],
  },
  {
    name: 'torn-fragment-kept',
    what: 'recovery keeps the chunks of a fragment that is not whole',
    edits: [
      {
        file: 'device/flash/shelf.js',
        piece: /const whole = wholeFragments\(sound\);/,
        instead: 'const whole = sound;',
      },
      {
        file: 'device/flash/shelf.js',
        piece: /return headOf === undefined \? sound : sound\.slice\(0, vouchedFor\);/,
        instead: 'return sound;',
      },
    ],
    odds: tornCameras,
    checks: ['stored-equals-captured'],
  },
  {
    name: 'officer-at-upload',
    what: 'a recording is put on record as that of whoever has the camera when it comes to the dock',
    edits: [
      {
        file: 'dock/ingest/converse.js',
        piece: /if \(effect\.news\.news !== 'progress'\)/,
        instead:
          "if (effect.news.news === 'telemetry') this.wearer = effect.news.telemetry.officerId;\n" +
          "if (effect.news.news !== 'progress')",
      },
      {
        file: 'dock/ingest/converse.js',
        piece: /takeCustody\(holding, effect, this\.#ports\)/,
        instead: 'takeCustody(holding, effect, { ...this.#ports, wearer: this.wearer })',
      },
      {
        file: 'dock/ingest/custody.js',
        piece: /\{ manifest, stored, copies \}, \{ clock, keys \}\)/,
        instead: '{ manifest, stored, copies }, { clock, keys, wearer })',
      },
      {
        file: 'dock/ingest/custody.js',
        piece: /keys\.pseudonym\(manifest\.officerId\)/,
        instead: 'keys.pseudonym(wearer ?? manifest.officerId)',
      },
    ],
    odds: reassigned,
    checks: ['stored-equals-captured'],
  },
  {
    name: 'seal-skipped',
    what: 'a camera that was given a custodian does not seal',
    edits: [{ file: 'device/seal/seal.js', piece: /if \(sealer === undefined\)/, instead: 'if (true)' }],
    checks: ['dock-cannot-look'],
  },
  {
    name: 'counter-reused',
    what: 'the camera counts from what it still holds, and forgets what it has erased',
    edits: [
      {
        file: 'device/flash/file-flash.js',
        piece: /const counter = kept\.at === 'closed' \? kept\.recording\.counter : kept\.counter;/,
        instead:
          "if (kept.at === 'erased') continue;\n" +
          "const counter = kept.at === 'closed' ? kept.recording.counter : kept.counter;",
      },
    ],
    checks: ['ledger-has-no-gaps'],
  },
  {
    name: 'oldest-overwritten',
    what: 'a full camera gives up its oldest recording to go on',
    edits: [
      {
        file: 'device/flash/file-flash.js',
        piece: /if \(usedBytes \+ bytes < capacityBytes\)\s+return;/,
        instead:
          'if (usedBytes + bytes < capacityBytes) return;\n' +
          "const oldest = [...this.#kept].find(([, one]) => one.at === 'closed');\n" +
          'if (oldest !== undefined) {\n' +
          'const [id, { recording: { counter, root } }] = oldest;\n' +
          "this.#kept.set(id, { at: 'erased', counter, root, isSealed: true });\n" +
          'return;\n}',
      },
    ],
    checks: ['all-arrives-after-calm', 'no-erase-before-receipt'],
  },
];

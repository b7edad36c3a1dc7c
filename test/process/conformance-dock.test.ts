import { describe, expect, it } from 'vitest';
import { peer } from '../peer.ts';
import { somePlanted } from '../runs.ts';
import { type RigRun, Yard } from './conformance-yard.ts';
import { type Edit, plant } from '../../sim/rig/planted.ts';

const mosquitto = peer('mosquitto');
const MIN = 60_000;

/** What went wrong, as a reader of a failed test needs it. */
function complaints({ cases, stderr }: RigRun): readonly string[] {
  const lines = cases
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, outcome, reason, messages }) => `${name} ${outcome}: ${reason}\n${messages.join('\n')}`);
  return stderr === '' ? lines : [...lines, stderr];
}

async function conformance(yard: Yard, args: readonly string[]): Promise<RigRun> {
  try {
    return await yard.run(args);
  } finally {
    await yard.close();
  }
}

// Goal: our own dock keeps every rule that the rig knows, also with its storage and its power taken away. Method: the
// real dock as a process on a pseudo-terminal and behind mosquitto; every case, none left out, and the XML that says so.
describe('our dock passes every case', () => {
  const check = (run: RigRun): void => {
    expect(complaints(run)).toEqual([]);
    expect(run.code).toBe(0);
    expect(run.cases.length).toBeGreaterThan(60);
    expect(run.junit).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
    expect([...run.junit.matchAll(/<testcase [^<>]*\/>/g)].length).toBe(run.cases.length);
  };

  it('over a serial line', { timeout: 4 * MIN }, async () => {
    check(await conformance(await Yard.open('serial'), ['--strict']));
  });

  it.skipIf(mosquitto === undefined)('over mosquitto', { timeout: 4 * MIN }, async () => {
    check(await conformance(await Yard.open({ mosquitto: mosquitto ?? '' }), ['--strict']));
  });
});

interface Fault {
  readonly what: string;
  readonly failsCase: string;
  readonly edits: readonly Edit[];
}

const FAULTS: readonly Fault[] = [
  {
    what: 'acknowledges a chunk as durable before it is on the disk',
    failsCase: 'durable-means-stored',
    edits: [
      {
        file: 'dock/ingest/converse.js',
        piece: /await (this\.#ports\.store\.putChunk\([^;]*\));/,
        instead: 'void $1.catch(() => undefined);',
      },
    ],
  },
  {
    what: 'gives every session the same nonce and id',
    failsCase: 'fresh-nonces',
    edits: [
      {
        file: 'dock/ingest/greeting.js',
        piece: /sessionId: context\.keys\.randomBytes\(8\)/,
        instead: 'sessionId: new Uint8Array(8).fill(1)',
      },
      {
        file: 'dock/ingest/greeting.js',
        piece: /nonce: context\.keys\.randomBytes\(32\)/,
        instead: 'nonce: new Uint8Array(32).fill(1)',
      },
    ],
  },
  {
    what: 'takes whatever signature a camera shows',
    failsCase: 'bad-signature',
    edits: [
      { file: 'dock/ingest/greeting.js', piece: /!context\.verify\([^;{]*\)\) \{/, instead: 'false) {' },
    ],
  },
  {
    what: 'names another prefix than the durable one',
    failsCase: 'prefix-digest',
    edits: [
      {
        file: 'proto/merkle.js',
        piece: /concat\(PREFIX_DOMAIN, manifestSha256, /,
        instead: 'concat(manifestSha256, PREFIX_DOMAIN, ',
      },
    ],
  },
  {
    what: 'takes the newest tx_seq for the highest',
    failsCase: 'acks-absolute-and-monotone',
    edits: [
      {
        file: 'dock/ingest/acking.js',
        piece: /maxTxSeq: Math\.max\(before\.maxTxSeq, data\.txSeq\)/,
        instead: 'maxTxSeq: data.txSeq',
      },
    ],
  },
  {
    what: 'takes whatever wraps an Offer carries',
    failsCase: 'wraps-checked',
    edits: [
      {
        file: 'dock/ingest/judge.js',
        piece: /return equal\(sha256\(wraps\), manifest\.wrapsSha256\) && isWraps\(wraps\);/,
        instead: 'return true;',
      },
    ],
  },
  {
    what: 'believes a camera that stopped sealing',
    failsCase: 'no-seal-off',
    edits: [{ file: 'dock/ingest/custody.js', piece: /if \(suite === 0 && /, instead: 'if (false && ' }],
  },
  {
    what: 'gives receipts without proof of growth',
    failsCase: 'receipt-shows-growth',
    edits: [
      { file: 'dock/ingest/custody.js', piece: /growthSince\(ledgerSize, consistency\)/, instead: '{}' },
    ],
  },
  {
    what: 'gives a receipt from a ledger that lost entries',
    failsCase: 'no-receipt-from-a-shrunk-ledger',
    edits: [
      { file: 'dock/ingest/custody.js', piece: /if \(seen > has\)/, instead: 'if (false)' },
      {
        file: 'dock/ingest/custody.js',
        piece: /proveSince\(entryIndex, ledgerSize\)/,
        instead: 'proveSince(entryIndex, 0)',
      },
    ],
  },
  {
    what: 'hands out tickets that prove nothing',
    failsCase: 'ticket-after-greeting',
    edits: [
      {
        file: 'dock/ingest/ticketing.js',
        piece: /note: checkpoint\.note, \.\.\.growth/,
        instead: 'note: checkpoint.note',
      },
    ],
  },
  {
    what: 'takes bytes beyond the credit that it gave',
    failsCase: 'credit-not-exceeded',
    edits: [
      { file: 'proto/limits.js', piece: /(CREDIT_UNITS_PER_STREAM = )8;/, instead: '$140;' },
      {
        file: 'dock/ingest/upload.js',
        piece: /(type: 'ack',[^}]*creditTo: )creditTo\(upload\)/,
        instead:
          '$1Math.min(creditTo(upload), upload.layout.start(Math.min(upload.layout.unitCount, upload.layout.unitAt(upload.durableTo) + 4)))',
      },
    ],
  },
];

// Goal: the rig is no friend of our code: it notices. Method: copies of the build with one mistake each; the case that
// names the rule fails, and a case that has nothing to do with the mistake passes.
describe('a dock with a planted fault', () => {
  it.each(somePlanted(FAULTS))(
    'that $what fails $failsCase',
    { timeout: 2 * MIN },
    async ({ failsCase, edits }) => {
      const planted = plant(edits);
      try {
        const yard = await Yard.open('serial', planted.command);
        const { code, cases } = await conformance(yard, ['--case', failsCase, 'ping-answered']);
        const outcomes = Object.fromEntries(cases.map(({ name, outcome }) => [name, outcome]));
        expect(outcomes).toEqual({ [failsCase]: 'failed', 'ping-answered': 'passed' });
        expect(code).toBe(1);
      } finally {
        planted.remove();
      }
    },
  );
});

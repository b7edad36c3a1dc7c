import { describe, expect, it } from 'vitest';
import { peer } from '../peer.ts';
import { somePlanted } from '../runs.ts';
import { TestCradle } from './conformance-cradle.ts';
import type { RigRun } from './conformance-yard.ts';
import { type Edit, plant } from '../../sim/rig/planted.ts';

const mosquitto = peer('mosquitto');
const MIN = 60_000;
const CASES_MIN = 80;

/** What went wrong, as a reader of a failed test needs it. */
function complaints({ cases, stderr }: RigRun): readonly string[] {
  const lines = cases
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, outcome, reason, messages }) => `${name} ${outcome}: ${reason}\n${messages.join('\n')}`);
  return stderr === '' ? lines : [...lines, stderr];
}

async function conformance(cradle: TestCradle, args: readonly string[]): Promise<RigRun> {
  try {
    return await cradle.run(args);
  } finally {
    await cradle.close();
  }
}

// Goal: our own camera keeps every rule that the rig knows, also with its power taken away. Method: the real camera as a
// process with recordings in its flash, driven as an outside device would be: two pseudo-terminals with nothing but bytes between them, or
// mosquitto; every case, none left out.
describe('our camera passes every case', () => {
  const check = (run: RigRun): void => {
    expect(complaints(run)).toEqual([]);
    expect(run.code).toBe(0);
    expect(run.cases.length).toBeGreaterThan(CASES_MIN);
    expect([...run.junit.matchAll(/<testcase [^<>]*\/>/g)].length).toBe(run.cases.length);
  };

  it('over a serial line', { timeout: 4 * MIN }, async () => {
    check(await conformance(await TestCradle.open('serial', { recordings: 4 }), ['--strict']));
  });

  it.skipIf(mosquitto === undefined)('over mosquitto', { timeout: 4 * MIN }, async () => {
    const cradle = await TestCradle.open({ mosquitto: mosquitto ?? '' }, { recordings: 4 });
    check(await conformance(cradle, ['--strict']));
  });
});

interface Fault {
  readonly what: string;
  readonly failsCase: string;
  readonly edits: readonly Edit[];
}

const FAULTS: readonly Fault[] = [
  {
    what: 'does not check the prefix',
    failsCase: 'checks-prefix-digest',
    edits: [{ file: 'device/upload/offering.js', piece: /return equal\(/, instead: 'return true || equal(' }],
  },
  {
    what: 'ignores the credit',
    failsCase: 'obeys-credit',
    edits: [
      { file: 'device/upload/sending.js', piece: /Math\.min\(hold, creditTo, /, instead: 'Math.min(hold, ' },
    ],
  },
  {
    what: 'believes a receipt that nobody signed',
    failsCase: 'bad-signature-receipt',
    edits: [
      {
        file: 'proto/receipt.js',
        piece: /if \(!checker\.verify\(issuer\.publicKey, [^{]*\{/,
        instead: 'if (false) {',
      },
    ],
  },
  {
    what: 'keeps no ticket',
    failsCase: 'keeps-ticket',
    edits: [
      {
        file: 'device/upload/ticket.js',
        piece: /if \(grown !== 'grown' \|\| size === 0\)/,
        instead: 'if (size >= 0)',
      },
    ],
  },
  {
    what: 'offers a sealed recording without its wraps',
    failsCase: 'offers-wraps',
    edits: [
      {
        file: 'device/upload/offering.js',
        piece: /recording\.wraps === undefined \? \{\} : \{ wraps: recording\.wraps \}/,
        instead: '{}',
      },
    ],
  },
  {
    what: 'has no memory of a longer ledger',
    failsCase: 'refuses-shrunk-ledger',
    edits: [
      {
        file: 'proto/growth.js',
        piece: /if \(checkpoint\.size < kept\.size\) \{/,
        instead: "if (checkpoint.size < kept.size) { return 'grown';",
      },
    ],
  },
  {
    what: 'believes any proof of growth',
    failsCase: 'refuses-forked-ledger',
    edits: [
      {
        file: 'proto/growth.js',
        piece: /if \(verifyConsistency\(/,
        instead: 'if (true || verifyConsistency(',
      },
    ],
  },
  {
    what: 'repeats a gap for every Ack that names it',
    failsCase: 'repeats-once-a-round-trip',
    edits: [{ file: 'device/upload/acked.js', piece: /const later = [^;]*;/, instead: 'const later = [];' }],
  },
  {
    what: 'gives credit back',
    failsCase: 'old-acks-ignored',
    edits: [
      {
        file: 'device/upload/acked.js',
        piece: /creditTo: Math\.max\(before\.creditTo, ack\.creditTo\)/,
        instead: 'creditTo: ack.creditTo',
      },
    ],
  },
  {
    what: 'says every Hello with the same nonce',
    failsCase: 'fresh-nonces',
    edits: [
      {
        file: 'device/upload/greeting.js',
        piece: /nonce: event\.nonce/,
        instead: 'nonce: new Uint8Array(32).fill(1)',
      },
    ],
  },
];

// Goal: the rig is no friend of our code: it notices. Method: copies of the build with one mistake each; the case that
// names the rule fails, and a case that has nothing to do with the mistake passes.
describe('a camera with a planted fault', () => {
  it.each(somePlanted(FAULTS))(
    'that $what fails $failsCase',
    { timeout: 2 * MIN },
    async ({ failsCase, edits }) => {
      const planted = plant(edits);
      try {
        const cradle = await TestCradle.open('serial', { recordings: 1, command: planted.command });
        const { code, cases } = await conformance(cradle, ['--case', failsCase, 'ping-answered']);
        const outcomes = Object.fromEntries(cases.map(({ name, outcome }) => [name, outcome]));
        expect(outcomes).toEqual({ [failsCase]: 'failed', 'ping-answered': 'passed' });
        expect(code).toBe(1);
      } finally {
        planted.remove();
      }
    },
  );
});

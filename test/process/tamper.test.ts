import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../dock/verify-main.ts';
import { text, utf8 } from '../../proto/bytes.ts';
import { encodeWraps } from '../../proto/wraps.ts';
import { flipByte, sha256Hex } from '../unit/dock/ledger/verify/rig.ts';
import { places } from '../unit/dock/package/archive.ts';
import { recordingId } from '../unit/dock/package/kept-dock.ts';
import { replaced, swapped, Victim, withoutRecording } from './victim.ts';

const HOUR_US = 3_600_000_000;

/** Who did it: anybody who can write the disk, or whoever holds the log's key besides. */
type By = 'anybody' | 'the operator';

interface Row {
  readonly what: string;
  readonly by: By;
  readonly harm: (v: Victim) => Promise<void> | void;
  /** What the checker has besides the key of the log. */
  readonly has?: (v: Victim) => readonly string[];
  /** Codes that must be named. */
  readonly named: readonly string[];
  /** Only notes: nothing of it is wrong. */
  readonly isHonest?: true;
  /** The package is checked, not the ledger and its recordings. */
  readonly isPackage?: true;
}

const KEPT = (v: Victim): readonly string[] => ['--since', v.kept];
const NEWEST = (v: Victim): readonly string[] => ['--since', v.newest];
const WITNESS = (v: Victim): readonly string[] => ['--witness', v.witness];

/** Wraps for a key that the camera never heard of. */
function foreignWraps(): Uint8Array {
  const filled = (size: number): Uint8Array => new Uint8Array(size).fill(99);
  return encodeWraps([{ recipient: filled(32), enc: filled(65), ciphertext: filled(48) }]);
}

const ROWS: readonly Row[] = [
  {
    what: 'a chunk changed',
    by: 'anybody',
    harm: (v) => flipByte(v.file(1, 'chunks'), 1_000),
    named: ['chunk-mismatch'],
  },
  {
    what: 'a chunk swapped with one of another recording',
    by: 'anybody',
    harm: (v) => {
      const chunk = readFileSync(v.file(3, 'chunks')).subarray(772, 20_860);
      v.edit(v.file(1, 'chunks'), (bytes) =>
        Buffer.concat([bytes.subarray(0, 772), chunk, bytes.subarray(20_860)]),
      );
    },
    named: ['chunk-mismatch'],
  },
  {
    what: 'a chunk cut short',
    by: 'anybody',
    harm: (v) => truncateSync(v.file(1, 'chunks'), 30_000),
    named: ['chunk-missing'],
  },
  {
    what: 'all chunks dropped',
    by: 'anybody',
    harm: (v) => rmSync(v.file(1, 'chunks')),
    named: ['chunk-missing'],
  },
  {
    what: 'a manifest signed by another key',
    by: 'anybody',
    harm: (v) => writeFileSync(v.file(3, 'manifest'), v.forged),
    named: ['manifest-mismatch'],
  },
  {
    what: 'a manifest signed by another key, and its entry made to fit',
    by: 'the operator',
    harm: async (v) => {
      writeFileSync(v.file(3, 'manifest'), v.forged);
      await v.relog(replaced(3, { manifest: sha256Hex(v.forged) }));
    },
    named: ['manifest-signature'],
  },
  {
    what: 'a stamp moved by a second',
    by: 'anybody',
    harm: (v) =>
      v.edit(v.file(1, 'stamps'), (bytes) =>
        utf8(
          text(bytes).replace(/(?<=T\d\d:\d\d:)(\d\d)/, (s) => String((Number(s) + 1) % 60).padStart(2, '0')),
        ),
      ),
    named: ['stamps-mismatch'],
  },
  {
    what: 'wraps moved from another recording',
    by: 'anybody',
    harm: (v) => cpSync(v.file(3, 'wraps'), v.file(1, 'wraps')),
    named: ['wraps-mismatch'],
  },
  {
    what: 'wraps made for somebody else',
    by: 'anybody',
    harm: (v) => {
      writeFileSync(v.file(1, 'wraps'), foreignWraps());
    },
    named: ['wraps-mismatch'],
  },
  {
    what: 'wraps made for somebody else, and the entry made to fit',
    by: 'the operator',
    harm: async (v) => {
      const wraps = foreignWraps();
      writeFileSync(v.file(1, 'wraps'), wraps);
      await v.relog(replaced(1, { wraps: sha256Hex(wraps) }));
    },
    named: ['manifest-mismatch', 'wraps-mismatch'],
  },
  {
    what: 'a ledger entry changed',
    by: 'anybody',
    harm: (v) =>
      v.edit(join(v.ledgerDir, 'tile/entries', '000.p', sizeOf(v)), (bytes) =>
        Buffer.from(bytes.toString('latin1').replace('"counter":1', '"counter":7'), 'latin1'),
      ),
    named: ['entry-mismatch'],
  },
  {
    what: 'a ledger entry changed, all tiles made to fit',
    by: 'anybody',
    harm: (v) => v.relog(replaced(1, { officer: 'e'.repeat(64) }), v.outsider),
    named: ['checkpoint-signature'],
  },
  {
    what: 'a recording taken out of the ledger, all tiles made to fit',
    by: 'anybody',
    harm: (v) => v.relog(withoutRecording(4), v.outsider),
    named: ['checkpoint-signature'],
  },
  {
    what: 'two ledger entries swapped, all tiles made to fit',
    by: 'anybody',
    harm: (v) => v.relog(swapped, v.outsider),
    named: ['checkpoint-signature'],
  },
  {
    what: 'a ledger entry changed, signed anew',
    by: 'the operator',
    harm: (v) => v.relog(replaced(1, { officer: 'e'.repeat(64) })),
    named: ['ticket-mismatch'],
  },
  {
    what: 'the same, beside a kept checkpoint',
    by: 'the operator',
    harm: (v) => v.relog(replaced(1, { officer: 'e'.repeat(64) })),
    has: KEPT,
    named: ['since-mismatch'],
  },
  {
    what: 'two ledger entries swapped, beside a kept checkpoint',
    by: 'the operator',
    harm: (v) => v.relog(swapped),
    has: KEPT,
    named: ['since-mismatch'],
  },
  {
    what: 'the same, beside a witness',
    by: 'the operator',
    harm: (v) => v.relog(swapped),
    has: WITNESS,
    named: ['quorum'],
  },
  {
    what: 'the ledger rolled back to an older copy',
    by: 'anybody',
    harm: (v) => v.rollBack(),
    named: ['entry-missing'],
  },
  {
    what: 'the same, beside a kept checkpoint',
    by: 'anybody',
    harm: (v) => v.rollBack(),
    has: KEPT,
    named: ['log-truncated'],
  },
  {
    what: 'the ledger forked: another one of the same size for somebody else',
    by: 'the operator',
    harm: (v) => v.relog(replaced(5, { officer: 'e'.repeat(64) })),
    has: NEWEST,
    named: ['forked'],
  },
  {
    what: 'the clock set back by an hour',
    by: 'the operator',
    harm: (v) => v.jump(-HOUR_US, false),
    named: ['clock-backwards'],
  },
  {
    what: 'the clock set back by an hour, and said so',
    by: 'the operator',
    harm: (v) => v.jump(-HOUR_US, true),
    named: ['clock-stepped'],
    isHonest: true,
  },
  {
    what: 'a recording hidden with its entries, signed anew',
    by: 'the operator',
    harm: (v) => v.hide(3),
    named: ['counter-gap', 'ticket-mismatch'],
  },
  {
    what: 'the newest recording hidden with its entries, beside a kept checkpoint',
    by: 'the operator',
    harm: (v) => v.hide(5),
    has: NEWEST,
    named: ['log-truncated'],
  },
  {
    what: 'sealing said to be off, signed anew',
    by: 'the operator',
    harm: (v) => v.relog(replaced(5, { suite: 0 })),
    named: ['seal-off', 'manifest-mismatch'],
  },
  {
    what: 'a recording destroyed under a legal hold',
    by: 'the operator',
    harm: (v) =>
      v.relog((entries) => {
        const at = entries.at(-1)?.at ?? '';
        const [manifest, wraps] = ['manifest', 'wraps'].map((name) =>
          sha256Hex(readFileSync(v.file(1, name))),
        );
        const gone = {
          manifest: manifest ?? '',
          wraps: wraps ?? '',
          bytes: 1,
          rule: 'r',
          decision: 'f'.repeat(64),
        };
        for (const name of ['chunks', 'wraps']) rmSync(v.file(1, name));
        return [
          ...entries,
          { type: 'hold.placed', at, recording: recordingId(1), reason: 'court' },
          { type: 'destroyed', at, recording: recordingId(1), ...gone },
        ];
      }),
    named: ['sequence'],
  },
  {
    what: 'a package edited',
    by: 'anybody',
    harm: async (v) => {
      const { start = 0 } = (await places(v.evidence)).get('README.html') ?? {};
      flipByte(join(v.dir, 'evidence.zip'), start + 500);
    },
    isPackage: true,
    named: ['package-edited'],
  },
  {
    what: 'a chunk in a package changed',
    by: 'anybody',
    harm: async (v) => {
      const { start = 0 } = (await places(v.evidence)).get('recording/chunks/000001') ?? {};
      flipByte(join(v.dir, 'evidence.zip'), start + 500);
    },
    isPackage: true,
    named: ['package-edited', 'chunk-mismatch'],
  },
];

/** The newest bundle of a short log is named after how many entries it has. */
function sizeOf({ ledgerDir }: Victim): string {
  return readFileSync(join(ledgerDir, 'checkpoint'), 'utf8').split('\n')[1] ?? '';
}

interface Verdict {
  readonly exit: number;
  readonly failures: readonly string[];
  readonly notes: readonly string[];
}

/** Runs `holdfast verify`, with the log's key pinned. */
async function verdict(v: Victim, row: Pick<Row, 'isPackage' | 'has'>): Promise<Verdict> {
  let out = '';
  const spoken = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    out += String(part);
    return true;
  });
  try {
    const path = row.isPackage === true ? join(v.dir, 'evidence.zip') : v.ledgerDir;
    const exit = await main([path, '--vkey', v.vkey, '--json', ...(row.has?.(v) ?? [])]);
    const { findings } = JSON.parse(out) as {
      findings: readonly { readonly code: string; readonly severity: string }[];
    };
    const of = (wanted: string): readonly string[] => [
      ...new Set(findings.filter(({ severity }) => severity === wanted).map(({ code }) => code)),
    ];
    return { exit, failures: of('failure'), notes: of('note') };
  } finally {
    spoken.mockRestore();
  }
}

describe('tampering', () => {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-tamper-'));
  const table: string[] = [];
  let victim: Victim;

  beforeAll(async () => {
    victim = await Victim.make(work);
  });
  afterAll(() => {
    process.stdout.write(`\n${table.join('\n')}\n\n`);
    rmSync(work, { recursive: true, force: true });
  });

  // Goal: what nobody touched holds, whatever the checker brings along. Method: the copy that every row starts from.
  it.each([() => [], KEPT, NEWEST, WITNESS])('is not seen where there is none (%#)', async (has) => {
    victim.fresh();
    expect(await verdict(victim, { has })).toEqual({ exit: 0, failures: [], notes: [] });
    expect((await verdict(victim, { isPackage: true })).exit).toBe(0);
  });

  // Goal: every way of changing the record is named by its own code, and exits 1. Method: one harm to a copy, one check.
  it.each(ROWS)('is named: $what, by $by', async ({ what, by, harm, named, isHonest, ...row }) => {
    victim.fresh();
    await harm(victim);
    const { exit, failures, notes } = await verdict(victim, row);
    const codes = [...failures, ...notes];
    table.push(`${String(exit).padEnd(3)}${by.padEnd(14)}${what.padEnd(72)}${codes.join(' ')}`);
    expect(codes).toEqual(expect.arrayContaining([...named]));
    expect(exit).toBe(isHonest === true ? 0 : 1);
    if (isHonest !== true) expect(failures).toContain(named.at(-1));
  });
});

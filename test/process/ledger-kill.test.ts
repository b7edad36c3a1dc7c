import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { httpCosigner, type WitnessAddress } from '../../dock/ledger/http-cosigner.ts';
import { openLedger } from '../../dock/ledger/log.ts';
import { verifyLedger } from '../../dock/ledger/verify/verify.ts';
import { toHex, utf8 } from '../../proto/bytes.ts';
import { openCosignatures } from '../../proto/cosignature.ts';
import { formatVkey } from '../../proto/note.ts';
import { Program } from '../../sim/rig/program.ts';
import { ORIGIN } from '../unit/dock/ledger/rig.ts';

const LOG = new URL('../../dist/dock/ledger/log.js', import.meta.url).href;
const HTTP = new URL('../../dist/dock/ledger/http-cosigner.js', import.meta.url).href;

// Appends BATCH entries from START on, says which were acknowledged, and kills itself before step FATAL.
const CHILD = `
import { createPrivateKey, sign } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openLedger } from '${LOG}';
import { httpCosigner } from '${HTTP}';
const { DIR, ORIGIN, PEM, PUBLIC, START, BATCH, FATAL, WITNESSES } = JSON.parse(process.argv[1]);
const clock = { after: (ms, wake) => { const timer = setTimeout(wake, ms > 10 ? ms : 5); return () => clearTimeout(timer); } };
const key = createPrivateKey(PEM);
let steps = 0;
const ledger = await openLedger({
  dir: DIR, origin: ORIGIN, publicKey: Buffer.from(PUBLIC, 'hex'), sign: (m) => sign(null, m, key),
  clock, cosigners: { witnesses: WITNESSES.map((each) => httpCosigner(each, clock)), quorum: WITNESSES.length },
  probe: () => { if (steps++ === FATAL) process.kill(process.pid, 'SIGKILL'); },
});
await Promise.all(Array.from({ length: BATCH }, async (_, n) => {
  const index = await ledger.appendOnce('key/' + (START + n), Buffer.from('entry ' + (START + n)));
  writeSync(1, (START + n) + ' ' + index + '\\n');
}));
await ledger.close();
writeSync(1, 'steps ' + steps + '\\n');
`;

const systemClock = {
  after: (delayMs: number, wake: () => void): (() => void) => {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};

// Nine times 29 entries pass the end of the first bundle, so that full tiles are among the files half-written.
const BATCH = 29;

describe.each([0, 2])('kill -9 of a process that writes a ledger with %i witnesses', (count) => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key = createPrivateKey(pem);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(12);
  const options = {
    dir: join(dir, 'ledger'),
    origin: ORIGIN,
    publicKey,
    sign: (m: Uint8Array) => sign(null, m, key),
  };
  const programs: Program[] = [];
  const witnesses: WitnessAddress[] = [];
  beforeAll(async () => {
    const log = formatVkey(ORIGIN, publicKey, nodeChecker.sha256);
    for (let n = 1; n <= count; n++) {
      const flags = [
        '--data',
        join(dir, `w${n}`),
        '--name',
        `witness.test/w${n}`,
        '--logs',
        log,
        '--http',
        '0',
      ];
      const program = Program.start(['witness', ...flags], { name: `w${n}` });
      programs.push(program);
      const { url, vkey } = await program.until('listening');
      witnesses.push({ url: String(url), vkey: String(vkey) });
    }
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    rmSync(dir, { recursive: true, force: true });
  });

  const append = (start: number, fatal: number): readonly string[] => {
    const argument = {
      DIR: options.dir,
      ORIGIN,
      PEM: pem,
      PUBLIC: toHex(publicKey),
      START: start,
      BATCH,
      FATAL: fatal,
      WITNESSES: witnesses,
    };
    const child = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', CHILD, JSON.stringify(argument)],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect(child.stderr).toBe('');
    return child.stdout.split('\n').filter((line) => line !== '');
  };

  // Goal: whatever step of whatever batch the process dies at, what it acknowledged is there, what is there verifies at
  // once with nothing repaired, and the next process goes on. Method: one real process for each step, killed by itself.
  it('loses nothing that was acknowledged', async () => {
    let start = 0;
    const acknowledged = new Map<string, number>();
    for (let fatal = 0; ; fatal++) {
      const said = append(start, fatal);
      for (const line of said.filter((each) => !each.startsWith('steps'))) {
        const [n = '', index = ''] = line.split(' ');
        acknowledged.set(n, Number(index));
      }
      const ledger = await openedAfterCheck(fatal);
      const { size } = await ledger.checkpoint();
      const entries = (await ledger.read(0, size)).map((bytes) => new TextDecoder().decode(bytes));
      for (const [n, index] of acknowledged) expect(entries[index]).toBe(`entry ${n}`);
      expect(new Set(entries).size).toBe(size);
      // Whoever was not answered asks again: the same keys, before anything new.
      const again = Array.from({ length: BATCH }, (_, n) => start + n);
      await Promise.all(again.map((n) => ledger.appendOnce(`key/${n}`, utf8(`entry ${n}`))));
      const { size: after, note } = await ledger.checkpoint();
      expect(after).toBe(start + BATCH);
      // A witness that had seen another tree of any size would have refused this one.
      expect(
        openCosignatures(
          note,
          witnesses.map(({ vkey }) => vkey),
          nodeChecker,
        ),
      ).toHaveLength(count);
      await ledger.close();
      start += BATCH;
      if (said.at(-1)?.startsWith('steps')) break;
    }
    expect(start).toBeGreaterThan(256);
  });

  /** The files as the kill left them must hold, past the first start, which may have died before there was a checkpoint. */
  async function openedAfterCheck(fatal: number): ReturnType<typeof openLedger> {
    const { findings } = await verifyLedger({ dir: options.dir });
    // These entries are no custody entries; that is the one thing that verify may hold against them.
    const failures = findings.filter(
      ({ severity, code }) => severity === 'failure' && code !== 'entry-malformed',
    );
    if (fatal > 0) expect(failures).toEqual([]);
    const asked = witnesses.map((witness) => httpCosigner(witness, systemClock));
    return openLedger({ ...options, clock: systemClock, cosigners: { witnesses: asked, quorum: count } });
  }
});

import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type PythonRun, python, runPython, type Said, Stand } from './python-stand.ts';

const MIN = 60_000;
const MIB = 1024 * 1024;
const VECTORS = fileURLToPath(new URL('../python/vectors.py', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../golden/v1', import.meta.url));

const CASES = [
  ...[
    'good-path',
    'proves-itself',
    'refuses-unsigned-hello-ack',
    'refuses-replayed-hello-ack',
    'wrong-version',
  ],
  ...['checks-prefix-digest', 'checks-whole-prefix', 'prefix-ends-with-a-unit', 'resumes-from-received-to'],
  ...[
    'obeys-credit',
    'fragment-in-unit',
    'tx-seq-rises',
    'repeats-missing-ranges',
    'repeats-once-a-round-trip',
  ],
  ...['impossible-ack-ignored', 'tail-probe', 'lost-data', 'receipt-in-parts', 'fin-waits-for-durable'],
  ...[
    'bad-signature-receipt',
    'receipt-signed-by-the-ledger',
    'bad-inclusion-proof',
    'proof-of-another-entry',
  ],
  ...[
    'wrong-ledger-key',
    'entry-of-another-manifest',
    'entry-of-another-outcome',
    'receipt-of-another-recording',
  ],
  ...['keeps-ticket', 'refuses-shrunk-ledger', 'refuses-forked-ledger', 'offers-wraps'],
  ...['quarantined-receipt', 'receipt-instead-of-accept', 'receipt-after-fin-again'],
];

const of = (said: readonly Said[], event: string): readonly Said[] =>
  said.filter((one) => one.event === event);

describe.skipIf(python === undefined)('a camera in Python, written from the protocol page', () => {
  let stand: Stand | undefined;
  afterEach(async () => {
    await stand?.close();
    stand = undefined;
  });

  const inCustody = (result: PythonRun): void => {
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const [done] = of(result.said, 'done');
    expect(of(result.said, 'receipt')).toMatchObject([
      { outcome: 'accepted', entry: { recording: done?.['recording'] } },
    ]);
    expect(stand?.stored(done?.['recording'])).toBe(done?.['sha256']);
  };

  // Goal: the golden bytes mean the same to somebody who has read only the page. Method: another codec in another language
  // decodes and encodes every message, and checks every frame, signature, root and proof.
  it('agrees with every golden vector', async () => {
    const result = await runPython(VECTORS, [GOLDEN]);
    expect(result).toMatchObject({ code: 0, stderr: '', said: [{ event: 'vectors', messages: 21 }] });
  });

  // Goal: what it hands over is in custody byte for byte, and our own verifier finds nothing to say against it. Method: a real dock
  // and policy service, a pseudo-terminal, a key that only the camera has; the faster rate is negotiated on the way.
  it('hands a recording over', { timeout: 2 * MIN }, async () => {
    stand = await Stand.open();
    const result = await stand.camera(['--bytes', String(MIB), '--negotiate', '921600']);
    inCustody(result);
    expect(of(result.said, 'link')).toMatchObject([{ baud: 921_600, note: 'switched' }]);
    expect(of(result.said, 'docked')).toMatchObject([{ dock: 'dock-1', baud: 921_600 }]);
    expect(stand.verify()).toMatchObject({ status: 0 });
  });

  // Goal: a cut costs nothing that was durable. Method: the camera closes its port in the middle of a chunk and comes back in a new
  // session; the second Accept says where to go on, behind the durable prefix that the camera has checked.
  it('goes on after a cut', { timeout: 2 * MIN }, async () => {
    stand = await Stand.open();
    const result = await stand.camera(['--bytes', String(MIB), '--cut-after', '600000']);
    inCustody(result);
    expect(of(result.said, 'cut')).toHaveLength(1);
    const [first, second] = of(result.said, 'accepted');
    expect(first).toMatchObject({ durableTo: 0, receivedTo: 0 });
    expect(second?.['durableTo']).toBeGreaterThan(0);
    expect(second?.['receivedTo']).toBeGreaterThanOrEqual(Number(second?.['durableTo']));
    expect(stand.verify()).toMatchObject({ status: 0 });
  });

  // Goal: sections 4 and 9 are enough to come through a bad line. Method: a modelled cable that spoils one bit in 20,000 and loses one
  // byte in 50,000, so that a long frame hardly ever arrives; cut once as well.
  it('comes through noise', { timeout: 3 * MIN }, async () => {
    const noise = { baud: 921_600, latencyMs: 10, bitErrorRate: 5e-5, byteLoss: 2e-5, seed: 'python' };
    stand = await Stand.open({ uart: noise });
    inCustody(await stand.camera(['--bytes', String(MIB), '--cut-after', '600000']));
  });

  // Goal: a camera that trusts another dock tells this one nothing. Method: the dock's identity with one key of the two exchanged; no
  // handshake with the first, and with the second a receipt that is refused and a recording that is not erased.
  it('believes only the dock it was given', { timeout: 2 * MIN }, async () => {
    stand = await Stand.open();
    for (const forged of ['publicKey', 'ledger'] as const) {
      const result = await stand.camera([
        '--bytes',
        '1000',
        '--deadline',
        '6',
        '--dock',
        stand.forgedDock(forged),
      ]);
      expect(result).toMatchObject({ code: 1, stderr: '' });
      expect(of(result.said, 'docked')).toHaveLength(forged === 'publicKey' ? 0 : 1);
      expect(of(result.said, 'receipt')).toEqual([]);
    }
    expect(stand.ledgerText()).not.toContain('"type":"erased"');
  });

  // Goal: who writes a camera from the page keeps the rules that lose or leak footage when they are broken. Method: our conformance
  // rig plays the dock, lies to the camera in all these ways, and finds nothing.
  it('keeps the rules that the rig knows', { timeout: 2 * MIN }, async () => {
    const { code, failed, passed } = await Stand.conformance(CASES);
    expect(failed).toEqual([]);
    expect({ code, passed }).toEqual({ code: 0, passed: CASES.length });
  });
});

import { describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/witness/keys.ts';
import { toBase64, utf8 } from '../../../../proto/bytes.ts';
import { openCosignatures } from '../../../../proto/cosignature.ts';
import { formatCheckpoint } from '../../../../proto/checkpoint.ts';
import { signNote } from '../../../../proto/note.ts';
import { fill, testKey } from '../../proto/fixture.ts';
import { logOf, NAME, NOW_S, openWitness, ORIGIN, requestFor, witnessFolder } from './rig.ts';

// Goal: every answer that C2SP tlog-witness names is given when it says so, and nothing but a continuation is cosigned.
// Method: logs in memory, honest and forged, by the same key; one request at a time, and many at once.
const signed = (text: string, seed = 3, name = ORIGIN): string =>
  signNote(text, { ...testKey(seed), name, sha256: nodeChecker.sha256 });

describe('a witness', () => {
  it('cosigns a log as it grows', async () => {
    const witness = await openWitness(witnessFolder());
    let old = 0;
    for (const size of [0, 1, 2, 7, 7, 300]) {
      const log = await logOf(size);
      const answer = await witness.add(await requestFor(log, old));
      expect(answer).toMatchObject({ status: 200, about: { origin: ORIGIN, size } });
      const { note } = await log.checkpoint();
      expect(openCosignatures(note + answer.body, [witness.vkey], nodeChecker)).toEqual([
        { name: NAME, timeS: NOW_S, line: answer.body },
      ]);
      old = size;
    }
  });

  it('tells a log that knows no better what it cosigned last', async () => {
    const witness = await openWitness(witnessFolder());
    await witness.add(await requestFor(await logOf(5), 0));
    for (const [size, old] of [
      [9, 0],
      [9, 4],
      [9, 6],
      [4, 4],
      [5, 0],
      [4, 0],
    ] as const) {
      const answer = await witness.add(await requestFor(await logOf(size), old));
      expect(answer).toMatchObject({ status: 409, type: 'text/x.tlog.size', body: '5\n' });
      expect(answer.evidence).toBeUndefined();
    }
  });

  // The whole point: two histories by one key, of one size or with a fork further back.
  it('does not cosign another history, and keeps it as evidence', async () => {
    const witness = await openWitness(witnessFolder());
    await witness.add(await requestFor(await logOf(5), 0));
    const same = await logOf(5, 4);
    expect(await witness.add(await requestFor(same, 5))).toMatchObject({
      status: 409,
      body: '5\n',
      evidence: (await same.checkpoint()).note,
    });
    const longer = await logOf(9, 4);
    expect(await witness.add(await requestFor(longer, 5))).toMatchObject({
      status: 422,
      evidence: (await longer.checkpoint()).note,
    });
    const honest = await logOf(9);
    expect(await witness.add(await requestFor(honest, 5, { proof: [] }))).toMatchObject({ status: 422 });
    const proof = [...(await honest.proveConsistency(5)), fill(32, 1)];
    expect(await witness.add(await requestFor(honest, 5, { proof }))).toMatchObject({ status: 422 });
    expect(await witness.add(await requestFor(await logOf(5), 5, { proof: [fill(32, 1)] }))).toMatchObject({
      status: 422,
    });
    expect(await witness.add(await requestFor(honest, 5))).toMatchObject({ status: 200 });
  });

  it('takes no proof from nothing, and nothing but the empty tree of size 0', async () => {
    const witness = await openWitness(witnessFolder());
    expect(await witness.add(await requestFor(await logOf(3), 0, { proof: [fill(32, 1)] }))).toMatchObject({
      status: 422,
    });
    const note = signed(formatCheckpoint({ origin: ORIGIN, size: 0, root: fill(32, 1) }));
    expect(await witness.add(await requestFor(await logOf(0), 0, { note }))).toMatchObject({
      status: 409,
      body: '0\n',
    });
  });

  it('knows its logs by origin and key', async () => {
    const witness = await openWitness(witnessFolder());
    const text = formatCheckpoint({ origin: ORIGIN, size: 3, root: fill(32, 1) });
    const ask = async (note: string): Promise<number> =>
      (await witness.add(await requestFor(await logOf(3), 0, { note }))).status;
    expect(await ask(signed(text.replace(ORIGIN, 'holdfast.test/dock-2')))).toBe(404);
    expect(await ask(signed(text, 4))).toBe(403);
    expect(await ask(signed(text).replace('\n3\n', '\n4\n'))).toBe(403);
    expect(await ask(signed(text, 3, 'holdfast.test/dock-2'))).toBe(403);
    expect(await ask(signed(text) + signed(text, 9, 'stranger').slice(text.length + 1))).toBe(200);
  });

  it('refuses what is no request', async () => {
    const witness = await openWitness(witnessFolder());
    const log = await logOf(3);
    const { note } = await log.checkpoint();
    const hash = `${toBase64(fill(32, 1))}\n`;
    const malformed = [
      '',
      note,
      `old\n\n${note}`,
      `old 01\n\n${note}`,
      `old -1\n\n${note}`,
      `old 1 \n\n${note}`,
      `new 0\n\n${note}`,
      `old 4\n\n${note}`,
      `old 0\n${note}`,
      `old 0\nAAAA\n\n${note}`,
      `old 0\n!\n\n${note}`,
      `old 2\n${hash.repeat(64)}\n${note}`,
      `old 0\n\n${note.replace('\n3\n', '\nthree\n')}`,
      `old 0\n\n${signed(`${ORIGIN}\n3\n${toBase64(fill(32, 1))}\nextension\n`)}`,
      `old 0\n\n${note.split('\n\n')[0] ?? ''}`,
    ];
    for (const body of malformed) expect([body, (await witness.add(utf8(body))).status]).toEqual([body, 400]);
    expect((await witness.add(Uint8Array.of(0xff, 0xfe))).status).toBe(400);
    expect((await witness.add(utf8(`old 0\n\n${note}`))).status).toBe(200);
  });

  // Two histories that arrive at once: one wins, and the other finds it there.
  it('looks and writes in one turn', async () => {
    const witness = await openWitness(witnessFolder());
    const logs = [await logOf(4), await logOf(4, 1), await logOf(6), await logOf(6, 2)];
    const bodies = await Promise.all(logs.map((log) => requestFor(log, 0)));
    const answers = await Promise.all(bodies.map((body) => witness.add(body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 409, 409, 409]);
  });
});

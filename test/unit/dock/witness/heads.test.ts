import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WitnessError } from '../../../../dock/witness/errors.ts';
import { lockFolder } from '../../../../dock/witness/folder.ts';
import { logOf, openWitness, requestFor, witnessFolder } from './rig.ts';

// Goal: what was cosigned is never forgotten, and a witness that may have forgotten says so and does not start.
// Method: restarts, a write cut short at every step, copies taken at the moment of the answer, files hurt one by one.
const damaged = expect.objectContaining({ code: 'WITNESS_DAMAGED' }) as unknown;

async function cosignedFive(): Promise<string> {
  const dir = witnessFolder();
  const witness = await openWitness(dir);
  expect((await witness.add(await requestFor(await logOf(5), 0))).status).toBe(200);
  return dir;
}

const headIn = (dir: string): string => join(dir, 'heads', readdirSync(join(dir, 'heads'))[0] ?? 'none');

describe('the folder of a witness', () => {
  it('keeps key and heads over a restart', async () => {
    const dir = await cosignedFive();
    const again = await openWitness(dir);
    expect(readFileSync(join(dir, 'witness.vkey'), 'utf8')).toBe(`${again.vkey}\n`);
    expect(statSync(join(dir, 'witness.key.pem')).mode & 0o777).toBe(0o600);
    expect((await again.add(await requestFor(await logOf(5, 3), 0))).body).toBe('5\n');
    expect((await again.add(await requestFor(await logOf(5, 3), 5))).status).toBe(409);
    expect((await again.add(await requestFor(await logOf(8), 5))).status).toBe(200);
  });

  // A cosignature that is out before it is kept could be followed by another history after a crash. The answer is the
  // moment it is out: a copy taken right then must already refuse the other history.
  it('holds the new head before the answer', async () => {
    const dir = await cosignedFive();
    const witness = await openWitness(dir);
    const copy = witnessFolder();
    const body = await requestFor(await logOf(7), 5);
    await witness.add(body).then((answer) => {
      expect(answer.status).toBe(200);
      cpSync(dir, copy, { recursive: true, filter: (path) => !path.includes('lock.db') });
    });
    const restored = await openWitness(copy);
    expect((await restored.add(await requestFor(await logOf(7, 6), 5))).body).toBe('7\n');
  });

  it('gives no cosignature when the write is cut short, at any step', async () => {
    const steps: string[] = [];
    await (await openWitness(witnessFolder(), { probe: (step) => steps.push(step) })).add(
      await requestFor(await logOf(5), 0),
    );
    expect(steps).toEqual([
      'write',
      'sync',
      'rename',
      'sync folder',
      'write',
      'sync',
      'rename',
      'sync folder',
    ]);
    for (let fatal = 0; fatal < steps.length; fatal++) {
      const dir = witnessFolder();
      let seen = 0;
      const probe = (step: string): void => {
        if (seen++ >= fatal) throw new Error(step);
      };
      const hurt = await openWitness(dir, { probe });
      await expect(hurt.add(await requestFor(await logOf(5), 0))).rejects.toThrow(WitnessError);
      // Nothing is out yet, so either history may come next, and after it only its own continuation.
      const next = await openWitness(dir);
      const head = next.ports.heads.get('holdfast.test/dock-1')?.size ?? 0;
      expect([0, 5]).toContain(head);
      expect((await next.add(await requestFor(await logOf(6), head))).status).toBe(200);
      expect((await next.add(await requestFor(await logOf(7, 3), 6))).status).toBe(422);
    }
  });

  it.each([
    ['a head that is gone', (dir: string) => rmSync(headIn(dir))],
    ['a head cut short', (dir: string) => truncateSync(headIn(dir), 30)],
    ['an empty head', (dir: string) => writeFileSync(headIn(dir), '')],
    [
      'a head with another size',
      (dir: string) =>
        writeFileSync(headIn(dir), readFileSync(headIn(dir), 'utf8').replace('\n5\n', '\n4\n')),
    ],
    [
      'the head of another log',
      (dir: string) => writeFileSync(join(dir, 'heads', 'f'.repeat(64)), readFileSync(headIn(dir))),
    ],
    ['all heads gone', (dir: string) => rmSync(join(dir, 'heads'), { recursive: true })],
    ['the index gone', (dir: string) => rmSync(join(dir, 'origins'))],
    ['the key gone', (dir: string) => rmSync(join(dir, 'witness.key.pem'))],
    ['the key cut short', (dir: string) => truncateSync(join(dir, 'witness.key.pem'), 60)],
  ])('is refused with %s', async (_what, hurt) => {
    const dir = await cosignedFive();
    hurt(dir);
    await expect(openWitness(dir)).rejects.toEqual(damaged);
    // Nothing was made anew in its place either.
    await expect(openWitness(dir)).rejects.toEqual(damaged);
  });

  it('belongs to one name', async () => {
    const dir = await cosignedFive();
    await expect(openWitness(dir, { name: 'witness.test/other' })).rejects.toEqual(damaged);
  });

  it('may end between the first head and the index', async () => {
    const dir = await cosignedFive();
    writeFileSync(join(dir, 'origins'), '');
    const witness = await openWitness(dir);
    expect((await witness.add(await requestFor(await logOf(5, 3), 0))).body).toBe('5\n');
  });

  it('is one process at a time', () => {
    const dir = witnessFolder();
    const unlock = lockFolder(dir);
    expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: 'WITNESS_LOCKED' }));
    unlock();
    lockFolder(dir)();
    expect(existsSync(join(dir, 'lock.db'))).toBe(true);
  });

  // Goal: nobody else on the machine takes the lock and keeps the witness from starting. Method: a new file, and one from before.
  it('lets nobody else hold its lock', () => {
    for (const before of [false, true]) {
      const dir = witnessFolder();
      if (before) writeFileSync(join(dir, 'lock.db'), '', { mode: 0o644 });
      lockFolder(dir)();
      expect(statSync(join(dir, 'lock.db')).mode & 0o777).toBe(0o600);
    }
  });
});

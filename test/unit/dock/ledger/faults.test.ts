import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { trySome } from '../../../runs.ts';
import { AFTER, BEFORE, expectWhole, failingAt, isFull, range, watchedKey } from './cut-short.ts';
import { appendMany, entry, keyFor, keyOf, newKey, open, tempFolder } from './rig.ts';

async function stepsOfBatch(): Promise<readonly string[]> {
  const [dir, key] = [tempFolder(), newKey()];
  const first = await open(dir, key);
  await appendMany(first, 0, BEFORE);
  await first.close();
  const { probe, steps } = failingAt(Number.POSITIVE_INFINITY);
  const second = await open(dir, key, { probe });
  const opening = steps.length;
  await appendMany(second, BEFORE, AFTER);
  return steps.slice(opening);
}

describe('a batch that is cut short', () => {
  // Goal: the steps are those the promise names, in that order. Method: record one batch.
  it('goes commit, sign, tiles, checkpoint, answer', async () => {
    const steps = await stepsOfBatch();
    const at = (step: string): number => {
      expect(steps).toContain(step);
      return steps.indexOf(step);
    };
    expect(at('commit')).toBe(0);
    expect(at('sign')).toBe(1);
    for (const path of ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1', 'tile/0/001.p/4']) {
      expect(at(`write ${path}`)).toBeGreaterThan(at('sign'));
      expect(at(`sync ${path}`)).toBeLessThan(at(`rename ${path}`));
      expect(at(`rename ${path}`)).toBeLessThan(at('sync folder tile/0'));
    }
    for (const folder of ['tile/entries', 'tile/0', 'tile/1/000.p', 'tile/0/001.p']) {
      expect(at(`sync folder ${folder}`)).toBeLessThan(at('write checkpoint'));
    }
    expect(at('remove tile/0/000.p')).toBeGreaterThan(at('sync folder '));
    expect(at('resolve')).toBe(steps.length - 1);
  });

  // Goal: a name never appears before its bytes are on the disk, and the checkpoint not before the tiles' names are. Method:
  // listen to the real syncs between the steps, by the path of what is synced.
  it('has synced every file before it gets its name, and every folder after', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const first = await open(dir, key);
    await appendMany(first, 0, BEFORE);
    await first.close();
    const heard: string[] = [];
    const handle = await openFile(dir, 'r');
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
    onTestFinished(() => sync.mockRestore());
    sync.mockImplementation(async function (this: FileHandle) {
      heard.push(`synced ${readlinkSync(`/proc/self/fd/${this.fd}`).slice(dir.length + 1)}`);
      await this.datasync();
    });
    const second = await open(dir, key, { probe: (step) => heard.push(step) });
    await appendMany(second, BEFORE, AFTER);
    await handle.close();
    for (const [at, step] of heard.entries()) {
      const [, path] = /^rename (.*)/.exec(step) ?? [];
      if (path !== undefined) expect(heard[at - 1]).toBe(`synced tmp/${path.replaceAll('/', '-')}`);
      const [, folder] = /^sync folder (.*)/.exec(step) ?? [];
      if (folder !== undefined) expect(heard[at + 1]).toBe(`synced ${folder}`);
    }
    expect(heard.filter((step) => step.startsWith('rename '))).toHaveLength(6);
    expect(heard.filter((step) => step.startsWith('sync folder '))).toHaveLength(6);
  });

  // Goal: wherever the process ends, nothing acknowledged is lost, no size is signed twice, and the log goes on.
  // Method: end it at every step, reopen, and look; then append the same batch again as a caller would.
  it('is finished or forgotten on the next start, at every step', async () => {
    const count = (await stepsOfBatch()).length;
    expect(count).toBeGreaterThan(20);
    await trySome(range(0, count), async (fatal) => {
      const [dir, key] = [tempFolder(), watchedKey()];
      const first = await open(dir, key);
      await appendMany(first, 0, BEFORE);
      await first.close();
      const fault = failingAt(fatal);
      const hurt = await open(dir, key, { probe: fault.probe });
      await expect(appendMany(hurt, BEFORE, AFTER)).rejects.toThrow(LedgerError);
      await hurt.close();
      const next = await open(dir, key);
      const { size } = await next.checkpoint();
      expect([BEFORE, AFTER]).toContain(size);
      await expectWhole(next, size);
      expect(await appendMany(next, BEFORE, AFTER)).toEqual(range(BEFORE, AFTER));
      expect(await next.appendOnce(keyFor(AFTER), entry(AFTER))).toBe(AFTER);
      await expectWhole(next, AFTER + 1);
      await next.close();
    });
  });

  // Goal: a fault that passes (a full disk) does not need a restart. Method: fail once at every step, then
  // append again in the same process.
  it('is finished by the next append of the same process', async () => {
    const count = (await stepsOfBatch()).length;
    await trySome(range(0, count), async (fatal) => {
      const [dir, key] = [tempFolder(), watchedKey()];
      let [armed, seen] = [false, 0];
      const probe = (step: string): void => {
        if (armed && seen++ === fatal) throw Object.assign(new Error(step), { code: 'ENOSPC' });
      };
      const ledger = await open(dir, key, { probe });
      await appendMany(ledger, 0, BEFORE);
      armed = true;
      const hurt = await Promise.allSettled(
        range(BEFORE, AFTER).map((n) => ledger.appendOnce(keyFor(n), entry(n))),
      );
      expect(hurt.every((each) => each.status === 'rejected' && isFull(each.reason))).toBe(true);
      expect(await appendMany(ledger, BEFORE, AFTER)).toEqual(range(BEFORE, AFTER));
      await expectWhole(ledger, AFTER);
      await ledger.close();
    });
  });

  // Goal: an intended batch is finished as it was intended even when other entries come first afterwards.
  // Method: end the process right before signing, reopen, and append something else.
  it('keeps its indices when something else comes next', async () => {
    const [dir, key] = [tempFolder(), watchedKey()];
    await (await open(dir, key)).close();
    const hurt = await open(dir, key, { probe: failingAt(1).probe });
    await expect(appendMany(hurt, 0, 3)).rejects.toThrow(LedgerError);
    await hurt.close();
    const next = await open(dir, key);
    expect(await next.appendOnce('other', entry(9))).toBe(3);
    expect(await appendMany(next, 0, 3)).toEqual([0, 1, 2]);
  });

  // Goal: a batch that never got into the database leaves nothing behind that a later one trips over. Method: lose the
  // database after tiles were written but before the checkpoint, then append other entries.
  it('leaves stale tiles that the next batch replaces', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const first = await open(dir, key);
    await appendMany(first, 0, BEFORE);
    await first.close();
    const fault = failingAt((await stepsOfBatch()).indexOf('write checkpoint'));
    const hurt = await open(dir, key, { probe: fault.probe });
    await expect(appendMany(hurt, BEFORE, AFTER)).rejects.toThrow(LedgerError);
    await hurt.close();
    for (const name of readdirSync(dir)) if (name.startsWith('log.db')) rmSync(`${dir}/${name}`);
    const next = await open(dir, key, { keyOf });
    expect((await next.checkpoint()).size).toBe(BEFORE);
    for (let n = 0; n < 10; n++) await next.appendOnce(`other ${n}`, entry(1000 + n));
    expect((await next.read(BEFORE, AFTER)).map(toHex)).toEqual(
      range(1000, 1010).map((n) => toHex(entry(n))),
    );
    await next.close();
    expect((await (await open(dir, key)).checkpoint()).size).toBe(AFTER);
  });
});

describe('opening for the first time', () => {
  // Goal: a start that is cut short is no start. Method: end the process at every step of the first open.
  it('can be cut short anywhere', async () => {
    const whole = failingAt(Number.POSITIVE_INFINITY);
    await open(tempFolder(), newKey(), { probe: whole.probe });
    expect(whole.steps.length).toBeGreaterThan(5);
    for (let fatal = 0; fatal < whole.steps.length; fatal++) {
      const [dir, key] = [tempFolder(), watchedKey()];
      await expect(open(dir, key, { probe: failingAt(fatal).probe })).rejects.toThrow(LedgerError);
      const ledger = await open(dir, key);
      expect(await appendMany(ledger, 0, 2)).toEqual([0, 1]);
      await ledger.close();
    }
  });
});

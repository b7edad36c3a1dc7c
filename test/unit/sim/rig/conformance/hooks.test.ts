import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellHooks } from '../../../../../sim/rig/conformance/hooks.ts';

describe("an operator's commands", () => {
  let log = '';
  beforeEach(() => {
    log = join(mkdtempSync(join(tmpdir(), 'holdfast-hooks-')), 'log');
  });
  afterEach(() => rmSync(join(log, '..'), { recursive: true }));
  const said = (): string => readFileSync(log, 'utf8');

  // Goal: no run leaves a device without its storage. Method: a run that ends after taking it, and once more after giving it.
  it('give back the storage that was taken, once', async () => {
    const hooks = shellHooks({ storageOff: `echo off >> ${log}`, storageOn: `echo on >> ${log}` });
    await hooks.giveBack();
    await hooks.storageOff();
    await hooks.giveBack();
    expect(said()).toBe('off\non\n');
    await hooks.storageOff();
    await hooks.storageOn();
    await hooks.giveBack();
    expect(said()).toBe('off\non\noff\non\n');
  });
});

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-worn-'));
const running: Program[] = [];
let site: Site;
let mqtt: string;

beforeAll(async () => {
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'worn', cameras: ['cam-1'] },
    ...{
      password: 'worn-password',
      people: [{ id: 'op-1', name: 'Operator Lund', roles: ['dock_operator'] }],
    },
  });
  const policy = await site.startPolicy({ regime: 'doj' });
  running.push(policy.program);
  const dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy.url });
  running.unshift(dock.program);
  mqtt = dock.mqtt ?? '';
});
afterAll(async () => {
  for (const program of running) await program.stop();
  rmSync(dir, { recursive: true, force: true });
});

function camera(...more: readonly string[]): Program {
  const args = ['--officer', '4411', '--pre-event', '0', '--fps', '2', ...more];
  const program = site.startCamera('cam-1', ['--mqtt', mqtt], { args });
  running.unshift(program);
  return program;
}

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000));

// Goal: a card that can only be read loses nothing and keeps no camera from starting: what is closed is delivered, what was interrupted
// stays and is said, nothing is recorded, and what cannot be erased is not offered time and again. Method: one recording closed and one
// cut short; then a chip whose first block fails and that has no spare; then the same chip again.
it('is uploaded from, and records nothing', async () => {
  const worn = camera();
  await worn.until('ready');
  worn.say('record');
  await worn.until('recording');
  await seconds(2.5);
  worn.say('stop');
  const { recording: whole } = await worn.until('closed');
  worn.say('record');
  const { recording: torn } = await worn.until('recording', (event) => event['recording'] !== whole);
  await seconds(3.5);
  worn.say('battery 0%');
  await worn.exited;

  // The block fails while what was interrupted is being closed.
  const chip = ['--flash-bad-blocks', '0', '--flash-spares', '0'];
  const dying = camera(...chip);
  await dying.until('ready');
  dying.say('quit');
  expect(await dying.exited).toBe(0);
  const again = camera(...chip);
  await again.until('ready');
  expect(String((await again.until('notice', said(/worn out/)))['message'])).toMatch(/1 interrupted/);
  again.say('record');
  await again.until('refused', said(/worn out/));
  again.say('dock');
  expect(await again.until('receipt')).toMatchObject({ recording: whole, outcome: 'accepted' });
  await again.until('distrust', said(/EROFS/));
  await seconds(4);
  expect(again.events.filter(({ event }) => event === 'receipt')).toHaveLength(1);
  again.say('status');
  expect(await again.until('status')).toMatchObject({ memory: 'read-only' });
  expect(again.events.filter(({ event }) => event === 'recording' || event === 'erased')).toEqual([]);
  const flash = site.flashDir('cam-1');
  for (const kept of [whole, torn])
    expect(existsSync(join(flash, 'recordings', String(kept), 'chunks'))).toBe(true);
  again.say('quit');
  expect(await again.exited).toBe(0);
});

function said(what: RegExp): (event: Readonly<Record<string, unknown>>) => boolean {
  return ({ message }) => what.test(String(message));
}

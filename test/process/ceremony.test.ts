import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMAND, Program } from '../../sim/rig/program.ts';

// Goal: the key ceremony can be held from its page. Method: every block of docs/KEY-CEREMONY.md in a shell, in order, on the folder of
// a real service; what each leaves behind. What becomes of footage on the way is shown in test/unit/dock/policy/http/ceremony.test.ts.

const PAGE = new URL('../../docs/KEY-CEREMONY.md', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-ceremony-'));
const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(
  ([, text = '']) => text,
);

function shell(script: string): { status: number | null; stdout: string; stderr: string } {
  const command = `holdfast() { "${process.execPath}" "${COMMAND}" "$@"; }\n${script}`;
  return spawnSync('bash', ['--norc', '-e', '-c', command], { cwd: folder, encoding: 'utf8' });
}

/** Starts the service on its folder and stops it again; what it says its custodian is. */
async function serve(...flags: readonly string[]): Promise<string> {
  const files = ['sources', 'people'].flatMap((name) => [`--${name}`, join(folder, `${name}.json`)]);
  const data = ['--data', join(folder, 'policy'), '--registry', join(folder, 'registry')];
  const program = Program.start(['policy', '--http', '0', ...data, ...files, ...flags], { name: 'policy' });
  const { url } = await program.until('listening');
  const answer = await fetch(`${String(url)}/v1/custodian`);
  const custodian = await answer.text();
  await program.stop();
  return custodian;
}

const keyFiles = (): readonly string[] =>
  ['policy', 'policy/custodian-retired'].flatMap((from) =>
    readdirSync(join(folder, from))
      .filter((name) => name.endsWith('.key.pem'))
      .map((name) => readFileSync(join(folder, from, name), 'utf8')),
  );

/** Names of the keys in the file that docks are given. */
function pinned(): readonly string[] {
  const file = readFileSync(join(folder, 'policy/policy.jwk.json'), 'utf8');
  const { keys, kid } = JSON.parse(file) as {
    readonly keys?: readonly { kid: string }[];
    readonly kid?: string;
  };
  return keys?.map((one) => one.kid) ?? [kid ?? ''];
}

beforeAll(async () => {
  mkdirSync(join(folder, 'registry'));
  writeFileSync(join(folder, 'sources.json'), '[]');
  writeFileSync(join(folder, 'people.json'), '{"format":"holdfast/people@1","people":[]}');
  writeFileSync(join(folder, 'passphrase.txt'), 'kept in a safe\n');
  writeFileSync(join(folder, 'new-passphrase.txt'), 'known to two\n');
  await serve();
  const made = shell(`holdfast enrol recovery vault-1 --out recovery --passphrase-file passphrase.txt
    holdfast enrol camera cam-1 --out keys/cam-1 --custodian policy/custodian.json --recovery recovery/recovery.json`);
  assert.equal(made.status, 0, made.stderr);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('is held from docs/KEY-CEREMONY.md, block by block', async () => {
  expect(blocks).toHaveLength(9);
  const [passphrase = '', rotate = '', camera = '', ...signing] = blocks;
  const [lost = '', rewrap = '', take = ''] = signing.splice(3);
  const run = (script: string): string => {
    const { status, stdout, stderr } = shell(script);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  };
  expect(run(passphrase)).toMatch(/^\d keys are encrypted/);
  const secret = ['--key-passphrase-file', join(folder, 'new-passphrase.txt')];
  const first = await serve(...secret);
  run(rotate);
  const second = await serve(...secret);
  expect(second).not.toBe(first);
  for (const pem of keyFiles()) expect(pem).toContain('ENCRYPTED PRIVATE KEY');
  run(camera);
  expect(readFileSync(join(folder, 'keys/cam-1/custodian.json'), 'utf8')).toBe(second);
  const before = pinned();
  for (const [at, block] of signing.entries()) {
    run(block);
    await serve(...secret);
    expect(pinned()).toHaveLength([2, 2, 1][at] ?? 0);
    for (const pem of keyFiles()) expect(pem).toContain('ENCRYPTED PRIVATE KEY');
  }
  expect(pinned()).not.toEqual(before);
  expect(readdirSync(join(folder, 'policy/policy-retired'))).toEqual(before.map((kid) => `${kid}.jwk.json`));
  rmSync(join(folder, 'policy/custodian.key.pem'));
  await expect(serve(...secret)).rejects.toThrow(/custodian\.key\.pem is not there/);
  run(lost);
  expect(await serve(...secret)).not.toBe(second);
  expect(run(rewrap)).toBe('0 recordings done, 0 not\n');
  expect(run(take)).toBe('0 recordings done, 0 not\n');
});

test('is refused while a service uses the folder', async () => {
  const files = ['sources', 'people'].flatMap((name) => [`--${name}`, join(folder, `${name}.json`)]);
  const data = ['--data', join(folder, 'policy'), '--registry', join(folder, 'registry')];
  const secret = ['--key-passphrase-file', join(folder, 'new-passphrase.txt')];
  const program = Program.start(['policy', '--http', '0', ...data, ...files, ...secret], { name: 'policy' });
  await program.until('listening');
  const refused = shell('holdfast policy keys rotate --data policy --key-passphrase-file new-passphrase.txt');
  await program.stop();
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('another policy service is using') as unknown,
  });
});

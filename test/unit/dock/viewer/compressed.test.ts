import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Front } from './fixture.ts';

// Goal: what lies in the page's folder compressed is sent so to whoever takes it, and is the same thing; the ledger's files are
// sent as they are. Method: a page with and without compressed neighbours, asked for both ways.

const SCRIPT = 'export const hold = "fast";\n'.repeat(100);

describe('the page', () => {
  let front: Front;
  let folder: string;

  beforeEach(async () => {
    front = await Front.open(async () => {});
    folder = join(front.folder, 'page', 'assets');
    await writeFile(join(folder, 'app-1.js'), SCRIPT);
    await writeFile(join(folder, 'app-1.js.br'), brotliCompressSync(SCRIPT));
  });
  afterEach(() => front.close());

  const ask = (url: string, encoding: string) =>
    front.app.inject({ url, headers: { 'accept-encoding': encoding } });

  it('comes compressed to whoever takes it', async () => {
    const answer = await ask('/assets/app-1.js', 'gzip, br');
    expect(answer.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
    expect(answer.headers['content-type']).toMatch(/javascript/);
    expect(brotliDecompressSync(answer.rawPayload).toString()).toBe(SCRIPT);
  });

  it('comes as it is to everybody else, and where there is no other form', async () => {
    expect((await ask('/assets/app-1.js', 'identity')).body).toBe(SCRIPT);
    const lone = await ask('/assets/main-abc123.js', 'br');
    expect(lone.statusCode).toBe(200);
    expect(lone.headers['content-encoding']).toBeUndefined();
  });

  it.each(['/ledger/checkpoint', '/ledger/tile/0/000.p/3'])('leaves %s as it is', async (url) => {
    const [compressed, plain] = [await ask(url, 'br, gzip'), await ask(url, 'identity')];
    expect(compressed.statusCode).toBe(200);
    expect(compressed.headers['content-encoding']).toBeUndefined();
    expect(compressed.rawPayload.equals(plain.rawPayload)).toBe(true);
  });
});

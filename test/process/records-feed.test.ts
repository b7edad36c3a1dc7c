import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, Program } from '../../sim/rig/program.ts';

// Goal: the program that docs/RECORDS-FEED.md prints works as printed. Method: program and export out of the page, against a
// real service, and against one that is away at first.

const PAGE = readFileSync(new URL('../../docs/RECORDS-FEED.md', import.meta.url), 'utf8');
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\n(.*?)\`\`\``, 's').exec(PAGE)?.[1] ?? '';
const SECOND_MS = 10;
const ROWS = 3;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-feed-'));
const path = (name: string): string => join(folder, name);
const run = promisify(execFile);

let service: Program;
let url = '';
let proxy: Server | undefined;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The page's program on that export; without blocking, since a proxy in this process may stand between. */
async function feed(csv: string, to = url, token = 'records.token'): Promise<Ended> {
  writeFileSync(path('reports.csv'), csv);
  const env = { ...process.env, RECORDS_FEED_SECOND_MS: String(SECOND_MS) };
  const ended = run(process.execPath, [path('records-feed.mjs'), path('reports.csv'), to, path(token)], {
    env,
  });
  return ended.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => error,
  );
}

async function onFile(): Promise<readonly { readonly fact: Readonly<Record<string, unknown>> }[]> {
  const authorization = `Bearer ${readFileSync(path('records.token'), 'utf8').trim()}`;
  const response = await fetch(`${url}/v1/facts?type=report.filed`, { headers: { authorization } });
  return ((await response.json()) as { facts: { fact: Record<string, unknown> }[] }).facts;
}

/** Answers with these statuses first, then passes everything on. */
async function behind(
  ...statuses: readonly number[]
): Promise<{ readonly url: string; readonly asked: () => number }> {
  const left = [...statuses];
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const status = left.shift();
    if (status !== undefined) {
      response.writeHead(status, { 'retry-after': '3' }).end('<html>not JSON</html>');
      return;
    }
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const headers = {
        authorization: request.headers.authorization ?? '',
        'content-type': 'application/json',
      };
      void fetch(url + (request.url ?? ''), { method: 'POST', headers, body: Buffer.concat(parts) }).then(
        async (passed) => response.writeHead(passed.status).end(await passed.text()),
      );
    });
  });
  proxy = server;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked: () => asked };
}

beforeAll(async () => {
  mkdirSync(path('registry'));
  writeFileSync(path('people.json'), '{"format":"holdfast/people@1","people":[]}');
  writeFileSync(path('records-feed.mjs'), block('js'));
  writeFileSync(path('wrong.token'), 'wrong\n');
  const enrol = [
    'source',
    'records',
    '--may',
    'incident.opened',
    'report.filed',
    '--sources',
    path('sources.json'),
  ];
  const enrolled = spawnSync(process.execPath, [
    COMMAND,
    'enrol',
    ...enrol,
    '--token-file',
    path('records.token'),
  ]);
  if (enrolled.status !== 0) throw new Error(String(enrolled.stderr));
  const files = [
    '--sources',
    path('sources.json'),
    '--people',
    path('people.json'),
    '--registry',
    path('registry'),
  ];
  service = Program.start(['policy', '--data', path('data'), '--http', '0', ...files]);
  url = String((await service.until('listening')).url);
});
afterAll(async () => {
  proxy?.close();
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the records feed of the page', () => {
  test('tells every report once, however often it runs', async () => {
    expect(await feed(block('csv'))).toMatchObject({
      code: 0,
      stdout: '3 added, 0 known already, 0 refused\n',
    });
    const first = await onFile();
    expect(first).toHaveLength(ROWS);
    expect(first[0]?.fact).toMatchObject({
      type: 'report.filed',
      incident: '24-118842',
      person: '4411',
      at: '2026-11-21T10:02:00Z',
      reportHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    });
    expect(await feed(block('csv'))).toMatchObject({
      code: 0,
      stdout: '0 added, 3 known already, 0 refused\n',
    });
    expect(await onFile()).toEqual(first);
  });

  test('says loudly what was told before, otherwise, and tells the rest', async () => {
    await feed(block('csv'));
    const before = await onFile();
    const changed = `${block('csv').replace('10:02:00', '09:02:00')}24-118977,5522,2026-11-22T08:00:00Z,${'c'.repeat(64)}\n`;
    const { code, stdout, stderr } = await feed(changed);
    expect([code, stdout]).toEqual([1, '1 added, 2 known already, 1 refused\n']);
    expect(stderr).toMatch(/^24-118842, officer 4411, 9f86d081884c: CONFLICT, somebody has to look/);
    expect((await onFile()).slice(0, before.length)).toEqual(before);
  });

  test.each([
    ['an unknown column', block('csv').replace('sha256', 'hash'), 'these columns are not known'],
    ['a row that is cut short', block('csv').replace(',5522,', ','), 'line 3: not a report'],
    ['a quoted field', block('csv').replace('5522', '"5522"'), 'line 3: not a report'],
  ])('%s ends the run before anything is told', async (_name, csv, sentence) => {
    const before = await onFile();
    const { code, stderr } = await feed(csv.replaceAll('24-', '25-'));
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
    expect(await onFile()).toEqual(before);
  });

  test('tries again while the service is away, busy or full', async () => {
    const away = await behind(503, 429, 502);
    const csv = block('csv').replaceAll('24-', '26-');
    expect(await feed(csv, away.url)).toMatchObject({
      code: 0,
      stdout: '3 added, 0 known already, 0 refused\n',
    });
    expect(away.asked()).toBe(ROWS + 3);
  });

  test('gives up after six tries, and with a token that does not hold at once', async () => {
    const away = await behind(...Array.from({ length: 50 }, () => 503));
    const gone = await feed(block('csv'), away.url);
    expect([gone.code, gone.stdout]).toEqual([1, '0 added, 0 known already, 1 refused\n']);
    expect(away.asked()).toBe(6);
    const wrong = await feed(block('csv'), url, 'wrong.token');
    expect([wrong.code, wrong.stdout]).toEqual([1, '0 added, 0 known already, 1 refused\n']);
    expect(wrong.stderr).toContain('401');
  });
});

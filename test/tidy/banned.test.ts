import { describe, expect, it } from 'vitest';
import { banned } from './banned.ts';
import { parse } from './source.ts';

const judge = (path: string, text: string): readonly string[] =>
  banned([parse(path, text)]).map(({ message }) => message);

describe('banned calls', () => {
  // Goal: time and chance cannot slip into the core. Method: plant every way of reaching them in a core file.
  it.each([
    'const now = Date.now();',
    'const now = globalThis.Date.now();',
    'const later = items.map(Date.now);',
    'const now = new Date();',
    'const now = Date();',
    'setTimeout(wake, 10);',
    'const timer = { start: setTimeout };',
    'globalThis.setInterval(wake, 10);',
    'setImmediate(wake);',
    `import { setTimeout as sleep } from 'node:timers/promises';`,
    'const at = performance.now();',
    'const at = process.hrtime.bigint();',
    'const dice = Math.random();',
    `import { randomBytes } from 'node:crypto';`,
    `import { randomUUID as id, createHash } from 'node:crypto';`,
    'const id = crypto.randomUUID();',
    'crypto.getRandomValues(bytes);',
    'const sum = await crypto.subtle.digest("SHA-256", bytes);',
    'console.log("here");',
  ])('finds %s', (text) => {
    expect(judge('dock/ingest/step.ts', text)).toHaveLength(1);
  });

  // Goal: what only looks alike is left alone. Method: ports, types, keys and dates made from a given time.
  it.each([
    'const at = new Date(wallUs / 1000);',
    'const id = keys.randomBytes(16);',
    'const { randomBytes } = keys;',
    'interface Clock { setTimeout(delayMs: number): void }',
    'const clock = { setTimeout: wake };',
    'const cancel = clock.setTimeout(10);',
    `import { createHash } from 'node:crypto';`,
    '// Date.now() would not do here.',
  ])('leaves %s alone', (text) => {
    expect(judge('dock/ingest/step.ts', text)).toEqual([]);
  });

  // Goal: each thing has a home. Method: the same calls where they belong, and console where people are spoken to.
  it.each([
    ['device/clock/oscillator.ts', 'setTimeout(wake, Date.now());'],
    ['dock/keys/folder.ts', `import { randomBytes } from 'node:crypto';`],
    ['dock/policy/clock.ts', 'const now = Date.now();'],
    ['dock/policy/custodian/key.ts', `import { generateKeyPairSync } from 'node:crypto';`],
    ['dock/viewer/page/verify.ts', 'const sum = crypto.subtle.digest("SHA-256", bytes);'],
    ['sim/demo/main.ts', 'console.log(Date.now());'],
    ['dock/verify-main.ts', 'console.log("holds");'],
    ['dock/store/commits.ts', 'setImmediate(flush);'],
    ['test/process/kill.test.ts', 'setTimeout(wake, 10);'],
  ])('lets %s have it', (path, text) => {
    expect(judge(path, text)).toEqual([]);
  });

  // Goal: a unit test does not sleep. Method: a timer in one, and a clock, which it may read.
  it('finds a sleep in a unit test', () => {
    expect(judge('test/unit/dock/a.test.ts', 'setTimeout(done, 10);')).toHaveLength(1);
    expect(judge('test/unit/dock/a.test.ts', 'const seed = Date.now();')).toEqual([]);
  });

  // Goal: proto runs in a browser. Method: Node's globals in it, and the same names as fields.
  it('finds Node globals in proto', () => {
    expect(judge('proto/bytes.ts', 'const b = Buffer.from(text);')).toEqual([
      'Buffer.from does not exist in a browser',
    ]);
    expect(judge('proto/bytes.ts', 'const level = process.env.LEVEL;')).toHaveLength(1);
    expect(judge('proto/bytes.ts', 'const kind = message.process;')).toEqual([]);
  });
});

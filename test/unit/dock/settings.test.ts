import { expect, it } from 'vitest';
import type { DockConfig } from '../../../dock/config.ts';
import { settingsDigest } from '../../../dock/settings.ts';

const CONFIG: DockConfig = {
  data: '/data',
  keys: '/keys',
  registry: '/enrolled',
  site: 'yard',
  serial: ['/dev/ttyUSB0'],
  testSerial: [],
  baud: 115_200,
  baudMax: 3_000_000,
  rtsCts: false,
  mqtt: { broker: 'outside', url: 'mqtt://broker.example:1883', version: 'auto' },
  stagingBytes: 134_217_728,
  host: '127.0.0.1',
  httpPort: 8_080,
  policy: { url: 'http://127.0.0.1:8090', jwk: '{"kty":"EC"}', token: 'secret' },
  timeSync: 'chrony',
  chrony: { host: '127.0.0.1', port: 323 },
  witnesses: [{ vkey: 'w+1+k', url: 'https://me:word@witness.example:443/add' }],
  quorum: 1,
  lowerQuorum: false,
  overdueHours: 24,
  partialMinutes: 60,
  mirror: undefined,
  scrubBytesPerS: 16_777_216,
  retainDays: 180,
  jobs: {
    release: '*/30 * * * * *',
    retention: '15 11 * * *',
    scrub: 'endless',
    checkpoint: '*/5 * * * *',
    clock: 'off',
  },
  json: false,
  statsSeconds: 0,
};
const DIGEST = settingsDigest(CONFIG);

// Goal: the ledger's digest of the configuration stays while a dock would act the same, and tells nothing that is secret.
// Method: change one thing at a time.
it.each<readonly [string, Partial<DockConfig>]>([
  ['another order of flags', Object.fromEntries(Object.entries(CONFIG).toReversed())],
  ['another port of its own', { httpPort: 8_081 }],
  [
    'another port of the broker',
    { mqtt: { broker: 'outside', url: 'mqtt://broker.example:1884', version: 'auto' } },
  ],
  ['another port of the policy service', { policy: { ...CONFIG.policy, url: 'http://127.0.0.1:9999' } }],
  ['another way to speak', { json: true, statsSeconds: 5 }],
  ['a new token', { policy: { ...CONFIG.policy, token: 'other' } }],
  [
    'a new password in a URL',
    { witnesses: [{ vkey: 'w+1+k', url: 'https://me:new@witness.example:444/add' }] },
  ],
  ['chronyd at another port', { chrony: { host: '127.0.0.1', port: 3_230 } }],
  ['lines for programs', { json: true }],
])('stays the same with %s', (_what, change) => {
  expect(settingsDigest({ ...CONFIG, ...change })).toBe(DIGEST);
});

it.each<readonly [string, Partial<DockConfig>]>([
  ['another policy service', { policy: { ...CONFIG.policy, url: 'http://127.0.0.2:8090' } }],
  ['another key of it', { policy: { ...CONFIG.policy, jwk: '{"kty":"OKP"}' } }],
  ['another broker', { mqtt: { broker: 'outside', url: 'mqtt://other.example:1883', version: 'auto' } }],
  ['its own broker', { mqtt: { broker: 'embedded', port: 1_883 } }],
  ['no broker', { mqtt: undefined }],
  ['another witness', { witnesses: [{ vkey: 'w+2+k', url: 'https://me:word@witness.example:443/add' }] }],
  ['no quorum', { quorum: 0 }],
  ['no evidence of UTC', { timeSync: 'none', chrony: undefined }],
  ['one bay more', { serial: ['/dev/ttyUSB0', '/dev/ttyUSB1'] }],
])('is another with %s', (_what, change) => {
  expect(settingsDigest({ ...CONFIG, ...change })).not.toBe(DIGEST);
});

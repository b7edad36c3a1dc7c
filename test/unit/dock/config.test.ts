import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../dock/config.ts';
import { formatCosignerVkey } from '../../../proto/cosignature.ts';
import { sha256, testKey } from '../proto/fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

const GOOD: Readonly<Record<string, string>> = {
  '--data': 'data',
  '--keys': 'keys',
  '--registry': 'registry',
  '--mqtt': 'embedded:0',
  '--http': '0',
  '--policy': 'http://127.0.0.1:8090/',
  '--policy-key': file('policy.jwk.json', '{}'),
  '--policy-token-file': file('policy.token', 'secret\n'),
};
const argv = (change: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries({ ...GOOD, ...change }).flat();

const witnessKey = (seed: number, name = `w${seed}.example`): string =>
  formatCosignerVkey(name, testKey(seed).publicKey, sha256);

// Goal: a dock starts only with flags it can use, and says which one it cannot. Method: one good command line, one change.
describe('flags of the dock', () => {
  it('are read into one shape', () => {
    expect(readConfig(argv())).toMatchObject({
      mqtt: { broker: 'embedded', port: 0 },
      policy: { url: 'http://127.0.0.1:8090', jwk: '{}', token: 'secret' },
      serial: [],
      stagingBytes: 128 * 1024 * 1024,
    });
    expect(readConfig(argv({ '--staging-mib': '8' })).stagingBytes).toBe(8 * 1024 * 1024);
    expect(readConfig(argv())).toMatchObject({ timeSync: 'none', chrony: undefined });
    const chrony = (where: string): unknown =>
      readConfig(argv({ '--time-sync': 'chrony', '--chrony': where })).chrony;
    expect(chrony('127.0.0.1:323')).toEqual({ host: '127.0.0.1', port: 323 });
    expect(chrony('[::1]:323')).toEqual({ host: '::1', port: 323 });
    expect(chrony('/run/chrony/chronyd.sock')).toEqual({ socket: '/run/chrony/chronyd.sock' });
  });

  it('destroy nothing by themselves, and nothing against the law', () => {
    expect(readConfig(argv()).retainDays).toBe(0);
    for (const days of ['0', '180', '913'])
      expect(readConfig(argv({ '--retain-days': days })).retainDays).toBe(Number(days));
    for (const days of ['1', '179', '914', '-180', '180.5', 'ever'])
      expect(() => readConfig(argv({ '--retain-days': days }))).toThrow(/^--retain-days: /);
  });

  // Goal: each job has its hours, and none is switched off on which a promise rests. Method: defaults, changes, and what is refused.
  it('say when each job runs', () => {
    expect(readConfig(argv()).jobs).toEqual({
      release: '*/30 * * * * *',
      retention: '15 11 * * *',
      scrub: 'endless',
      checkpoint: '*/5 * * * *',
      clock: '*/5 * * * *',
    });
    const jobs = { '--sweep': '* * * * *', '--retention-sweep': 'off', '--scrub-pass': '0 12 * * *' };
    expect(readConfig(argv({ ...jobs, '--clock-check': 'off' })).jobs).toMatchObject({
      ...{ release: '* * * * *', retention: 'off', scrub: '0 12 * * *', clock: 'off' },
    });
    expect(readConfig(argv({ '--scrub-mib-s': '0' })).jobs.scrub).toBe('off');
    expect(readConfig(argv({ '--scrub-pass': 'off' })).jobs.scrub).toBe('off');
    for (const flag of [
      '--sweep',
      '--retention-sweep',
      '--scrub-pass',
      '--checkpoint-check',
      '--clock-check',
    ])
      expect(() => readConfig(argv({ [flag]: 'every hour' }))).toThrow(
        new RegExp(`^${flag}: must be a cron`),
      );
    for (const flag of ['--sweep', '--checkpoint-check'])
      expect(() => readConfig(argv({ [flag]: 'off' }))).toThrow(new RegExp(`^${flag}: must be a cron`));
    expect(() => readConfig(argv({ '--retention-sweep': 'off', '--retain-days': '180' }))).toThrow(
      /^--retention-sweep: off keeps for ever/,
    );
    expect(() => readConfig(argv({ '--scrub-pass': '0 12 * * *', '--scrub-mib-s': '0' }))).toThrow(
      /^--scrub-pass: nothing is read/,
    );
  });

  it('name witnesses by key and address', () => {
    const [w1, w2] = [witnessKey(1), witnessKey(2)];
    const flags = [
      '--witness',
      `${w1}=https://w1.example`,
      `${w2}=http://127.0.0.1:8100/a=b`,
      '--quorum',
      '2',
    ];
    expect(readConfig([...argv(), ...flags])).toMatchObject({
      witnesses: [
        { vkey: w1, url: 'https://w1.example' },
        { vkey: w2, url: 'http://127.0.0.1:8100/a=b' },
      ],
      quorum: 2,
    });
    expect(readConfig(argv())).toMatchObject({ witnesses: [], quorum: 0, lowerQuorum: false });
    expect(readConfig([...argv(), '--lower-quorum'])).toMatchObject({ lowerQuorum: true });
    const again = ['--witness', `${w1}=https://w1.example`, `${witnessKey(1, 'alias')}=https://w2.example`];
    expect(() => readConfig([...argv(), ...again])).toThrow(/--witness: the same key is given twice/);
  });

  const BAD: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['a site that is no topic level', { '--site': 'a/b' }, /--site: a site is/],
    ['a port beyond the last', { '--http': '70000' }, /--http/],
    ['a broker that is no broker', { '--mqtt': 'carrier-pigeon' }, /--mqtt: give embedded/],
    [
      'an embedded port beyond the last',
      { '--mqtt': 'embedded:99999' },
      /--mqtt: embedded:99999 has no usable port/,
    ],
    ['a viewer open to the network in the clear', { '--host': '0.0.0.0' }, /--host: tokens and footage/],
    [
      'a policy service elsewhere in the clear',
      { '--policy': 'http://policy.example' },
      /--policy: the token/,
    ],
    [
      'a token file that is not there',
      { '--policy-token-file': join(dir, 'nowhere') },
      /--policy-token-file: cannot read/,
    ],
    ['a staging memory that no manifest fits into', { '--staging-mib': '7' }, /--staging-mib: .*8 MiB/],
    ['a quorum without witnesses', { '--quorum': '1' }, /--quorum: 1 of 0 witnesses can never be reached/],
    ['a quorum that is no number', { '--quorum': '-1' }, /--quorum/],
    ['a witness without an address', { '--witness': witnessKey(1) }, /--witness: .* is not VKEY=URL/],
    ['a witness that is no witness', { '--witness': 'w+0+AA==https://w' }, /--witness: .*name\+hash\+key/],
    ['a staging memory that is no number', { '--staging-mib': 'much' }, /--staging-mib/],
    ['a time daemon that it does not know', { '--time-sync': 'sundial' }, /--time-sync/],
    ['a chronyd that nobody asks', { '--chrony': '127.0.0.1:323' }, /--chrony: nobody asks/],
    [
      "another machine's chronyd",
      { '--time-sync': 'chrony', '--chrony': '10.0.0.1:323' },
      /not this machine/,
    ],
    ['a chronyd without a port', { '--time-sync': 'chrony', '--chrony': 'localhost' }, /--chrony: give/],
    [
      'a chronyd beyond the last port',
      { '--time-sync': 'chrony', '--chrony': '127.0.0.1:99999' },
      /--chrony: .*no usable port/,
    ],
    ['a line rate that is none', { '--baud': 'fast' }, /--baud/],
    [
      'a fastest rate below the first',
      { '--baud-max': '9600' },
      /--baud-max: 9600 is less than --baud 115200/,
    ],
  ];
  it.each(BAD)('refuse %s', (_name, change, message) => {
    expect(() => readConfig(argv(change))).toThrow(message);
  });

  it('leave the line rate to the camera up to a usual one, unless it is fixed', () => {
    expect(readConfig(argv())).toMatchObject({ baud: 115_200, baudMax: 921_600, rtsCts: false });
    expect(readConfig(argv({ '--baud': '3000000' })).baudMax).toBe(3_000_000);
    expect(readConfig([...argv({ '--baud-max': '115200' }), '--rtscts'])).toMatchObject({
      baudMax: 115_200,
      rtsCts: true,
    });
  });

  it('refuse a dock without a way in', () => {
    const rest = Object.entries(GOOD).filter(([flag]) => flag !== '--mqtt');
    expect(() => readConfig(rest.flat())).toThrow(/no way in/);
  });

  it('take a policy service elsewhere over TLS', () => {
    expect(readConfig(argv({ '--policy': 'https://policy.example' })).policy.url).toBe(
      'https://policy.example',
    );
  });
});

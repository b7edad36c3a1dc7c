import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, type WitnessConfig } from '../../../../dock/witness/config.ts';
import { nodeChecker } from '../../../../dock/witness/keys.ts';
import { formatCosignerVkey } from '../../../../proto/cosignature.ts';
import { formatVkey } from '../../../../proto/note.ts';
import { testKey } from '../../proto/fixture.ts';
import { logOf, ORIGIN, witnessFolder } from './rig.ts';

// Goal: a witness starts only with flags it can use, and says which one it cannot. Method: one good command line, one change.
const { sha256 } = nodeChecker;
const { vkey } = await logOf(0);
const GOOD: Readonly<Record<string, string>> = {
  '--data': 'data',
  '--name': 'witness.test/w1',
  '--logs': vkey,
};
const read = (change: Readonly<Record<string, string>> = {}): WitnessConfig =>
  readConfig(Object.entries({ ...GOOD, ...change }).flat(), sha256);

describe('flags of the witness', () => {
  it('are read into one shape', () => {
    expect(read()).toEqual({
      data: 'data',
      name: 'witness.test/w1',
      logs: new Map([[ORIGIN, [vkey]]]),
      host: '127.0.0.1',
      port: 8100,
      json: false,
    });
  });

  it('take files of keys, and two keys of one log', () => {
    const next = formatVkey(ORIGIN, testKey(4).publicKey, sha256);
    const other = formatVkey('holdfast.test/dock-2', testKey(5).publicKey, sha256);
    const path = join(witnessFolder(), 'logs');
    writeFileSync(path, `# the docks\n${vkey}\n\n${next}\n${other}\n`);
    expect(read({ '--logs': path }).logs).toEqual(
      new Map([
        [ORIGIN, [vkey, next]],
        ['holdfast.test/dock-2', [other]],
      ]),
    );
  });

  it.each([
    ['a name with a space', { '--name': 'w 1' }, /--name: a name has no white space/],
    ['a port beyond the last', { '--http': '70000' }, /--http/],
    ['a log that is neither file nor key', { '--logs': 'nowhere.vkey' }, /--logs: nowhere\.vkey is no file/],
    [
      'the key of a witness',
      { '--logs': formatCosignerVkey('w', testKey(6).publicKey, sha256) },
      /--logs: .*not an Ed25519 key of type 1/,
    ],
    ['a folder of keys', { '--logs': '.' }, /--logs: cannot read/],
  ])('are refused with %s', (_what, change, message) => {
    expect(() => read(change)).toThrow(message);
  });
});

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../../proto/custody-entry.ts';
import { isCameraId, isRecordingId } from '../../../proto/ids.ts';

const at = '2026-11-21T10:00:00.000001Z';
const digest = 'ab'.repeat(32);
const recording = '00112233445566778899aabbccddeeff';
const camera = 'cam-1';
if (!isRecordingId(recording) || !isCameraId(camera)) throw new Error('test ids are wrong');

const ENTRIES: readonly (readonly [string, CustodyEntry])[] = [
  [
    `enrolled/cam-1/${'A'.repeat(43)}=`,
    { type: 'device.enrolled', at, camera, publicKey: `${'A'.repeat(43)}=` },
  ],
  [
    `accepted/${recording}`,
    {
      type: 'accepted',
      at,
      recording,
      camera,
      counter: 1,
      previousRoot: '',
      manifest: digest,
      root: digest,
      bytes: 10,
      chunks: 1,
      stamps: digest,
      transport: 'serial',
      receivedAt: at,
      uncertaintyUs: 250,
      basis: 'local',
      officer: digest,
    },
  ],
  [
    `refused/${recording}/${digest}`,
    { type: 'refused', at, recording, camera, manifest: digest, reason: 'bad-manifest', bytes: 0 },
  ],
  [`erased/${recording}`, { type: 'erased', at, recording, camera }],
  [
    `released/${recording}/${digest}/${at}`,
    {
      type: 'released',
      at,
      recording,
      person: digest,
      grant: digest,
      regime: 'doj',
      policySet: digest,
      newestFact: 3,
    },
  ],
  [
    `withheld/${recording}/${digest}/${at}`,
    {
      type: 'withheld',
      at,
      recording,
      person: digest,
      reason: 'policy-unreachable',
      missing: [],
      regime: '',
    },
  ],
  [
    `revoked/${recording}/${digest}/${at}`,
    { type: 'revoked', at, recording, person: digest, reason: 'report-withdrawn' },
  ],
  [
    `granted/${digest}`,
    {
      type: 'granted',
      at,
      recording,
      person: digest,
      grant: digest,
      grantId: 'g-1',
      purpose: 'investigation',
      session: digest,
      keyThumbprint: 'abc',
    },
  ],
  [
    `denied/${recording}/${digest}/${at}`,
    { type: 'denied', at, recording, person: digest, purpose: 'investigation', reason: 'withheld', count: 2 },
  ],
  [`viewed/${recording}/${digest}`, { type: 'viewed', at, recording, person: digest, session: digest }],
];

describe('custody entries', () => {
  // Every type survives the ledger, under the key that makes it appear once.
  test.each(ENTRIES)('%s', (key, entry) => {
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    expect(entryKey(entry)).toBe(key);
  });

  // Sorted keys, no white space, version inside: the bytes that are hashed are fixed by the content alone.
  test('has one spelling', () => {
    const bytes = encodeEntry({ type: 'erased', recording, camera, at });
    expect(text(bytes)).toBe(
      `{"at":"${at}","camera":"cam-1","recording":"${recording}","type":"erased","v":1}`,
    );
  });

  // An older verifier must be able to walk past what a newer dock wrote.
  test('keeps an unknown type', () => {
    const bytes = utf8(`{"at":"${at}","by":[1,{"a":null}],"type":"paraded","v":1}`);
    expect(decodeEntry(bytes)).toEqual({
      type: 'unknown',
      named: 'paraded',
      at,
      fields: { by: [1, { a: null }] },
    });
  });

  // A repeated key reads differently in different parsers; white space and order would give two hashes.
  test.each([
    `{"at":"${at}","camera":"cam-1","camera":"cam-1","recording":"${recording}","type":"erased","v":1}`,
    `{"at":"${at}", "camera":"cam-1","recording":"${recording}","type":"erased","v":1}`,
    `{"camera":"cam-1","at":"${at}","recording":"${recording}","type":"erased","v":1}`,
    `{"at":"${at}","camera":"cam-1","recording":"${recording}","type":"erased","v":1.0}`,
  ])('refuses another spelling: %s', (json) => {
    expect(() => decodeEntry(utf8(json))).toThrow(expect.objectContaining({ code: 'BAD_ENTRY' }));
  });

  // Wrong in shape or range: refused when read, and also before it is ever written.
  test.each([
    ['no JSON', 'x'],
    ['an array', '[]'],
    ['another version', `{"at":"${at}","camera":"cam-1","recording":"${recording}","type":"erased","v":2}`],
    ['no type', `{"at":"${at}","v":1}`],
    ['a bad time', `{"at":"today","camera":"cam-1","recording":"${recording}","type":"erased","v":1}`],
    ['a bad camera', `{"at":"${at}","camera":"../x","recording":"${recording}","type":"erased","v":1}`],
    ['a missing field', `{"at":"${at}","camera":"cam-1","type":"erased","v":1}`],
  ])('refuses %s', (_name, json) => {
    expect(() => decodeEntry(utf8(json))).toThrow(expect.objectContaining({ code: 'BAD_ENTRY' }));
  });

  // A tile entry has a 16-bit length; a statement that does not fit must not be half written.
  test('refuses to encode what is out of range', () => {
    const [, denied] = ENTRIES.find(([, entry]) => entry.type === 'denied') ?? [];
    if (denied?.type !== 'denied') throw new Error('no denied entry among the samples');
    expect(() => encodeEntry({ ...denied, count: -1 })).toThrow(
      expect.objectContaining({ code: 'BAD_ENTRY' }),
    );
    expect(() => encodeEntry({ ...denied, reason: 'has a space' })).toThrow(
      expect.objectContaining({ code: 'BAD_ENTRY' }),
    );
  });
});

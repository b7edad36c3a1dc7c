import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { peer } from '../../peer.ts';

describe('peer', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-peer-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  // Goal: only something that can be run counts. Method: one executable and one plain file in a folder.
  it('finds an executable and ignores a file that is not one', () => {
    writeFileSync(join(folder, 'protoc'), '#!/bin/sh\n');
    writeFileSync(join(folder, 'socat'), 'notes');
    chmodSync(join(folder, 'protoc'), 0o755);
    expect(peer('protoc', { folders: [folder], noSkip: false })).toBe(join(folder, 'protoc'));
    expect(peer('socat', { folders: [folder], noSkip: false })).toBeUndefined();
  });

  // Goal: in CI nothing is skipped in silence. Method: ask for a program that is not there, skipping forbidden.
  it('throws with what to install where skipping is forbidden', () => {
    expect(() => peer('protoc', { folders: [folder], noSkip: true })).toThrow(
      'apt-get install protobuf-compiler',
    );
  });
});

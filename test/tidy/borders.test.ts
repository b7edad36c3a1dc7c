import { describe, expect, it } from 'vitest';
import { borders } from './borders.ts';
import { parse } from './source.ts';

const judge = (path: string, text: string): readonly string[] =>
  borders([parse(path, text)]).map(({ message }) => message);
const importing = (specifier: string): string => `import { thing } from '${specifier}';\n`;

describe('borders', () => {
  // Goal: every wall of the style guide stands. Method: plant one import through each wall and see it found.
  it.each([
    ['proto/frame.ts', '../device/ports.ts'],
    ['proto/frame.ts', '../dock/ports.ts'],
    ['device/upload/step.ts', '../../dock/ingest/step.ts'],
    ['dock/ingest/step.ts', '../../device/upload/step.ts'],
    ['dock/main.ts', '../sim/demo/main.ts'],
    ['device/main.ts', '../test/peer.ts'],
    ['sim/rig/wire.ts', '../../test/peer.ts'],
    ['dock/main.ts', './policy/main.ts'],
    ['dock/authzen/ask.ts', '../policy/custodian/grant.ts'],
    ['dock/policy/main.ts', '../ports.ts'],
    ['dock/policy/http/routes.ts', '../../viewer/routes.ts'],
    ['dock/policy/facts/store.ts', '../../store/index-db.ts'],
    ['device/link/serial.ts', '../flash/folder.ts'],
    ['device/link/serial.ts', '../upload/step.ts'],
    ['device/link/serial.ts', '../config.ts'],
    ['device/upload/step.ts', '../link/serial.ts'],
    ['device/upload/step.ts', '../main.ts'],
    ['dock/ledger/log.ts', '../store/files.ts'],
    ['dock/ingest/accept.ts', '../ledger/log.ts'],
    ['dock/release/decide.ts', '../authzen/ask.ts'],
    ['dock/viewer/routes.ts', './page/main.ts'],
    ['dock/viewer/page/main.ts', '../routes.ts'],
    ['dock/ports.ts', './ingest/step.ts'],
    ['bin/holdfast.ts', '../dock/main.ts'],
  ])('finds %s importing %s', (path, specifier) => {
    expect(judge(path, importing(specifier))).toHaveLength(1);
  });

  // Goal: the walls have the doors they need. Method: the imports the style guide's road of a chunk is made of.
  it.each([
    ['proto/frame.ts', './crc32c.ts'],
    ['device/capture/recorder.ts', '../seal/seal.ts'],
    ['device/upload/driver.ts', '../ports.ts'],
    ['device/link/serial.ts', '../../proto/frame.ts'],
    ['device/main.ts', './link/serial.ts'],
    ['dock/ingest/step.ts', '../../proto/messages.ts'],
    ['dock/policy/main.ts', '../ledger/log.ts'],
    ['dock/policy/http/routes.ts', '../decide/evaluate.ts'],
    ['dock/viewer/page/player.ts', '../../../proto/merkle.ts'],
    ['sim/demo/main.ts', '../../dock/policy/main.ts'],
    ['test/unit/dock/ledger/log.test.ts', '../../../../dock/ledger/log.ts'],
  ])('lets %s import %s', (path, specifier) => {
    expect(judge(path, importing(specifier))).toEqual([]);
  });

  // Goal: no way of writing an import escapes. Method: the same crossing as a type, a re-export, an import() and an import type.
  it.each([
    `import type { A } from '../../dock/ports.ts';`,
    `export { a } from '../../dock/ports.ts';`,
    `export * from '../../dock/ports.ts';`,
    `const later = import('../../dock/ports.ts');`,
    `type A = import('../../dock/ports.ts').A;`,
    `import '../../dock/ports.ts';`,
    `const ports = require('../../dock/ports.ts');`,
    `const path = import.meta.resolve('../../dock/ports.ts');`,
  ])('finds %s', (text) => {
    expect(judge('device/seal/seal.ts', text)).toEqual(['device/seal may not import dock/ports.ts']);
  });

  // Goal: the page knows the dock's answers by their types, and no schema, nor zod, goes to a browser.
  it('lets the page have the types of answers and nothing else of the dock', () => {
    const judged = (text: string): readonly string[] => judge('dock/viewer/page/api.ts', text);
    expect(judged(`import type { Row } from '../schema/recordings.ts';`)).toEqual([]);
    expect(judged(`export type { Row } from '../schema/recordings.ts';`)).toEqual([]);
    expect(judged(`import { row } from '../schema/recordings.ts';`)).toHaveLength(1);
    expect(judged(`export * from '../schema/recordings.ts';`)).toHaveLength(1);
    expect(judged(`import type { ViewerPorts } from '../server.ts';`)).toHaveLength(1);
    expect(judged(`import type { z } from 'zod';`)).toHaveLength(1);
  });

  // Goal: the command loads a program only when it is asked for. Method: a lazy import of a main and of an inner file.
  it('lets the command load mains lazily and nothing else', () => {
    expect(judge('bin/command.ts', `const dock = () => import('../dock/main.ts');`)).toEqual([]);
    expect(judge('bin/command.ts', `const step = () => import('../dock/ingest/step.ts');`)).toHaveLength(1);
  });

  // Goal: a library is used in one folder, so that it can be replaced there. Method: each import away from home.
  it.each([
    ['dock/ingest/step.ts', 'libsql'],
    ['dock/link/serial.ts', 'fastify'],
    ['device/upload/step.ts', 'mqtt'],
    ['dock/viewer/page/main.ts', 'fastify'],
    ['dock/policy/http/routes.ts', '@cedar-policy/cedar-wasm/nodejs'],
    ['device/seal/seal.ts', 'mediabunny'],
    ['dock/store/files.ts', 'left-pad'],
  ])('finds %s importing %s', (path, specifier) => {
    expect(judge(path, importing(specifier))).toHaveLength(1);
  });

  // Goal: libraries may live where the style guide puts them. Method: one import at home each.
  it.each([
    ['dock/ledger/log.ts', 'libsql'],
    ['dock/policy/decide/evaluate.ts', '@cedar-policy/cedar-wasm/nodejs'],
    ['dock/policy/http/routes.ts', 'zod'],
    ['dock/viewer/page/sign-in.ts', 'jose'],
    ['proto/codec.ts', 'protobufjs/minimal.js'],
    ['test/contract/link.test.ts', 'serialport'],
  ])('lets %s import %s', (path, specifier) => {
    expect(judge(path, importing(specifier))).toEqual([]);
  });

  // Goal: proto and the page run in a browser. Method: a Node builtin in each.
  it.each(['proto/merkle.ts', 'dock/viewer/page/player.ts'])('finds a node: import in %s', (path) => {
    expect(judge(path, importing('node:crypto'))).toHaveLength(1);
  });
});

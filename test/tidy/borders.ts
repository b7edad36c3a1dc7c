import { posix } from 'node:path';
import type { Finding, Reference, Source } from './source.ts';

const CORE: Readonly<Record<string, readonly string[]>> = {
  device: ['capture', 'firmware', 'seal', 'vault', 'upload'],
  dock: ['ingest', 'release', 'viewer', 'keep', 'package'],
};
const ADAPTERS: Readonly<Record<string, readonly string[]>> = {
  device: ['link', 'flash', 'clock', 'console', 'keys', 'battery', 'radio'],
  dock: ['link', 'store', 'ledger', 'authzen', 'clock', 'keys'],
};

/** Files in which a program meets the person who starts it. */
const ENTRANCE = /(^|\/)(main|config|enrol|[a-z]+(-[a-z]+)*-main)\.ts$/;
const PAGE = 'dock/viewer/page/';

/** The one home of each library that our programs use; test/ and the configuration at the top may use any. */
const HOMES: Readonly<Record<string, RegExp>> = {
  '@cedar-policy/cedar-wasm': /^dock\/policy\/decide\//,
  '@fastify/static': /^dock\/(viewer|policy\/http)\/(?!page\/)/,
  '@fastify/swagger': /^dock\/(viewer|policy\/http)\/(?!page\/)/,
  '@fastify/swagger-ui': /^dock\/(viewer|policy\/http)\/(?!page\/)/,
  '@hpke/core': /^(device|dock)\/keys\/|^dock\/(policy\/(custodian|recovery)|viewer\/page)\/|^sim\/rig\//,
  '@lydell/node-pty': /^sim\//,
  '@node-rs/crc32': /^dock\/link\//,
  '@noble/curves': /^dock\/viewer\/page\//,
  '@noble/hashes': /^dock\/viewer\/page\//,
  '@tus/file-store': /^sim\/bench\/upload\/tus-server\.ts$/,
  '@tus/server': /^sim\/bench\/upload\/tus-server\.ts$/,
  aedes: /^dock\/link\/|^sim\/bench\/upload\/naive-server\.ts$/,
  commander: /(^|\/)(main|config|enrol|[a-z]+(-[a-z]+)*-main)\.ts$|^sim\/demo\//,
  fastify: /^dock\/(viewer|policy\/http|witness|keep)\/(?!page\/)/,
  'fastify-type-provider-zod': /^dock\/(viewer|policy\/http)\/(?!page\/)/,
  'h264-mp4-encoder': /^device\/capture\//,
  'hdr-histogram-js': /^sim\/fleet\/measure\//,
  jose: /^(device|dock)\/keys\/|^dock\/(authzen|policy\/custodian|viewer\/page)\/|^sim\/rig\//,
  libsql: /^dock\/(store|ledger|policy\/facts)\/|^dock\/witness\/folder\.ts$/,
  mediabunny: /^device\/capture\//,
  mqtt: /^(device|dock)\/link\/|^sim\/rig\//,
  'node-cron': /^dock\/clock\//,
  'openid-client': /^dock\/policy\/custodian\//,
  pino: /(^|\/)(main|config)\.ts$|^dock\/[a-z-]+\.ts$/,
  'playwright-core': /^sim\/bench\/view-/,
  preact: /^dock\/viewer\/page\//,
  protobufjs: /^proto\//,
  serialport: /^(device|dock)\/link\/|^sim\/rig\//,
  yauzl: /^dock\/package\//,
  yazl: /^dock\/package\//,
  yaml: /^sim\/scenario\//,
  vite: /^bin\/pack\.mjs$/,
  zod: /(^|\/)config\.ts$|^dock\/(viewer|policy\/http)\/(?!page\/)|^sim\/scenario\//,
};

/** Who may import whom: programs, rooms inside a program, and libraries in their one home. */
export function borders(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) =>
    source.references
      .map((reference) => ({ reference, message: judge(source.path, reference) }))
      .filter((one): one is { reference: Reference; message: string } => one.message !== undefined)
      .map(({ reference, message }) => ({ path: source.path, line: reference.line, message })),
  );
}

/** Name of the package in an import specifier: `@scope/name/sub` is `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** What the reference points at, relative to the root; undefined for a package or a builtin. */
export function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

function judge(path: string, reference: Reference): string | undefined {
  const { specifier } = reference;
  const target = targetOf(path, specifier);
  if (target === undefined) return judgeLibrary(path, specifier);
  if (reference.kind === 'url') return undefined;
  if (isOutside(path) || mayImport(path, target, reference)) return undefined;
  return `${roomOf(path)} may not import ${target}`;
}

/** Tests and the tools' configuration at the top see everything. */
function isOutside(path: string): boolean {
  return path.startsWith('test/') || !path.includes('/');
}

function judgeLibrary(path: string, specifier: string): string | undefined {
  const runsInBrowser = path.startsWith('proto/') || path.startsWith(PAGE);
  if (specifier.startsWith('node:')) {
    return runsInBrowser ? `${roomOf(path)} runs in a browser and may not import ${specifier}` : undefined;
  }
  if (isOutside(path)) return undefined;
  const home = HOMES[packageOf(specifier)];
  if (home === undefined) return `${packageOf(specifier)} has no home: give it one in test/tidy/borders.ts`;
  return home.test(path) ? undefined : `${packageOf(specifier)} does not live in ${roomOf(path)}`;
}

function mayImport(path: string, target: string, reference: Reference): boolean {
  const inside = (...folders: readonly string[]): boolean =>
    folders.some((folder) => target.startsWith(`${folder}/`));
  const [top = ''] = path.split('/');
  if (top === 'proto') return inside('proto');
  if (inside('proto')) return true;
  if (top === 'bin') return inside('bin') || (reference.kind === 'dynamic' && ENTRANCE.test(target));
  if (top === 'sim') return inside('device', 'dock', 'sim');
  if (path.startsWith('dock/policy/')) return inside('dock/policy', 'dock/ledger');
  if (path.startsWith('dock/witness/')) return inside('dock/witness');
  // A package is checked by the same code as a dock's folder.
  if (path.startsWith('dock/package/') && inside('dock/ledger/verify')) return true;
  // What the routes answer is one set of types; nothing of zod itself goes to a browser.
  if (path.startsWith(PAGE))
    return inside('dock/viewer/page') || (reference.typeOnly && inside('dock/viewer/schema'));
  return inside(top) && !inside('dock/policy', 'dock/witness') && mayImportRoom(path, target, top);
}

/** Inside one program: main wires everything, core sees core and ports, an adapter sees itself and ports. */
function mayImportRoom(path: string, target: string, program: string): boolean {
  if (target === `${program}/ports.ts`) return true;
  const room = path.split('/').length > 2 ? (path.split('/')[1] ?? '') : undefined;
  const targetRoom = target.split('/').length > 2 ? target.split('/')[1] : undefined;
  if (room === undefined) return path !== `${program}/ports.ts`;
  if (room === targetRoom) return !target.startsWith(PAGE);
  if (ADAPTERS[program]?.includes(room)) return false;
  return CORE[program]?.includes(targetRoom ?? '') ?? false;
}

function roomOf(path: string): string {
  return posix.dirname(path) === '.' ? path : posix.dirname(path);
}

import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Chance } from '../../../sim/fault/chance.ts';

/** One of them. */
export function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[chance.below(items.length)];
  if (item === undefined) throw new RangeError('there is nothing to pick from');
  return item;
}

const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const full = (text: string): string =>
  text.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

/** Ways to write the id of a recording in an address; some of them are the same id, and most are none. */
export const ID_FORMS: Readonly<Record<string, (id: string, chance: Chance) => string>> = {
  'as it is': (id) => id,
  'percent-encoded': (id) => percent(id),
  'partly encoded': (id) => percent(id.slice(0, 5)) + id.slice(5),
  'encoded twice': (id) => percent(id).replaceAll('%', '%25'),
  'in capitals': (id) => id.toUpperCase(),
  'cut short': (id, chance) => id.slice(0, chance.below(31) + 1),
  'with a digit more': (id, chance) => id + chance.below(10),
  'NUL behind': (id) => `${id}%00`,
  'NUL before': (id) => `%00${id}`,
  'blank behind': (id) => `${id}%20`,
  'line behind': (id) => `${id}%0a`,
  'slash behind': (id) => `${id}/`,
  'encoded slash behind': (id) => `${id}%2f`,
  'dot behind': (id) => `${id}/.`,
  'as a file': (id) => `${id}.mp4`,
  'as a path': (id) => `..%2frecordings%2f${id}`,
  'as a real path': (id) => `../recordings/${id}`,
  'with a matrix parameter': (id) => `${id};a=b`,
  'in wide digits': (id) => encodeURIComponent(full(id)),
  'with a joiner': (id) => `${id.slice(0, 16)}%e2%80%8d${id.slice(16)}`,
  'broken UTF-8': (id) => `${id}%c0%80`,
  'broken escape': (id) => `${id}%zz`,
  'over-long': (id, chance) => id.repeat(2 + chance.below(200)),
  'in braces': (id) => `%7b${id}%7d`,
  'as a pattern': (id) => `${id.slice(0, 8)}*`,
  'two of them': (id) => `${id},${id}`,
};

/** Ways to write the index of a chunk. */
export function indexForm(chance: Chance): string {
  const n = chance.below(6);
  if (chance.happens(0.3)) return String(n);
  return pick(chance, [
    ...[
      String(n),
      `-${n}`,
      `+${n}`,
      `0${n}`,
      `0x${n}`,
      `${n}e0`,
      `${n}.0`,
      `${n}.5`,
      `${n}%00`,
      `%20${n}`,
      `${n}%20`,
    ],
    ...[`${n}n`, `${n}_`, `${n},1`, `${n}-${n + 1}`, percent(String(n)), encodeURIComponent(full(String(n)))],
    ...['', 'NaN', 'Infinity', '-0', '*', '99999', '100000', '4294967296', '9007199254740993', '1e400'],
    ...[
      `${n}/..`,
      `${n}%2f..`,
      `..%2fchunks%2f${n}`,
      `${n}?i=0`,
      `${n};i=0`,
      `[${n}]`,
      String(chance.uint32()),
    ],
  ]);
}

/** Ranges that a server may hear; this one hears none. */
export function rangeForm(chance: Chance): string {
  const n = chance.below(100_000);
  return pick(chance, [
    `bytes=0-`,
    `bytes=${n}-`,
    `bytes=-${n}`,
    `bytes=0-0,5-9`,
    `bytes=${n}-0`,
    `chunks=0-9`,
    'bytes=a-b',
    `bytes=0-${'9'.repeat(30)}`,
  ]);
}

export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'QUERY',
  'LOCK',
  'MKCOL',
  'REPORT',
] as const;

const ROOTS = [
  '/',
  '/assets/',
  '/ledger/',
  '/ledger/tile/',
  '/ledger/tile/0/',
  '/ledger/tile/entries/',
  '/docs/',
  '/docs/static/',
  '/v1/',
  '/v1/ledger/',
  '/v1/ledger/tile/',
  '/v1/recordings/',
];
const UPS = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '..\\',
  '..%5c',
  '..%255c',
  '....//',
  '..;/',
  '..%00/',
  './../',
  '//../',
  '%c0%ae%c0%ae/',
  '..%u2215',
  '%uff0e%uff0e/',
  '..%ef%bc%8f',
  '. ./',
];
const PREFIXES = [
  '',
  '/',
  '//',
  'C:/',
  'C:%5c',
  '//127.0.0.1/c$/',
  'file:///',
  '%00',
  '~/',
  '.%00',
  'CON/',
  '::$DATA/',
];
const SUFFIXES = ['', '%00', '%00.js', '?', '.js', '/', '/.', '%20', '::$DATA', '.gz', '.br', '.'];

/** What attackers look for everywhere. */
export const FILES: readonly string[] = [
  'etc/passwd',
  'proc/self/environ',
  '.env',
  '.git/config',
  'package.json',
  'dist/bin/start.cjs',
  'log.db',
  'index.html',
  'windows/win.ini',
];

/** Every file of the two programs that is not public, as it is reached from their folders and from the top. */
export function filesOf({ folder }: { readonly folder: string }): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const all = files.map((one) => relative(folder, join(one.parentPath, one.name)));
  // A ledger is for everybody.
  const paths = all.filter((name) => !/\/ledger\/(tile\/|checkpoint$|vkey$)/.test(name));
  return paths.flatMap((name) => [name, name.replace(/^[^/]+\//, ''), `${folder.slice(1)}/${name}`]);
}

/**
 * The path of a request that wants one of these files, or what a folder keeps out of sight. Roots and ways up come in turn, so that each
 * pair is there; the rest is drawn, the plain way most often.
 */
export function pathForm(turn: number, chance: Chance, files: readonly string[]): string {
  const root = ROOTS[turn % ROOTS.length] ?? '/';
  const up = UPS[Math.floor(turn / ROOTS.length) % UPS.length] ?? '../';
  const depth = 1 + (Math.floor(turn / ROOTS.length / UPS.length) % DEPTHS);
  if (chance.happens(0.25)) return root + up.repeat(depth) + WORKING_FILE;
  const again = chance.happens(0.2) ? pick(chance, UPS) : up;
  const ups = again + up.repeat(chance.happens(0.8) ? depth - 1 : chance.below(9));
  const file = pick(chance, chance.happens(0.5) ? FILES : files);
  const way = chance.happens(0.2) ? file.replaceAll('/', pick(chance, ['%2f', '\\', '%5c', '//'])) : file;
  const origin = chance.happens(0.9)
    ? ''
    : pick(chance, ['http://127.0.0.1', 'http://evil.example', 'file://']);
  const prefix = chance.happens(0.7) ? '' : pick(chance, PREFIXES);
  const suffix = chance.happens(0.7) ? '' : pick(chance, SUFFIXES);
  return origin + root + prefix + (chance.happens(0.9) ? ups : '') + way + suffix;
}

const DEPTHS = 3;
/** It lies beside the ledger's public files. */
const WORKING_FILE = 'log.db';
/** As many turns as there are ways up, each from every root and up to three times. */
export const PATH_TURNS = ROOTS.length * UPS.length * DEPTHS;

/** Two requests in one, as one server reads it, and one as another does. Each has to be refused and its connection closed. */
export function smuggled(second: string): Readonly<Record<string, string>> {
  const post = (headers: readonly string[], body: string): string =>
    `POST /v1/recordings HTTP/1.1\r\nHost: dock\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
  const all = `Content-Length: ${second.length + 5}`;
  const chunked = 'Transfer-Encoding: chunked';
  return {
    'a length and chunks': post([all, chunked], `0\r\n\r\n${second}`),
    'chunks and a length': post([chunked, 'Content-Length: 5'], `0\r\n\r\n${second}`),
    'two lengths': post(['Content-Length: 0', all], second),
    'two lengths in one': post(['Content-Length: 0, 5'], second),
    'a length with a sign': post(['Content-Length: +5'], second),
    'a length in hex': post(['Content-Length: 0x5'], second),
    'chunks spelt otherwise': post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${second}`),
    'chunks and more': post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${second}`),
    'a blank before the colon': post(['Transfer-Encoding : chunked', all], `0\r\n\r\n${second}`),
    'a header folded': post(
      ['X: y', ' Transfer-Encoding: chunked', 'Transfer-Encoding:', '\tchunked', all],
      second,
    ),
    'a NUL in a header': post(['X: a\0b', 'Content-Length: 0'], second),
    'a bare CR in a header': post([`X: a\rTransfer-Encoding: chunked`, 'Content-Length: 0'], second),
    'a chunk of no size': post([chunked], `g\r\n\r\n${second}`),
    'a chunk of a negative size': post([chunked], `-1\r\n\r\n${second}`),
    'no HTTP': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${second}`,
    'a version to come': `GET /v1/recordings HTTP/9.9\r\nHost: dock\r\n\r\n${second}`,
    'a blank in the target': `GET /v1/recordings /x HTTP/1.1\r\nHost: dock\r\n\r\n${second}`,
    'no host': `GET /v1/recordings HTTP/1.1\r\n\r\n${second}`,
  };
}

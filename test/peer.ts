import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian package that ships each program we test against. */
const PACKAGE: Readonly<Record<string, string>> = {
  chromium: 'chromium',
  chronyc: 'chrony',
  chronyd: 'chrony',
  faketime: 'faketime',
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  go: 'golang-go golang-golang-x-mod-dev',
  mosquitto: 'mosquitto',
  openssl: 'openssl',
  protoc: 'protobuf-compiler',
  python3: 'python3 python3-cryptography',
  socat: 'socat',
  unzip: 'unzip',
};

/** System folders are searched as well as PATH: Debian keeps daemons in /usr/sbin, which a user's PATH may lack. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** Where to look and whether a missing program may be skipped; passed in by the test of this file alone. */
export interface PeerSearch {
  readonly folders?: readonly string[];
  readonly noSkip?: boolean;
}

/**
 * Path of a system program a test plays against, or undefined when this machine does not have it, so that
 * the test can say `describe.skipIf(!mosquitto)`. Where skipping is forbidden (HOLDFAST_NO_SKIP=1, as in CI)
 * a missing program throws and the error says what to install.
 */
export function peer(name: string, search: PeerSearch = {}): string | undefined {
  const folders = search.folders ?? [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  const found = folders.filter((folder) => folder !== '').map((folder) => join(folder, name));
  const path = found.find(isExecutable);
  if (path !== undefined) return path;
  if (search.noSkip ?? skippingForbidden()) {
    throw new Error(
      `${name} is not installed and skipping is forbidden: apt-get install ${PACKAGE[name] ?? name}`,
    );
  }
  return undefined;
}

/** HOLDFAST_NO_SKIP=1: a test that cannot run is a failure, not a skip. */
export function skippingForbidden(): boolean {
  return process.env['HOLDFAST_NO_SKIP'] === '1';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

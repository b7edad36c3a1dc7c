import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustedDock } from '../../device/ports.ts';
import { FieldError } from '../../proto/errors.ts';
import { type Identity, parseIdentity } from '../../proto/identity.ts';
import type { CrewMember } from './engine/crew.ts';
import type { LoadDock } from './run.ts';

/** A crew or an address that no run can be made of; the message says what to do. */
export class CrewError extends FieldError<'CREW'> {}

export interface GivenDockPlan {
  /** `mqtt://HOST:PORT` of its broker. */
  readonly url: string;
  readonly site: string;
  /** What `holdfast enrol test-cameras` made. */
  readonly crewDir: string;
  /** How many of the crew take part; all when absent. */
  readonly cameras?: number | undefined;
  /** Of the dock, where it runs on this machine: its use of processor and memory is looked at from outside. */
  readonly pid?: number | undefined;
}

/** A dock that was there before the run and stays. Only its test cameras take part. Throws CrewError. */
export function givenDock({ url, site, crewDir, cameras, pid }: GivenDockPlan): LoadDock {
  const folders = (existsSync(crewDir) ? readdirSync(crewDir) : [])
    .filter((name) => existsSync(join(crewDir, name, 'camera.json')))
    .toSorted()
    .map((name) => join(crewDir, name));
  if (folders.length === 0)
    throw bad(`${crewDir} has no cameras: make them with "holdfast enrol test-cameras --out ${crewDir}"`);
  if (cameras !== undefined && cameras > folders.length)
    throw bad(
      `${crewDir} has ${folders.length} cameras and --cameras asks for ${cameras}: enrol more, or ask for fewer`,
    );
  const crew = folders.slice(0, cameras).map(memberOf);
  const trusted = trustedOf(folders[0] ?? '');
  return { kind: 'given', url, site, trusted, crew, ...(pid === undefined ? {} : { pid }) };
}

function memberOf(folder: string): CrewMember {
  const identity = read(join(folder, 'camera.json'));
  const key = createPrivateKey(readFileSync(join(folder, 'camera.key.pem'), 'utf8'));
  return { cameraId: identity.id, key: new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })) };
}

function trustedOf(folder: string): TrustedDock {
  const names = readdirSync(join(folder, 'docks')).filter((name) => name.endsWith('.json'));
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw bad(`${folder} trusts ${names.length} docks; a run is for one of them`);
  const dock = read(join(folder, 'docks', name));
  if (dock.kind !== 'dock') throw bad(`${join(folder, 'docks', name)} is no dock's identity`);
  return { dockId: dock.id, publicKey: dock.publicKey, ledgerVkey: dock.ledger };
}

function read(path: string): Identity {
  return parseIdentity(readFileSync(path, 'utf8'));
}

function bad(message: string): CrewError {
  return new CrewError('CREW', message, { retry: 'never' });
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIdentity, parseIdentity } from '../../proto/identity.ts';
import type { Program } from '../rig/program.ts';
import { Site } from '../rig/site.ts';
import { type CrewMember, identityOf, makeCrew } from './engine/crew.ts';
import type { LoadDock } from './run.ts';

const SITE = 'load';
const DOCK = 'dock-load';

export interface OwnDockPlan {
  readonly cameras: number;
  /** Serial bays, by the paths of their ports; without them it has a broker. */
  readonly serial?: readonly string[] | undefined;
  /** Where the dock keeps its data; a temporary folder when absent. It is removed with the dock. */
  readonly dir?: string | undefined;
  /** Further flags of `holdfast dock`. */
  readonly dockArgs?: readonly string[];
  /** Another launcher of the dock. */
  readonly command?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** A dock and a policy service of this run alone, with their cameras enrolled; all of it ends with the run. */
export interface OwnDock extends LoadDock {
  readonly kind: 'own';
  readonly dock: Program;
  readonly dataDir: string;
  /** Ends both programs; removes the folder. */
  close(): Promise<void>;
}

export async function startOwnDock(plan: OwnDockPlan): Promise<OwnDock> {
  const dir = mkdtempSync(join(plan.dir ?? tmpdir(), 'holdfast-load-'));
  const programs: Program[] = [];
  const started = (program: Program): void => void programs.push(program);
  const close = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const site = await Site.prepare({
      ...{ dir, dockId: DOCK, site: SITE, cameras: [], unsealed: true, password: 'nobody signs in here' },
      people: [{ id: 'load', name: 'Load test', roles: ['officer'] }],
    });
    const dataDir = site.dockDir(DOCK);
    const crew = makeCrew(plan.cameras);
    enrol(crew, join(dataDir, 'enrolled'));
    const policy = await site.startPolicy({ regime: 'doj', started });
    const { program, mqtt } = await site.startDock({
      ...{
        ...(plan.serial === undefined ? { mqtt: 'embedded:0' } : { serial: plan.serial }),
        policyUrl: policy.url,
        args: ['--stats', '1', ...(plan.dockArgs ?? [])],
        started,
      },
      ...(plan.command === undefined ? {} : { command: plan.command }),
      ...(plan.env === undefined ? {} : { env: plan.env }),
    });
    if (mqtt === undefined && plan.serial === undefined) throw new TypeError('the dock has no broker');
    const trusted = trustedDock(join(dataDir, 'keys/dock.json'));
    return { kind: 'own', dock: program, url: mqtt ?? '', site: SITE, trusted, crew, dataDir, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As `holdfast enrol` does, but all at once: what is thrown away with the run need not survive a pulled plug. */
function enrol(crew: readonly CrewMember[], registry: string): void {
  mkdirSync(registry, { recursive: true });
  for (const member of crew)
    writeFileSync(join(registry, `${member.cameraId}.json`), formatIdentity(identityOf(member)));
}

function trustedDock(path: string): LoadDock['trusted'] {
  const identity = parseIdentity(readFileSync(path, 'utf8'));
  if (identity.kind !== 'dock') throw new TypeError(`${path} is the identity of a ${identity.kind}`);
  return { dockId: identity.id, publicKey: identity.publicKey, ledgerVkey: identity.ledger };
}

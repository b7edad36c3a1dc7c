/** Who and what appears in the demo's story. Ids and names are invented. */

export interface Role {
  readonly camera: string;
  readonly transport: 'serial' | 'mqtt';
  readonly officer: string;
  readonly incident: string;
  readonly force: 'none' | 'non_deadly' | 'deadly';
  readonly title: string;
}

/** One camera on a serial line, two on MQTT; one incident of each force class. */
export const CAST: readonly Role[] = [
  {
    camera: 'cam-1',
    transport: 'serial',
    officer: '4411',
    incident: '26-118840',
    force: 'none',
    title: 'welfare check, no force',
  },
  {
    camera: 'cam-2',
    transport: 'mqtt',
    officer: '4412',
    incident: '26-118841',
    force: 'non_deadly',
    title: 'arrest, non-deadly force',
  },
  {
    camera: 'cam-3',
    transport: 'mqtt',
    officer: '4413',
    incident: '26-118842',
    force: 'deadly',
    title: 'shooting, deadly force',
  },
];

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export const SERGEANT = '2207';
export const CHIEF = '0001';

export const PEOPLE: readonly Person[] = [
  { id: '4411', name: 'Officer Ada Reyes', roles: ['officer'] },
  { id: '4412', name: 'Officer Ben Ito', roles: ['officer'] },
  { id: '4413', name: 'Officer Cleo Marsh', roles: ['officer'] },
  { id: SERGEANT, name: 'Sergeant Dana Wolfe', roles: ['supervisor'] },
  { id: CHIEF, name: 'Chief Evan Stone', roles: ['chief'] },
];

/** Everybody's password in the demo, and only there. */
export const PASSWORD = 'holdfast-demo';

export const SITE = 'demo';
export const DOCK = 'dock-1';

/** What one role must live through for the story to be right. */
export interface Expected {
  readonly heldBeforeReport: boolean;
  readonly releasedAfterReport: boolean;
  readonly releasedAfterAuthorisation?: boolean;
}

/** By regime and force; the policy service decides, this only says what a correct one must have decided. */
export const EXPECTED: Readonly<Record<string, Readonly<Record<Role['force'], Expected>>>> = {
  doj: {
    none: { heldBeforeReport: true, releasedAfterReport: true },
    non_deadly: { heldBeforeReport: true, releasedAfterReport: true },
    deadly: { heldBeforeReport: true, releasedAfterReport: true },
  },
  city: {
    none: { heldBeforeReport: false, releasedAfterReport: true },
    non_deadly: { heldBeforeReport: true, releasedAfterReport: true },
    deadly: { heldBeforeReport: true, releasedAfterReport: false, releasedAfterAuthorisation: true },
  },
};

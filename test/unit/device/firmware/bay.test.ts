import { expect, it } from 'vitest';
import { openBattery } from '../../../../device/battery/battery.ts';
import { Bay } from '../../../../device/firmware/bay.ts';
import type { Outcome } from '../../../../device/firmware/body-ports.ts';
import { step } from '../../../../device/firmware/machine.ts';
import {
  FIRMWARE_START,
  type FirmwareEvent,
  type FirmwareState,
  kindOf,
} from '../../../../device/firmware/state.ts';
import type { DockTime } from '../../../../device/ports.ts';
import { LinkError } from '../../../../proto/errors.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryTickets } from '../../../../sim/fault/memory-tickets.ts';
import { MemoryVault } from '../../../../sim/fault/memory-vault.ts';
import { settle } from './body-rig.ts';

const SETTING = { postEventMs: 0, recordingMsMax: 1000, whenFull: 'stop', tag: '' } as const;
const TIME: DockTime = { wallLessMonoUs: 7, boundUs: 1 };

// Goal: what a dock says is answered after its time is kept, in its order, and nothing of it is lost. Method: the machine behind a bay whose
// clock is kept only when the test says so; everything that a dock says in one visit comes before that.
it('sets the clock first', async () => {
  let kept: (isSet: boolean) => void = () => undefined;
  const told: (DockTime | undefined)[] = [];
  let state: FirmwareState = FIRMWARE_START;
  const seen: string[] = [];
  const ask = async (event: FirmwareEvent): Promise<Outcome> => {
    const [next, effects] = step(state, event, SETTING);
    state = next;
    seen.push(kindOf(state.mode));
    for (const effect of effects) if (effect.effect === 'sync-clock') await bay.syncClock(effect.time);
    return { came: 'done' };
  };
  const clock = new ManualClock();
  const bay = new Bay({
    ...{ clock, vault: new MemoryVault([]), battery: openBattery(clock, { percent: 50 }) },
    memory: { interrupted: async () => 0, freeBytes: async () => 1e9, scarceBytes: 0 },
    cradle: {
      open: () => Promise.reject(LinkError.gone('the bay')),
      tickets: new MemoryTickets(),
      context: () => {
        throw new TypeError('there is no link to talk over');
      },
    },
    syncClock: (time) => {
      told.push(time);
      return new Promise((resolve) => (kept = resolve));
    },
    officer: () => '',
    tell: () => undefined,
    ask,
    cause: (event) => void ask(event),
    aside: (act) => void act,
    weigh: () => Promise.resolve(),
  });
  for (const event of ['power-on', 'recovered', 'dock', 'clock-reset'] as const) await ask({ event });
  seen.length = 0;
  bay.heard({ news: 'docked', dockId: 'dock-1', time: TIME });
  bay.heard({ news: 'idle' });
  bay.heard({ news: 'interrupted', because: 'silent' });
  await settle();
  expect(told).toEqual([TIME]);
  expect(seen).toEqual(['docked/syncing']);
  kept(true);
  await settle();
  expect(seen).toEqual(['docked/syncing', 'docked/ready', 'docked/ready', 'docked/charging']);
  expect(state.clock).toBe('set');
  // A clock that is settled holds nothing up.
  bay.heard({ news: 'idle' });
  expect(kindOf(state.mode)).toBe('docked/ready');
});

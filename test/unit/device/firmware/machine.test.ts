import { describe, expect, it } from 'vitest';
import { answer, step } from '../../../../device/firmware/machine.ts';
import {
  FIRMWARE_START,
  type FirmwareEffect,
  type FirmwareEvent,
  type FirmwareSetting,
  type FirmwareState,
  kindOf,
} from '../../../../device/firmware/state.ts';
import { EVENTS, KINDS, ruleOf } from '../../../../device/firmware/table.ts';

const SETTING: FirmwareSetting = {
  postEventMs: 0,
  recordingMsMax: 4 * 3_600_000,
  whenFull: 'stop',
  tag: 'north',
};
const READY: readonly FirmwareEvent[] = [
  { event: 'power-on' },
  { event: 'looked', interrupted: 0 },
  { event: 'recovered' },
  { event: 'assign', officer: '4411' },
];

function after(
  events: readonly FirmwareEvent[],
  setting = SETTING,
): { readonly state: FirmwareState; readonly effects: readonly FirmwareEffect[] } {
  let state = FIRMWARE_START;
  let effects: readonly FirmwareEffect[] = [];
  for (const event of events) [state, effects] = step(state, event, setting);
  return { state, effects };
}

const worn = (...events: readonly FirmwareEvent[]): ReturnType<typeof after> => after([...READY, ...events]);
const names = (effects: readonly FirmwareEffect[]): readonly string[] => effects.map(({ effect }) => effect);

describe('the table', () => {
  // Goal: no event is forgotten in any state, and each that changes nothing says why. Method: every row and column.
  it('answers every event in every state', () => {
    expect(new Set(EVENTS).size).toBe(EVENTS.length);
    expect(KINDS).toHaveLength(14);
    for (const kind of KINDS)
      for (const event of EVENTS) {
        const { cases, otherwise } = ruleOf(kind, event);
        for (const one of [...cases.map(({ answer: found }) => found), otherwise]) {
          expect(Object.values(one)[0], `${kind} x ${event}`).not.toBe('');
        }
      }
  });

  // Goal: each state can be reached, and a camera can be switched off in each that it is on in. Method: follow the table.
  it('leads everywhere, and out again', () => {
    const reached = new Set(['off']);
    for (const kind of reached)
      for (const event of EVENTS) {
        const rule = ruleOf(KINDS.find((one) => one === kind) ?? 'off', event);
        for (const one of [...rule.cases.map(({ answer: found }) => found), rule.otherwise])
          if ('to' in one && one.to !== 'same') reached.add(one.to);
      }
    expect([...reached].toSorted()).toEqual([...KINDS].toSorted());
    for (const kind of KINDS.filter((one) => one !== 'off' && one !== 'shutdown'))
      expect(ruleOf(kind, 'power-off').otherwise, kind).toMatchObject({ to: 'shutdown' });
  });
});

describe('the button', () => {
  // Goal: two presses begin, one marks, a long one ends, and one press begins nothing. Method: gestures from ready.
  it('begins with two presses, marks with one and stops with a long one', () => {
    expect(worn({ event: 'press' }).state.mode.at).toBe('ready');
    const begun = worn({ event: 'double-press' });
    expect(begun.state.mode).toMatchObject({ at: 'recording', cause: 'button', officer: '4411', number: 1 });
    expect(begun.effects[0]).toEqual({ effect: 'begin', number: 1, cause: 'button', officer: '4411' });
    expect(worn({ event: 'double-press' }, { event: 'press' }).effects[0]).toEqual({
      effect: 'mark',
      kind: 'button',
    });
    expect(worn({ event: 'double-press' }, { event: 'hold' }).state.mode.at).toBe('ready');
  });
});

describe('what begins a recording', () => {
  // Goal: each sensor begins one and says which it was; during one it marks. Method: each sensor twice.
  it.each(['holster', 'light-bar', 'taser', 'fall'] as const)('%s', (event) => {
    expect(worn({ event }).state.mode).toMatchObject({ at: 'recording', cause: event });
    expect(worn({ event: 'record' }, { event }).effects[0]).toEqual({ effect: 'mark', kind: event });
    expect(worn({ event: 'sleep' }, { event }).effects[0]).toEqual({ effect: 'uncover' });
  });

  // Goal: cameras of one unit begin together, and a camera that was called calls no others. Method: both tags.
  it('a camera nearby, when it has the same tag', () => {
    const near = worn({ event: 'peer', camera: 'cam-2', tag: 'north' });
    expect(near.state.mode).toMatchObject({ at: 'recording', cause: 'peer' });
    expect(names(near.effects)).not.toContain('announce');
    expect(near.effects).toContainEqual({ effect: 'mark', kind: 'peer:cam-2' });
    expect(worn({ event: 'record' }).effects).toContainEqual({
      ...{ effect: 'announce', tag: 'north', cause: 'command' },
    });
    expect(worn({ event: 'peer', camera: 'cam-2', tag: 'south' }).state.mode.at).toBe('ready');
  });
});

// Goal: others are called for what the unit has settled, also in the middle of a recording, and by nobody who was called. Method: a setting
// with two triggers; each way to begin, a trigger during a recording and after its stop, and the next file of one.
it('calls cameras nearby for what it is set to', () => {
  const setting: FirmwareSetting = { ...SETTING, callsFor: ['taser', 'holster'], postEventMs: 9000 };
  const calls = (...events: readonly FirmwareEvent[]): readonly string[] =>
    after([...READY, ...events], setting).effects.flatMap((effect) =>
      effect.effect === 'announce' ? [effect.cause] : [],
    );
  expect(calls({ event: 'taser' })).toEqual(['taser']);
  expect(calls({ event: 'sleep' }, { event: 'holster' })).toEqual(['holster']);
  for (const event of ['fall', 'light-bar', 'record', 'double-press'] as const)
    expect(calls({ event }), event).toEqual([]);
  expect(calls({ event: 'record' }, { event: 'taser' })).toEqual(['taser']);
  expect(calls({ event: 'record' }, { event: 'stop' }, { event: 'taser' })).toEqual(['taser']);
  const peer: FirmwareEvent = { event: 'peer', camera: 'cam-2', tag: 'north' };
  expect(calls(peer)).toEqual([]);
  expect(calls(peer, { event: 'limit-reached' })).toEqual([]);
  expect(calls({ event: 'record' }, { event: 'stop' }, peer)).toEqual([]);
  expect(calls({ event: 'taser' }, peer)).toEqual([]);
});

describe('a recording', () => {
  // Goal: whose it is was settled when it began. Method: an assignment in the middle of it, and one after it.
  it('stays with whom it began with', () => {
    const during = worn({ event: 'record' });
    expect(answer(during.state, { event: 'assign', officer: '9' }, SETTING)).toHaveProperty('refused');
    const later = worn({ event: 'record' }, { event: 'stop' }, { event: 'assign', officer: '9' });
    expect(later.state.mode).toMatchObject({ at: 'ready', officer: '9' });
    // What was seen while it was another's is nobody's footage now.
    expect(later.effects).toEqual([{ effect: 'wear', officer: '9' }]);
  });

  // Goal: a camera in a bay is nobody's. Method: dock, take out for somebody else, take out for nobody.
  it('is of nobody when nobody took the camera', () => {
    const docked = worn({ event: 'dock' });
    expect(docked.state.mode).not.toHaveProperty('officer');
    const [out] = step(docked.state, { event: 'undock', officer: '4412' }, SETTING);
    expect(step(out, { event: 'record' }, SETTING)[1][0]).toMatchObject({ officer: '4412' });
    const [nobody] = step(docked.state, { event: 'undock', officer: '' }, SETTING);
    expect(step(nobody, { event: 'record' }, SETTING)[1][0]).toMatchObject({ officer: '' });
  });

  // Goal: it goes on after its stop, a trigger takes the same one up, and a second stop ends it. Method: a post-event time.
  it('goes on after its stop for as long as it is set to', () => {
    const setting = { ...SETTING, postEventMs: 30_000 };
    const tail = after([...READY, { event: 'record' }, { event: 'stop' }], setting);
    expect(tail.state.mode.at).toBe('post-event');
    expect(tail.effects[0]).toEqual({ effect: 'start-tail', afterMs: 30_000 });
    expect(names(tail.effects)).not.toContain('end');
    const [again, effects] = step(tail.state, { event: 'taser' }, setting);
    expect(again.mode).toMatchObject({ at: 'recording', number: 1, cause: 'command' });
    expect(names(effects)).toEqual(['stop-tail', 'mark', 'signal', 'announce']);
    expect(names(step(tail.state, { event: 'tail-over' }, setting)[1])).toContain('end');
    expect(names(step(tail.state, { event: 'stop' }, setting)[1])).toContain('end');
  });

  // Goal: the longest time of a file begins another, muted as before. Method: the limit in a muted recording.
  it('becomes another file after its longest time', () => {
    const { state, effects } = worn({ event: 'record' }, { event: 'mute' }, { event: 'limit-reached' });
    expect(state.mode).toMatchObject({ at: 'recording', number: 2, cause: 'limit', isMuted: true });
    expect(effects[0]).toEqual({ effect: 'renew', number: 2, isMuted: true });
  });

  // Goal: a refusal that comes late does not end the recording after it. Method: the number of an older one.
  it('is not ended by the failure of another', () => {
    const begun = worn({ event: 'record' }, { event: 'stop' }, { event: 'record' });
    expect(step(begun.state, { event: 'begin-failed', number: 1 }, SETTING)[0].mode.at).toBe('recording');
    expect(step(begun.state, { event: 'begin-failed', number: 2 }, SETTING)[0].mode.at).toBe('ready');
  });
});

describe('memory, battery and clock', () => {
  // Goal: a full memory ends a recording in order and begins none; what a dock took makes room. Method: full, then free.
  it('records nothing without room', () => {
    const full = worn({ event: 'record' }, { event: 'memory-full' });
    expect(full.effects[0]).toEqual({ effect: 'end', reason: 'storage-full' });
    expect(answer(full.state, { event: 'record' }, SETTING)).toHaveProperty('refused');
    expect(step(full.state, { event: 'memory-free' }, SETTING)[0].memory).toBe('free');
  });

  // Goal: with scarce memory it is a matter of setting. Method: both settings.
  it('begins nothing that could be cut short, when it is set so', () => {
    const { state } = worn({ event: 'memory-scarce' });
    expect(answer(state, { event: 'record' }, SETTING)).toHaveProperty('to', 'recording');
    expect(answer(state, { event: 'record' }, { ...SETTING, whenFull: 'refuse' })).toHaveProperty('refused');
  });

  // Goal: an almost empty battery ends the recording before the camera; an empty one ends nothing in order. Method: both.
  it('ends in order while there is power, and not at all without', () => {
    const critical = worn({ event: 'record' }, { event: 'battery-critical' });
    expect(names(critical.effects)).toEqual(['end', 'stop-limit', 'signal', 'halt']);
    expect(critical.state.mode.at).toBe('shutdown');
    const dead = worn({ event: 'record' }, { event: 'battery-dead' });
    expect(dead.effects).toEqual([{ effect: 'cut' }]);
    expect(worn({ event: 'dock' }, { event: 'battery-dead' }).state.mode.at).toBe('docked');
  });

  // Goal: the clock is known in every mode. Method: unset in a bay, and set there.
  it('knows in any mode whether its clock is set', () => {
    expect(worn({ event: 'clock-reset' }, { event: 'record' }).state).toMatchObject({ clock: 'unset' });
    expect(worn({ event: 'clock-reset' }, { event: 'dock' }, { event: 'clock-set' }).state.clock).toBe('set');
  });
});

describe('in a bay', () => {
  // Goal: the stages as a person sees them. Method: one visit.
  it('charges, syncs, transfers, verifies and is ready', () => {
    const visit: readonly FirmwareEvent[] = [
      { event: 'dock' },
      { event: 'contact', waiting: 2 },
      { event: 'progress', durableBytes: 0, totalBytes: 9, waiting: 2 },
      { event: 'synced', isSet: true, waiting: 2 },
      { event: 'progress', durableBytes: 1, totalBytes: 9, waiting: 2 },
      { event: 'progress', durableBytes: 9, totalBytes: 9, waiting: 2 },
      { event: 'receipt', waiting: 1 },
      { event: 'idle' },
    ];
    const seen = visit.map((_, last) => kindOf(worn(...visit.slice(0, last + 1)).state.mode));
    expect(seen).toEqual(
      [
        'charging',
        'syncing',
        'syncing',
        'transferring',
        'transferring',
        'verifying',
        'transferring',
        'ready',
      ].map((stage) => `docked/${stage}`),
    );
    expect(worn(...visit).state.mode).toMatchObject({ settled: 1, waiting: 0 });
  });

  // Goal: syncing is over when it is known how the clock stands, and not before. Method: a dock with a time, one without, and
  // one with nothing to wait for.
  it('syncs until the clock is set, or cannot be', () => {
    const time = { wallLessMonoUs: 5, boundUs: 1 };
    const unset: readonly FirmwareEvent[] = [{ event: 'clock-reset' }, { event: 'dock' }];
    const contact = worn(...unset, { event: 'contact', waiting: 1, time });
    expect(contact.effects).toEqual([{ effect: 'sync-clock', time }]);
    for (const early of [{ event: 'idle' }, { event: 'receipt', waiting: 0 }] as const)
      expect(kindOf(step(contact.state, early, SETTING)[0].mode), early.event).toBe('docked/syncing');
    const [set] = step(contact.state, { event: 'synced', isSet: true, waiting: 1 }, SETTING);
    expect(set).toMatchObject({ clock: 'set', mode: { stage: 'transferring' } });
    const without = worn(...unset, { event: 'contact', waiting: 0 });
    expect(without.effects).toEqual([{ effect: 'sync-clock' }]);
    const [still] = step(without.state, { event: 'synced', isSet: false, waiting: 0 }, SETTING);
    expect(still).toMatchObject({ clock: 'unset', mode: { stage: 'ready' } });
  });

  // Goal: what is recorded ends as it is docked, and nothing can be begun there. Method: each way to begin.
  it('does not record', () => {
    const docked = worn({ event: 'record' }, { event: 'dock' });
    expect(docked.effects[0]).toEqual({ effect: 'end', reason: 'docked' });
    for (const event of ['record', 'taser', 'double-press'] as const)
      expect(step(docked.state, { event }, SETTING)[1], event).toEqual([]);
  });
});

// Goal: in stealth nothing leaves the camera, and recording is as ever. Method: a whole recording in stealth.
it('gives no signal in stealth', () => {
  const quiet = worn({ event: 'stealth-on' }, { event: 'record' });
  expect(names(quiet.effects)).toContain('begin');
  expect(names(quiet.effects)).not.toContain('signal');
  expect(names(step(quiet.state, { event: 'stop' }, SETTING)[1])).not.toContain('signal');
});

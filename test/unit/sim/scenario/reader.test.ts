import { describe, expect, it } from 'vitest';
import { readScenario } from '../../../../sim/scenario/reader.ts';

const GOOD = `name: quiet
about: one camera
seed: 3
site:
  docks:
    - { id: dock-1, bays: [{ name: bay1 }] }
  cameras:
    - { id: cam-1, officer: "4411", link: bay1, clock: -400d }
timeline:
  - at: 1s..2500ms
    record: { camera: cam-1, as: first }
  - after: cam-1 closed
    plus: 1s
    dock: cam-1
  - after: { carried: 99%, by: cam-1 }
    undock: cam-1
expect:
  access:
    - { person: "4411", recording: first, is: refused }
`;

function complaint(from: string | RegExp, to: string): string {
  const text = GOOD.replace(from, to);
  expect(text).not.toBe(GOOD);
  try {
    readScenario(text, 'f.yaml');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing';
}

// Goal: a file says the same to everybody. Method: one file with every kind of value, and what a runner gets of it.
describe('a scenario that is read', () => {
  const read = readScenario(GOOD, 'f.yaml');

  it('has milliseconds, shares and events in place of words', () => {
    expect(read.site.cameras[0]?.clock).toBe(-400 * 86_400_000);
    expect(read.timeline[0]?.at).toEqual({ from: 1_000, to: 2_500 });
    expect(read.timeline[1]?.after).toEqual({ of: 'cam-1', event: 'closed', having: {} });
    expect(read.timeline[2]?.after).toEqual({ carried: { from: 0.99, to: 0.99 }, by: 'cam-1' });
    expect(read.timeline[1]?.dock).toEqual({ camera: 'cam-1', bay: undefined });
  });

  it('knows file and line of each step', () => {
    expect(read.places).toEqual(['f.yaml:10', 'f.yaml:12', 'f.yaml:15']);
  });

  it('has what was left out', () => {
    expect(read).toMatchObject({ seed: '3', within: 60_000, site: { regime: 'doj', people: [] } });
    expect(read.expect).toMatchObject({ settle: 25_000, stamps: 10_000, events: [], recordings: {} });
  });
});

// Goal: whoever wrote a file finds the slip at once. Method: one slip at a time; the message has file, line, key and what to do.
describe('a scenario that is wrong', () => {
  it.each([
    ['a misspelt key', 'record: {', 'recrod: {', 'f.yaml:11: timeline.0.recrod is not known here'],
    ['a missing key', 'seed: 3\n', '', 'f.yaml:1: seed is missing: give it'],
    ['no length of time', '1s..2500ms', 'soon', 'f.yaml:10: timeline.0.at must be a length of time'],
    ['lengths the wrong way round', '1s..2500ms', '3s..2s', 'must name the shorter one first'],
    ['a share above all', '99%', '199%', 'f.yaml:15: timeline.2.after.carried must be 100% or less'],
    [
      'a number for a badge',
      '"4411", link',
      '4411, link',
      'f.yaml:8: site.cameras.0.officer expected string',
    ],
    [
      'an unknown bay',
      'link: bay1',
      'link: bay7',
      'f.yaml:8: site.cameras.0.link names no bay of this site: bay7',
    ],
    ['a broker that nobody has', 'link: bay1', 'link: mqtt', 'asks for a dock with mqtt, and none has it'],
    [
      'an unknown camera',
      'dock: cam-1',
      'dock: cam-2',
      'f.yaml:14: timeline.1.dock names no camera of this scenario: "cam-2"',
    ],
    [
      'an unknown recording',
      'recording: first',
      'recording: last',
      'f.yaml:19: expect.access.0.recording names no recording',
    ],
    ['an event of nobody', 'cam-1 closed', 'cam-9 closed', 'f.yaml:12: timeline.1.after names no program'],
    ['a misspelt event', 'cam-1 closed', '{ of: cam-1, evnt: closed }', 'timeline.1.after.event is missing'],
    [
      'two actions in one step',
      'undock: cam-1',
      'undock: cam-1\n    mark: cam-1',
      'f.yaml:15: timeline.2 does mark and undock',
    ],
    [
      'no action',
      'undock: cam-1',
      'about: nothing',
      'f.yaml:15: timeline.2 does nothing: give one of record, stop',
    ],
    [
      'one name for two',
      'id: cam-1',
      'id: dock-1',
      'f.yaml:8: site.cameras.0.id names two things: dock-1 is taken',
    ],
    [
      'noise without a rate',
      '{ name: bay1 }',
      '{ name: bay1, noise: { flips: 0.001 } }',
      'asks for a line rate: give site.line',
    ],
    ['a wrong unit', 'plus: 1s', 'plus: 1sec', 'f.yaml:13: timeline.1.plus must be a length of time'],
    ['a clock without a sign', 'clock: -400d', 'clock: 400d', 'must be a step with its sign'],
    [
      'more time than a run may take',
      'seed: 3',
      'seed: 3\nwithin: 30d',
      'f.yaml:4: within must be 24h or less',
    ],
    [
      'a broker of nobody',
      'undock: cam-1',
      'kill: broker',
      'timeline.2.kill asks for a broker of its own: give a dock mqtt: mosquitto',
    ],
    [
      'an event of a broker',
      'cam-1 closed',
      'broker closed',
      'timeline.1.after waits for a broker, which says no events',
    ],
    [
      'a disk that nobody sees',
      'undock: cam-1',
      'disk: { of: policy, is: full }',
      'f.yaml:16: timeline.2.disk asks for a camera or a dock',
    ],
    [
      'a report of a stranger',
      'undock: cam-1',
      'report: { incident: 26-1, person: "1" }',
      'timeline.2.report names no person of this scenario: "1"; there are 4411',
    ],
    [
      'a fact about nothing',
      'undock: cam-1',
      'fact: { type: recording.linked, recording: last }',
      'timeline.2.fact names no recording',
    ],
    [
      'an unknown camera to cut',
      'undock: cam-1',
      'cut: cam-2',
      'f.yaml:16: timeline.2.cut names no camera of this scenario: "cam-2"; there are cam-1',
    ],
    [
      'numbers the wrong way round',
      'access:',
      'recordings: { first: { seconds: [5, 2] } }\n  access:',
      'expect.recordings.first.seconds must name the smaller one first',
    ],
    ['an alias', 'about: one camera', 'about: &a one\nplant: *a', 'aliases (*name) are not taken'],
    ['one key twice', 'seed: 3', 'seed: 3\nseed: 4', 'f.yaml:4:1: this is not YAML: Map keys must be unique'],
    ['no YAML', 'bays: [{', 'bays: [[{', 'f.yaml:6:'],
  ] as const)('with %s says so', (...[, from, to, said]) => {
    expect(complaint(from, to)).toContain(said);
  });

  it('says no more than a screen takes', () => {
    const cameras = Array.from(
      { length: 12 },
      (_, index) => `    - { id: c${index}, officer: "1", link: bay9 }`,
    );
    const said = complaint(/ {4}- \{ id: cam-1.*\n/, `${cameras.join('\n')}\n`);
    expect(said.split('\n').at(-1)).toMatch(/^and \d+ more$/);
  });
});

import { describe, expect, it } from 'vitest';
import { EpochClock } from '../../../../dock/clock/epoch.ts';
import { makeStamper } from '../../../../dock/clock/stamper.ts';
import { type SyncNews, TimeSync } from '../../../../dock/clock/time-sync.ts';
import { parseTracking, type Tracking } from '../../../../dock/clock/tracking.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

// What chronyc 4.3 said: of a client just synchronised and a while after, of a daemon that follows only itself, and of
// one whose server does not answer.
const EARLY =
  '7F000001,127.0.0.1,9,1795322521.545507676,-0.000000382,-0.000000326,0.000000326,-3.542,-0.000,100.842,0.000007897,0.000132274,0.1,Normal\n';
const LATER =
  '7F000001,127.0.0.1,9,1795322529.357459936,-0.000001399,-0.000000009,0.000001061,-0.007,-0.000,0.092,0.000006591,0.000000787,0.5,Normal\n';
const OWN =
  '7F7F0101,,8,1795322827.051754783,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal\n';
const ALONE =
  '00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n';
const MEASURED_US = 1_795_322_529_357_459;

function trackingOf(line: string, change: Partial<Tracking> = {}): Tracking {
  const tracking = parseTracking(line);
  if (tracking === undefined) throw new TypeError(`no tracking: ${line}`);
  return { ...tracking, ...change };
}

describe('an answer of chronyd', () => {
  // Goal: chrony's own bound, |offset| + root dispersion + root delay / 2. Method: real lines, sums by hand.
  it('is read from its real words', () => {
    const early = trackingOf(EARLY);
    expect(early.boundUs).toBeCloseTo(0.382 + 132.274 + 7.897 / 2, 3);
    expect(early.growthPpm).toBeCloseTo(15 + 3.542 + 100.842, 3);
    expect(early).toMatchObject({ isSynchronised: true, isOwnClock: false });
    expect(trackingOf(LATER).measuredAtUs).toBeCloseTo(MEASURED_US, -1);
    expect(trackingOf(OWN)).toMatchObject({ isSynchronised: true, isOwnClock: true });
    expect(trackingOf(ALONE)).toMatchObject({ isSynchronised: false, leap: 'Not synchronised' });
  });

  it.each([
    ['nothing', ''],
    ['a field less', LATER.replace(',0.5,', ',')],
    ['a field more', LATER.replace(',0.5,', ',0.5,0.5,')],
    ['an empty number', LATER.replace('0.000000787', '')],
    ['a word for a number', LATER.replace('0.092', 'much')],
    ['what chronyc says when nobody answers', '506 Cannot talk to daemon\n'],
    ['the report for people', 'Reference ID    : 7F000001 (127.0.0.1)\n'],
  ])('is not read from %s', (_what, line) => {
    expect(parseTracking(line)).toBeUndefined();
  });
});

/** A dock's clock and a daemon that says what the test wants, when it is asked. */
class Machine {
  readonly clock = new ManualClock(MEASURED_US + 1_000_000);
  readonly news: SyncNews[] = [];
  answer: Tracking | Error | 'silence';
  asked = 0;
  readonly watched = new EpochClock({ clock: this.clock, epoch: 1, onStep: () => undefined });
  readonly sync: TimeSync;
  readonly stamper;

  constructor(answer: Tracking | Error = trackingOf(LATER)) {
    this.answer = answer;
    this.sync = new TimeSync({
      clock: this.watched,
      ask: () => this.#answered(),
      tell: (news) => this.news.push(news),
    });
    this.stamper = makeStamper({
      clock: this.watched,
      sync: this.sync,
      recorded: () => Promise.resolve(),
    });
  }

  /** Lets so many seconds pass, and every answer arrive. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i += 1) {
      this.clock.advance(1_000);
      this.watched.read();
      await settled();
    }
  }

  stamp(): { readonly basis: string; readonly uncertaintyUs: number } {
    return this.stamper.stamp(this.clock.monoUs());
  }

  get doubt(): string {
    const last = this.news.at(-1);
    return last?.basis === 'local' ? last.doubt : 'none';
  }

  #answered(): Promise<Tracking> {
    this.asked += 1;
    if (this.answer === 'silence') return new Promise(() => undefined);
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
}

/** Every promise that can go on does; no time passes. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('stamps by a synchronised clock', () => {
  // Goal: basis utc with a bound that holds: what chrony leaves open, grown since, and what the stamp adds by itself.
  // Method: one answer, and stamps for as long as it counts.
  it('claim UTC with the bound of the newest answer, grown since', async () => {
    const machine = new Machine(trackingOf(LATER, { boundUs: 400, growthPpm: 100 }));
    expect(machine.stamp()).toMatchObject({ basis: 'local', uncertaintyUs: 1_000 });
    await settled();
    expect(machine.stamp()).toMatchObject({ basis: 'utc', uncertaintyUs: 1_400 });
    await machine.pass(10);
    expect(machine.stamp()).toMatchObject({ basis: 'utc', uncertaintyUs: 2_400 });
    const sinceUs = machine.clock.monoUs() - 250;
    expect(machine.stamper.stamp(sinceUs).uncertaintyUs).toBe(2_650);
    expect(machine.news).toEqual([{ basis: 'utc', boundUs: 400 }]);
  });

  it('add what the clock has moved by itself since the answer', async () => {
    const machine = new Machine(trackingOf(LATER, { boundUs: 400, growthPpm: 0 }));
    await settled();
    machine.clock.step(-30_000);
    expect(machine.stamp()).toMatchObject({ basis: 'utc', uncertaintyUs: 31_400 });
  });

  it('ask at once and every 16 s, and never wait for an answer', async () => {
    const machine = new Machine();
    await settled();
    await machine.pass(48);
    expect(machine.asked).toBe(4);
    machine.sync.close();
    await machine.pass(48);
    expect(machine.asked).toBe(4);
    expect(machine.clock.pending).toBe(0);
  });

  // Goal: whoever wants to know now learns it now, and the usual questions go on beside. Method: a look between two questions, two at once.
  it('can be looked at between the questions', async () => {
    const machine = new Machine();
    await settled();
    await machine.pass(5);
    expect(await Promise.all([machine.sync.check(), machine.sync.check()])).toEqual([undefined, undefined]);
    expect(machine.asked).toBe(2);
    machine.answer = trackingOf(ALONE);
    expect(await machine.sync.check()).toBe('chronyd says "Not synchronised"');
    expect(machine.stamp()).toMatchObject({ basis: 'local' });
    machine.answer = new Error('cannot talk to daemon');
    expect(await machine.sync.check()).toBe('cannot talk to daemon');
    machine.answer = trackingOf(LATER);
    await machine.pass(16);
    expect(machine.asked).toBe(5);
    expect(machine.stamp()).toMatchObject({ basis: 'utc' });
    machine.sync.close();
    expect(machine.clock.pending).toBe(0);
  });

  it('rest on an answer for 64 s at most', async () => {
    const machine = new Machine();
    await settled();
    machine.answer = 'silence';
    await machine.pass(64);
    expect(machine.stamp().basis).toBe('utc');
    await machine.pass(1);
    expect(machine.stamp().basis).toBe('local');
  });

  // Goal: no claim without evidence. Method: each kind of answer that is none, after a good one.
  it.each<readonly [string, Tracking | Error]>([
    ['no-answer', new Error('506 Cannot talk to daemon')],
    ['not-synchronised', trackingOf(ALONE)],
    ['not-synchronised', trackingOf(LATER, { isSynchronised: false, leap: 'Insert second' })],
    ['own-clock', trackingOf(OWN)],
    ['not-measured', trackingOf(LATER, { measuredAtUs: MEASURED_US - 9_000_000_000 })],
    ['not-measured', trackingOf(LATER, { measuredAtUs: MEASURED_US + 60_000_000 })],
    ['too-wide', trackingOf(LATER, { boundUs: 1_000_001 })],
  ])('are local when there is %s, and it is said once', async (doubt, answer) => {
    const machine = new Machine();
    await settled();
    machine.answer = answer;
    await machine.pass(16);
    expect(machine.stamp()).toMatchObject({ basis: 'local', uncertaintyUs: 1_000 });
    expect(machine.doubt).toBe(doubt);
    await machine.pass(32);
    expect(machine.news).toHaveLength(2);
    machine.answer = trackingOf(LATER);
    await machine.pass(16);
    expect(machine.stamp().basis).toBe('utc');
  });

  it('stop claiming when the bound has grown past a second', async () => {
    const machine = new Machine(trackingOf(LATER, { boundUs: 999_000, growthPpm: 200 }));
    await settled();
    expect(machine.stamp().basis).toBe('utc');
    await machine.pass(6);
    expect(machine.stamp().basis).toBe('local');
  });
});

// Goal: a clock that was set is not believed because it was right before. Method: jumps either way, with a daemon that
// goes on saying what it measured before, as one does until its next measurement.
describe('stamps after a jump of the clock', () => {
  it.each([
    ['forward by little', 100_000],
    ['forward', 5_000_000],
    ['back', -5_000_000],
    ['back by hours', -7_200_000_000],
  ])('are local until the daemon has measured again: %s', async (_way, stepUs) => {
    const machine = new Machine();
    await settled();
    expect(machine.stamp().basis).toBe('utc');
    machine.clock.step(stepUs);
    expect(machine.stamp().basis).toBe('local');
    await machine.pass(48);
    expect(machine.stamp().basis).toBe('local');
    expect(machine.doubt).toBe('not-measured-since-step');
    machine.answer = trackingOf(LATER, { measuredAtUs: machine.clock.wallUs() });
    await machine.pass(16);
    expect(machine.stamp().basis).toBe('utc');
  });

  it('are not claimed by an answer that was on its way', async () => {
    const machine = new Machine();
    await settled();
    await machine.pass(15);
    const before = machine.watched.read();
    expect(machine.sync.boundUs(before)).toBeDefined();
    machine.clock.advance(1_000);
    machine.clock.step(90_000_000);
    await settled();
    expect(machine.stamp().basis).toBe('local');
    expect(machine.doubt).toBe('not-measured-since-step');
  });
});

import { describe, expect, it } from 'vitest';
import { type ClockStep, EpochClock } from '../../../../dock/clock/epoch.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const HOUR_US = 3_600_000_000;
const START_US = 1_800_000_000_000_000;

// Goal: a jump of the wall clock begins a new epoch at the very reading that first shows it, and slewing never does.
// Method: clocks that the test moves by hand, both together or the wall clock alone.
class Machine {
  readonly clock = new ManualClock(START_US);
  readonly steps: ClockStep[] = [];
  readonly watched = new EpochClock({
    clock: this.clock,
    epoch: 7,
    onStep: (step) => this.steps.push(step),
  });

  /** Both clocks go on for so many seconds, the wall clock by so much more or less in each. */
  slew(seconds: number, usPerSecond: number): void {
    for (let i = 0; i < seconds; i += 1) {
      this.clock.advance(1_000);
      this.clock.step(usPerSecond);
      this.watched.read();
    }
  }
}

describe('the epoch of a clock', () => {
  it.each([
    ['back by an hour', -HOUR_US],
    ['forward by an hour', HOUR_US],
    ['forward by a leap second', 1_000_000],
    ['back by little', -60_000],
  ])('ends when the clock is set %s between two readings', (_how, stepUs) => {
    const machine = new Machine();
    machine.clock.advance(400);
    expect(machine.watched.read()).toEqual({ epoch: 7, monoUs: 400_000, wallUs: START_US + 400_000 });
    machine.clock.advance(300);
    machine.clock.step(stepUs);
    const wallUs = START_US + 700_000 + stepUs;
    expect(machine.watched.read()).toEqual({ epoch: 8, monoUs: 700_000, wallUs });
    expect(machine.steps).toEqual([
      { epoch: 8, stepUs, wallBeforeUs: START_US + 400_000, wallAfterUs: wallUs },
    ]);
    machine.clock.advance(300);
    expect(machine.watched.read().epoch).toBe(8);
    expect(machine.steps).toHaveLength(1);
  });

  it('ends before anybody sees the new time, whoever asks for it', () => {
    const machine = new Machine();
    machine.clock.step(-HOUR_US);
    expect(machine.watched.wallUs()).toBe(START_US - HOUR_US);
    expect(machine.steps).toHaveLength(1);
  });

  it('is watched every second while nobody reads it', () => {
    const machine = new Machine();
    const stop = machine.watched.watch();
    machine.clock.advance(10_500);
    machine.clock.step(HOUR_US);
    machine.clock.advance(1_000);
    expect(machine.steps).toMatchObject([{ epoch: 8, stepUs: HOUR_US }]);
    expect(machine.steps[0]?.wallBeforeUs).toBe(START_US + 10_000_000);
    stop();
    machine.clock.step(HOUR_US);
    machine.clock.advance(10_000);
    expect(machine.steps).toHaveLength(1);
    expect(machine.clock.pending).toBe(0);
  });

  // A sleeping machine's monotonic clock stands still, and its wall clock is right when it wakes.
  it('ends when the machine slept', () => {
    const machine = new Machine();
    const stop = machine.watched.watch();
    machine.clock.advance(5_000);
    machine.clock.step(8 * HOUR_US);
    machine.clock.advance(1_000);
    expect(machine.steps).toMatchObject([{ stepUs: 8 * HOUR_US }]);
    stop();
  });

  it('goes on while the clock is slewed as fast as NTP may, for ever', () => {
    for (const usPerSecond of [500, -500]) {
      const machine = new Machine();
      machine.slew(86_400, usPerSecond);
      expect(machine.steps).toEqual([]);
      machine.clock.step(60_000);
      expect(machine.watched.read().epoch).toBe(8);
    }
  });

  it('ends when the clock runs away faster than that', () => {
    const machine = new Machine();
    machine.slew(60, 2_000);
    expect(machine.steps.length).toBeGreaterThan(0);
  });

  it('ends when many small jumps are one large one', () => {
    const machine = new Machine();
    for (let i = 0; i < 10; i += 1) {
      machine.clock.advance(100);
      machine.clock.step(20_000);
      machine.watched.read();
    }
    expect(machine.steps.length).toBeGreaterThan(0);
    expect(machine.steps[0]?.stepUs).toBeGreaterThan(50_000);
    expect(machine.steps[0]?.stepUs).toBeLessThan(80_000);
  });

  // A reading every ten microseconds leaves slewing less than a hundredth of one each time.
  it('follows a slew however often it is read', () => {
    const machine = new Machine();
    for (let i = 0; i < 300_000; i += 1) {
      machine.clock.advance(1);
      if (i % 2 === 0) machine.clock.step(1);
      machine.watched.read();
    }
    expect(machine.steps).toEqual([]);
  });

  it('bounds what two readings of one epoch are off by: 100 ms and 500 ppm', () => {
    const machine = new Machine();
    const first = machine.watched.read();
    for (let i = 0; i < 5_000; i += 1) {
      machine.clock.advance(37);
      machine.clock.step(i % 3 === 0 ? 1_500 : -300);
      const now = machine.watched.read();
      if (now.epoch !== first.epoch) break;
      const elapsedUs = now.monoUs - first.monoUs;
      expect(Math.abs(now.wallUs - first.wallUs - elapsedUs)).toBeLessThanOrEqual(
        100_000 + elapsedUs / 2_000,
      );
    }
    expect(machine.steps.length).toBeGreaterThan(0);
  });
});

// Goal: a busy machine is not a jumping clock. Method: a program that is interrupted for a second just before or just
// after it reads the wall clock, once and again and again.
describe.each(['before', 'after'])('a look at two clocks, interrupted %s the second', (side) => {
  const interrupted = (times: number): { steps: ClockStep[]; read: () => number; jump: () => void } => {
    let [nowUs, aheadUs, left] = [0, 0, 0];
    const pause = (when: string): void => {
      if (when !== side || left === 0) return;
      left -= 1;
      nowUs += 1_000_000;
    };
    const wallUs = (): number => {
      pause('before');
      const readUs = START_US + aheadUs + nowUs;
      pause('after');
      return readUs;
    };
    const steps: ClockStep[] = [];
    const clock = { monoUs: () => (nowUs += 1), wallUs, after: () => () => undefined };
    const watched = new EpochClock({ clock, epoch: 1, onStep: (step) => steps.push(step) });
    left = times;
    return { steps, read: () => watched.read().epoch, jump: () => (aheadUs = HOUR_US) };
  };

  it('is taken again when it took long', () => {
    const { steps, read } = interrupted(1);
    expect(read()).toBe(1);
    expect(steps).toEqual([]);
  });

  it('counts for no more than it knows', () => {
    const { steps, read } = interrupted(5);
    expect([read(), read()]).toEqual([1, 1]);
    expect(steps).toEqual([]);
  });

  it('shows a jump all the same', () => {
    const { steps, read, jump } = interrupted(2);
    jump();
    expect(read()).toBe(2);
    expect(Math.abs((steps[0]?.stepUs ?? 0) - HOUR_US)).toBeLessThan(1_000);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../scenario/schema.ts';
import type { Program, ProgramEvent } from '../program.ts';
import type { DiskTrouble } from '../fault/disk-trouble.ts';
import { RunError } from './error.ts';
import type { Installation } from './installation.ts';

const ANSWER_MS_MAX = 20_000;
/** What a camera's journal says of a chunk that does not end its fragment. */
const TORN = '"endOfFragment":false';
const JOURNAL = /\/journal$/;
/** And of one that does, behind the film's header, which counts once the camera has signed for it. */
const WHOLE = /"mediaMs":[1-9]\d*,"endOfFragment":true[^]*"head":/;
const LOOK_MS = 20;

/** A camera of a run: its process with its buttons, its bay and whoever has it. */
export class PoweredCamera {
  readonly id: string;
  readonly #plan: Scenario['site']['cameras'][number];
  readonly #how: { readonly args: readonly string[]; readonly command: string | undefined };
  readonly #around: Pick<Installation, 'site' | 'story' | 'truth' | 'cables' | 'troubles' | 'falls'>;
  #officer: string;
  #program: Program | undefined;
  #recording: string | undefined;
  #isDocked = false;

  /** `how` says by what link it reaches its docks, and of which build it is. */
  constructor(
    plan: Scenario['site']['cameras'][number],
    how: { readonly args: readonly string[]; readonly command: string | undefined },
    around: Pick<Installation, 'site' | 'story' | 'truth' | 'cables' | 'troubles' | 'falls'>,
  ) {
    this.id = plan.id;
    this.#plan = plan;
    this.#how = how;
    this.#around = around;
    this.#officer = plan.officer;
  }

  /** Switches it on where it is and waits until it is ready: out of its bay it looks for no dock. */
  async start(): Promise<void> {
    if (this.#program?.isRunning === true)
      throw new RunError('STEP', `${this.id} is on already: kill or end it before`);
    if (this.#around.story.isOver) return;
    const { fps, pre_event: preEventMs, args } = this.#plan;
    const { command } = this.#how;
    const program = this.#around.site.startCamera(this.id, this.#how.args, {
      args: [
        ...['--officer', this.#officer, '--fps', String(fps), '--pre-event', String(preEventMs / 1_000)],
        ...(this.#isDocked ? [] : ['--undocked']),
        ...args,
      ],
      ...(command === undefined ? {} : { command }),
      env: this.#around.troubles.env(this.id),
      seen: (event) => this.#hear(event),
    });
    this.#program = program;
    this.#around.falls.watch(program, 'camera');
    await program.until('ready', undefined, ANSWER_MS_MAX);
  }

  async record(name: string): Promise<void> {
    const program = this.#running();
    this.#leave();
    const known = this.#around.truth.recordings;
    program.say('record');
    const isNew = ({ recording }: ProgramEvent): boolean => !known.has(String(recording));
    const { recording } = await program.until('recording', isNew, ANSWER_MS_MAX);
    this.#recording = String(recording);
    this.#around.truth.began({ id: this.#recording, camera: this.id, officer: this.#officer, name });
  }

  async stop(): Promise<void> {
    const program = this.#running();
    program.say('stop');
    await program.until('closed', ({ recording }) => recording === this.#recording, ANSWER_MS_MAX);
  }

  /** One line of its console. Throws RunError when it is off. */
  say(line: string): void {
    this.#running().say(line);
  }

  /** Puts it into its bay, or another one. */
  dock(bay?: string): void {
    const { cables } = this.#around;
    if (this.#isDocked) throw new RunError('STEP', `${this.id} is in its bay already: undock it before`);
    if (bay !== undefined) cables.lay(this.id, bay);
    cables.enter(this.id);
    this.#isDocked = true;
    if (this.#program?.isRunning === true) this.#program.say('dock');
  }

  /** Takes it out: the line is dead before the camera knows. */
  async undock(): Promise<void> {
    this.#leave();
    if (this.#program?.isRunning === true) await this.#goodbye(this.#program);
  }

  /** Pulls its cable, or cuts its way to the broker, or puts it back. */
  plug(isPlugged: boolean): void {
    if (this.#isSerial) return this.#around.cables.plug(this.id, isPlugged);
    const way = this.#around.troubles.way(this.id);
    return isPlugged ? way?.mend() : way?.cut();
  }

  /** Somebody else has it from now on. */
  async hand(officer: string): Promise<void> {
    await this.end();
    this.#officer = officer;
    await this.start();
  }

  async kill(): Promise<void> {
    this.#around.falls.expect(this.#program);
    await this.#program?.kill();
  }

  /**
   * Its power goes when it has a whole fragment, and another in part: `trouble` waits for the latter. Throws RunError when it never has:
   * of a recording without a whole fragment rightly nothing is left.
   */
  async cut(trouble: DiskTrouble): Promise<void> {
    const program = this.#running();
    await this.#wholeFragment();
    this.#around.falls.expect(program);
    trouble.cutAfter(JOURNAL, TORN);
    const late = this.#around.story.pause(ANSWER_MS_MAX).then(() => 'late' as const);
    if ((await Promise.race([program.exited, late])) === 'late')
      throw new RunError(
        'STEP',
        `${this.id} had no fragment in part within ${ANSWER_MS_MAX / 1_000} s: let it record, with more frames a second`,
      );
    trouble.mend();
  }

  async #wholeFragment(): Promise<void> {
    const { site, story } = this.#around;
    const { id } = this;
    const recording = this.#recording;
    if (recording === undefined)
      throw new RunError('STEP', `${id} has recorded nothing: let it record before`);
    const journal = join(site.flashDir(id), 'recordings', recording, 'journal');
    for (let looks = 0; looks < ANSWER_MS_MAX / LOOK_MS; looks += 1) {
      if (WHOLE.test(readFileSync(journal, 'utf8'))) return;
      await story.pause(LOOK_MS);
    }
    throw new RunError(
      'STEP',
      `${id} had no whole fragment within ${ANSWER_MS_MAX / 1_000} s: let it record longer`,
    );
  }

  async end(): Promise<void> {
    this.#around.falls.expect(this.#program);
    this.#program?.signal('SIGCONT');
    await this.#program?.stop();
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#program?.signal(signal);
  }

  get #isSerial(): boolean {
    return this.#plan.link !== 'mqtt';
  }

  #leave(): void {
    this.#around.cables.leave(this.id);
    this.#isDocked = false;
  }

  async #goodbye(program: Program): Promise<void> {
    const before = program.events.filter(({ event }) => event === 'undocked').length;
    program.say('undock');
    const isAfter = (event: ProgramEvent): boolean =>
      program.events.filter((one) => one.event === 'undocked').indexOf(event) >= before;
    await program.until('undocked', isAfter, ANSWER_MS_MAX);
  }

  #running(): Program {
    if (this.#program?.isRunning !== true) throw new RunError('STEP', `${this.id} is off`);
    return this.#program;
  }

  #hear(event: ProgramEvent): void {
    if (event.event === 'closed') this.#around.truth.closed(event);
    this.#around.story.add(this.id, event);
  }
}

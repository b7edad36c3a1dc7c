import type { BatteryLoad } from '../ports.ts';
import type { Body } from './body.ts';
import type { Outcome } from './body-ports.ts';
import { type Command, COMMANDS, readCommand } from './command.ts';
import { type Face, faceOf, type Status, statusOf } from './face.ts';
import type { Neighbours } from './neighbours.ts';
import type { FirmwareEvent } from './state.ts';

export interface DeskOptions {
  readonly body: Body;
  /** Whose camera it is when it is taken out of its bay without a name; empty: nobody's. */
  readonly issuedTo: string;
  /** The tag of its unit. */
  readonly tag: string;
  /** Absent in a camera without a radio. */
  readonly neighbours?: Pick<Neighbours, 'counts'>;
  readonly battery: {
    set(percent: number): void;
    use(load: BatteryLoad): void;
  };
  readonly memory: {
    /** Takes all room away, or gives it back. */
    stuff(isStuffed: boolean): void;
    freeBytes(): Promise<number>;
  };
  readonly clock: {
    step(byUs: number): void;
    /** Loses the time, as when the battery was out for long. */
    reset(): void;
  };
}

/** What came of a line. */
export type Reply = Outcome & { readonly status?: Status; readonly text?: string };

/** Where commands are handed in, from whatever side they come: each line gets one answer. */
export class Desk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Resolves when what was asked for is done. Rejects with a FieldError when the memory cannot be asked, and with what ends the camera. */
  async answer(line: string): Promise<Reply> {
    return this.#carryOut(readCommand(line));
  }

  /** How the camera stands, and what it shows of that. */
  async look(): Promise<{ readonly status: Status; readonly face: Face }> {
    const { body, neighbours } = this.#options;
    const status = statusOf(body.state, { ...(await body.facts()), radio: neighbours?.counts() });
    return { status, face: faceOf(status) };
  }

  async #carryOut(command: Command): Promise<Reply> {
    const { body, battery, clock } = this.#options;
    switch (command.do) {
      case 'event':
        return body.do(command.event);
      case 'record':
        return this.#record();
      case 'undock':
        return body.do(this.#undock(command.officer));
      case 'peer':
        return body.do({ event: 'peer', camera: command.camera, tag: command.tag ?? this.#options.tag });
      case 'battery':
        battery.set(command.percent);
        return DONE;
      case 'charge':
        return this.#charge();
      case 'unplug':
        return this.#unplug();
      case 'flash':
        return this.#stuff(command.isFull);
      case 'clock-step':
        clock.step(command.byMs * 1000);
        return DONE;
      case 'clock-reset':
        clock.reset();
        return body.do({ event: 'clock-reset' });
      case 'status': {
        const { status, face } = await this.look();
        return { ...DONE, status, text: face.text === '' ? status.state : face.text };
      }
      case 'help':
        return { ...DONE, text: COMMANDS.map(([usage, what]) => `${usage}: ${what}`).join('; ') };
      case 'quit':
        return body.do({ event: 'power-off' });
      case 'nothing':
        return { came: 'ignored', why: 'an empty line' };
      case 'unknown':
        return { came: 'refused', why: command.why };
      default:
        return command satisfies never;
    }
  }

  /** Who says record to a camera in a bay has it in the hand. */
  #record(): Promise<Outcome> {
    const { body } = this.#options;
    if (body.state.mode.at !== 'docked') return body.do({ event: 'record' });
    const out = body.do(this.#undock(''));
    const begun = body.do({ event: 'record' });
    return out.then(() => begun);
  }

  #undock(officer: string): FirmwareEvent {
    return { event: 'undock', officer: officer === '' ? this.#options.issuedTo : officer };
  }

  /** A memory may be full without that, too. */
  async #stuff(isStuffed: boolean): Promise<Outcome> {
    const { body, memory } = this.#options;
    memory.stuff(isStuffed);
    const isFull = (await memory.freeBytes()) === 0;
    return body.do({ event: isFull ? 'memory-full' : 'memory-free' });
  }

  #charge(): Reply {
    if (this.#options.body.state.mode.at === 'docked') return { came: 'ignored', why: 'the bay charges it' };
    this.#options.battery.use('docked');
    return DONE;
  }

  /** The cable of the bay; or of a charger, which leaves the battery to what the camera does. */
  #unplug(): Promise<Outcome> {
    const { body, battery } = this.#options;
    const { mode } = body.state;
    if (mode.at === 'docked') return body.do({ event: 'unplug' });
    battery.use('number' in mode ? 'recording' : 'idle');
    return Promise.resolve(DONE);
  }
}

const DONE: Outcome = { came: 'done' };

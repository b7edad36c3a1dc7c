import { FRESH } from '../fault/weary-disk.ts';
import type { Machines, Placed } from './machines.ts';
import type { DockMachine } from './parties.ts';
import type { Action, CameraCut, Harm } from './scenario.ts';
import type { Scene } from './scene.ts';
import type { CameraId } from '../../proto/ids.ts';

/** Carries out the actions of a scenario on its machines, while the storm lasts; and then the calm. */
export class Storm {
  readonly #scene: Scene;
  readonly #machines: Machines;
  readonly #crashed: (error: unknown) => void;
  readonly #waiting = new Set<{ readonly on: string; readonly action: Action }>();
  #isCalm = false;

  constructor(scene: Scene, machines: Machines, crashed: (error: unknown) => void) {
    this.#scene = scene;
    this.#machines = machines;
    this.#crashed = crashed;
  }

  /** Switches everything on. */
  begin(): void {
    for (const dock of this.#machines.docks) this.#boot(dock);
    for (const { machine } of this.#machines.cameras) machine.powerOn();
    this.#machines.wires.said = (camera, dock, name) => this.#cue(camera, dock, name);
  }

  /** Nothing is harmed any more, all machines run, and every camera is put into its bay. */
  calm(): void {
    const { wires, lines, docks, cameras } = this.#machines;
    this.#isCalm = true;
    wires.calm();
    lines.setMode('up');
    for (const dock of docks) {
      dock.calm();
      if (!dock.isUp) this.#boot(dock);
    }
    for (const placed of cameras) {
      const { machine, option } = placed;
      machine.calm();
      machine.powerOn();
      placed.bay = option.home;
      placed.isDocked = true;
      machine.dock();
    }
  }

  /** An action that has a cue is done when that is said between those whom it is about. */
  act({ on, ...action }: Action): void {
    if (this.#isCalm) return;
    if (on !== undefined) {
      this.#waiting.add({ on, action });
      return;
    }
    this.#scene.trace.line(`${this.#scene.clock.monoUs()} act ${JSON.stringify(action)}`);
    switch (action.do) {
      case 'record':
        return this.#camera(action.camera, (placed) => this.#record(placed));
      case 'stop':
        return this.#camera(action.camera, ({ machine }) => machine.stop());
      case 'mark':
        return this.#camera(action.camera, ({ machine }) => machine.mark(action.kind));
      case 'dock':
        return this.#camera(action.camera, (placed) => this.#dock(placed, action.dock));
      case 'undock':
        return this.#camera(action.camera, (placed) => this.#undock(placed));
      case 'assign':
        return this.#camera(action.camera, ({ machine }) => machine.assign(action.officer));
      case 'deed':
        return this.#machines.people.perform(action.deed);
      default:
        return this.#harm(action);
    }
  }

  #cue(camera: CameraId, dock: string, name: string): void {
    for (const waiting of this.#waiting) {
      if (waiting.on !== name || !this.#isAbout(waiting.action, camera, dock)) continue;
      this.#waiting.delete(waiting);
      // Whoever says it has said it by then.
      this.#later(0, () => this.act(waiting.action));
    }
  }

  #isAbout(action: Action, camera: CameraId, dock: string): boolean {
    const { cameras, docks } = this.#machines;
    if ('camera' in action) return cameras[action.camera]?.machine.cameraId === camera;
    return 'dock' in action && docks[action.dock]?.dockId === dock;
  }

  #harm(harm: Harm): void {
    const { wires } = this.#machines;
    switch (harm.do) {
      case 'camera-cut':
        return this.#camera(harm.camera, (placed) => this.#cutCamera(placed, harm));
      case 'pull':
        return this.#camera(harm.camera, (placed) => this.#pull(placed, harm.isNoticed));
      case 'clock-step':
        return this.#camera(harm.camera, ({ machine }) => machine.stepClock(harm.byMs));
      case 'weary':
        return this.#camera(harm.camera, ({ machine }) => {
          machine.weary(harm.weariness);
          this.#later(harm.ms, () => machine.weary(FRESH));
        });
      case 'flash-room':
        return this.#camera(harm.camera, ({ machine }) => {
          machine.disk.leaveRoom(harm.bytes);
          this.#later(harm.ms, () => machine.disk.leaveRoom(Number.POSITIVE_INFINITY));
        });
      case 'hang-up':
        return this.#camera(harm.camera, ({ machine }) => wires.hangUp(machine.cameraId));
      case 'half-close':
        return this.#camera(harm.camera, ({ machine }) => wires.halfClose(machine.cameraId, harm.heldMs));
      case 'part':
        return this.#camera(harm.camera, ({ machine }) => wires.part(machine.cameraId, harm.ms));
      case 'dock-cut':
        return this.#withDock(harm.dock, (dock) => this.#cutDock(dock, harm));
      case 'dock-harm':
        return this.#withDock(harm.dock, (dock) => dock.suffer(harm.harm));
      case 'broker':
        return this.#withDock(harm.dock, (dock) => wires.restartBroker(dock));
      case 'weather':
        wires.weather = harm.weather;
        return undefined;
      default:
        return harm satisfies never;
    }
  }

  #record(placed: Placed): void {
    placed.isDocked = false;
    placed.machine.record();
  }

  #dock(placed: Placed, dock: number): void {
    if (placed.isDocked && placed.bay !== dock) {
      const { cameraId, doing } = placed.machine;
      if (this.#machines.wires.isInUse(cameraId)) this.#scene.fault('dock-swap', cameraId, doing);
      this.#machines.wires.unplug(cameraId, false);
    }
    placed.bay = dock;
    placed.isDocked = true;
    placed.machine.dock();
  }

  #undock(placed: Placed): void {
    placed.isDocked = false;
    placed.machine.undock();
  }

  #pull(placed: Placed, isNoticed: boolean): void {
    const { machine } = placed;
    if (!placed.isDocked) return;
    const { wires } = this.#machines;
    if (wires.isInUse(machine.cameraId)) this.#scene.fault('undock', machine.cameraId, machine.doing);
    wires.unplug(machine.cameraId, isNoticed);
    this.#undock(placed);
  }

  #cutCamera({ machine }: Placed, cut: CameraCut): void {
    const gone = (state: string): void => {
      this.#scene.fault(cut.isBattery ? 'battery-dead' : 'camera-power-cut', machine.cameraId, state);
      if (cut.isBattery) machine.resetClock();
      this.#later(cut.offMs, () => machine.powerOn());
    };
    if (!machine.isPowered) return;
    if (cut.operations !== undefined) return machine.cutPowerAfter(cut.operations, gone);
    const state = machine.doing;
    machine.cutPower();
    gone(state);
  }

  #cutDock(dock: DockMachine, { offMs, operations }: Extract<Harm, { do: 'dock-cut' }>): void {
    const gone = (state: string): void => {
      this.#scene.fault('dock-power-cut', dock.dockId, state);
      this.#machines.wires.cutDock(dock);
      this.#later(offMs, () => this.#boot(dock));
    };
    if (!dock.isUp) return;
    if (operations !== undefined) return dock.cutPowerAfter(operations, gone);
    const state = dock.doing;
    dock.cutPower();
    gone(state);
  }

  #boot(dock: DockMachine): void {
    if (!dock.isUp) dock.boot().catch(this.#crashed);
  }

  #camera(index: number, act: (placed: Placed) => void): void {
    const placed = this.#machines.cameras[index];
    if (placed !== undefined) act(placed);
  }

  #withDock(index: number, act: (dock: DockMachine) => void): void {
    const dock = this.#machines.docks[index];
    if (dock !== undefined) act(dock);
  }

  /** In calm everything was mended already. */
  #later(ms: number, act: () => void): void {
    this.#scene.clock.after(ms, () => {
      if (!this.#isCalm) act();
    });
  }
}

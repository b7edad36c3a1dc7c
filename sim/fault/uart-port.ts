import type { Cancel, Clock } from '../../device/ports.ts';
import type { BytePort, BytePortEvents } from '../../proto/byte-port.ts';
import { LinkError } from '../../proto/errors.ts';
import type { Chance } from './chance.ts';
import { UartLine, type UartOptions } from './uart.ts';

export interface UartCableOptions extends UartOptions {
  readonly clock: Pick<Clock, 'after' | 'monoUs'>;
  readonly chance: Chance;
  /** What arrives is handed over cut at random places, as reads from a port are. */
  readonly cutAnywhere?: boolean;
  /** A hang-up by itself so long after the start. */
  readonly hangUpAfterMs?: number;
}

/** A modelled serial line between two ports, in memory and under any clock. */
export interface UartCable {
  readonly camera: BytePort;
  readonly dock: BytePort;
  /** Bytes put on the wire, each way, whatever became of them. */
  readonly sentBytes: { readonly toDock: number; readonly toCamera: number };
  /** Both ports vanish at once, and what was on the wire is lost. */
  hangUp(): void;
}

/** Two ports joined by a UART line each way; closing one is not noticed at the other. */
export function makeUartCable(options: UartCableOptions): UartCable {
  const toDock = new UartLine(options, options.chance.split('to dock'));
  const toCamera = new UartLine(options, options.chance.split('to camera'));
  const camera = new MemoryPort(options, toDock, toCamera);
  const dock = new MemoryPort(options, toCamera, toDock);
  camera.join(dock);
  dock.join(camera);
  const hangUp = (): void => {
    camera.vanish();
    dock.vanish();
  };
  if (options.hangUpAfterMs !== undefined) options.clock.after(options.hangUpAfterMs, hangUp);
  return {
    camera,
    dock,
    get sentBytes() {
      return { toDock: toDock.sentBytes, toCamera: toCamera.sentBytes };
    },
    hangUp,
  };
}

class MemoryPort implements BytePort {
  readonly #clock: UartCableOptions['clock'];
  readonly #cutting: Chance | undefined;
  readonly #out: UartLine;
  readonly #in: UartLine;
  #baud: number;
  #peer: MemoryPort | undefined;
  #events: BytePortEvents | undefined;
  #isOpen = true;
  #delivery: { readonly atUs: number; readonly cancel: Cancel } | undefined;

  constructor(options: UartCableOptions, out: UartLine, incoming: UartLine) {
    this.#clock = options.clock;
    this.#out = out;
    this.#in = incoming;
    this.#baud = options.baud;
    this.#cutting = options.cutAnywhere === true ? options.chance.split('cuts') : undefined;
  }

  join(peer: MemoryPort): void {
    this.#peer = peer;
    this.#arrange();
  }

  get baud(): number {
    return this.#baud;
  }

  write(bytes: Uint8Array, taken: () => void): void {
    if (!this.#isOpen) return;
    const nowUs = this.#clock.monoUs();
    const takenUs = this.#out.put(bytes, nowUs);
    this.#peer?.expect();
    const tell = (): void => {
      if (this.#isOpen) taken();
    };
    if (takenUs > nowUs) this.#clock.after((takenUs - nowUs) / 1_000, tell);
    else queueMicrotask(tell);
  }

  drain(): Promise<void> {
    const leftUs = this.#out.busyUntilUs - this.#clock.monoUs();
    if (leftUs <= 0) return Promise.resolve();
    return new Promise((resolve) => this.#clock.after(leftUs / 1_000, resolve));
  }

  setBaud(baud: number): Promise<void> {
    if (!this.#isOpen) return Promise.reject(LinkError.gone('modelled port'));
    this.#baud = baud;
    this.#out.setBaud(baud, this.#clock.monoUs());
    this.#in.hearAt(baud);
    this.#peer?.expect();
    return Promise.resolve();
  }

  listen(on: BytePortEvents): void {
    this.#events = on;
  }

  close(): Promise<void> {
    this.vanish();
    return Promise.resolve();
  }

  vanish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#delivery?.cancel();
    this.#events?.closed();
  }

  /** Something was put on the way to this end. */
  expect(): void {
    const atUs = this.#in.nextUs;
    if (this.#delivery !== undefined && this.#delivery.atUs === atUs) return;
    this.#delivery?.cancel();
    this.#arrange();
  }

  #arrange(): void {
    this.#delivery = undefined;
    const atUs = this.#in.nextUs;
    if (!this.#isOpen || atUs === Number.POSITIVE_INFINITY) return;
    const cancel = this.#clock.after((atUs - this.#clock.monoUs()) / 1_000, () => this.#deliver());
    this.#delivery = { atUs, cancel };
  }

  #deliver(): void {
    this.#delivery = undefined;
    for (const bytes of this.#in.take(this.#clock.monoUs())) {
      for (const piece of this.#cut(bytes)) if (this.#isOpen) this.#events?.bytes(piece);
    }
    this.expect();
  }

  #cut(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#cutting === undefined) return [bytes];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + this.#cutting.below(bytes.length - at);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  }
}

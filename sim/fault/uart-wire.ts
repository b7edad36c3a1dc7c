import { SerialLink as CameraSerialLink } from '../../device/link/serial-link.ts';
import type { Clock } from '../../device/ports.ts';
import { SerialLink as DockSerialLink } from '../../dock/link/serial-link.ts';
import { makeUartCable, type UartCable, type UartCableOptions } from './uart-port.ts';
import type { Wire } from './wire.ts';

/** A wire that is a serial line: the serial links of both programs, with real frames, parts and lanes. */
export interface UartWire extends Wire {
  readonly cable: UartCable;
}

export interface UartWireOptions extends UartCableOptions {
  readonly clock: Clock;
}

/** Joins the links of a camera and a dock by a modelled UART each way, in memory. Both know the rate; none is negotiated. */
export function makeUartWire(options: UartWireOptions): UartWire {
  const cable = makeUartCable(options);
  const { baud, clock } = options;
  return {
    camera: new CameraSerialLink('uart to dock', cable.camera),
    dock: new DockSerialLink(cable.dock, {
      name: 'uart to camera',
      clock,
      baudRate: baud,
      baudMax: baud,
      rtsCts: false,
    }),
    cable,
    cut: () => cable.hangUp(),
  };
}

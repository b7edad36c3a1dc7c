import type { Link as CameraLink } from '../../device/ports.ts';
import type { Link as DockLink } from '../../dock/ports.ts';

/** A link that shows every packet when it is given to it, whatever becomes of it, and when its reader hears it. */
export function watchLink<L extends CameraLink | DockLink>(
  link: L,
  see: (what: 'sent' | 'heard', pdu: Uint8Array) => void,
): L {
  const watched: Pick<L, 'send' | 'packets'> = {
    send: (pdu, lane) => {
      see('sent', pdu);
      return link.send(pdu, lane);
    },
    async *packets() {
      for await (const pdu of link.packets()) {
        see('heard', pdu);
        yield pdu;
      }
    },
  };
  return new Proxy(link, {
    get: (target, name): unknown => {
      if (name === 'send' || name === 'packets') return watched[name];
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

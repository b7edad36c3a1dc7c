import { decodePdu } from './codec.ts';
import { SERIAL_PDU_BYTES_MAX } from './limits.ts';
import {
  type LinkCommit,
  type LinkProbe,
  type LinkPropose,
  type LinkReport,
  type Message,
  MESSAGE_TYPE,
} from './messages.ts';

/** Messages about the serial line itself. The links of both ends keep them to themselves. */
export type LinkMessage = LinkPropose | LinkCommit | LinkProbe | LinkReport;

/** The message in this PDU if it is about the line; undefined for every other, and for one that is not valid. */
export function linkMessageIn(pdu: Uint8Array): LinkMessage | undefined {
  // Data comes by here as well, and is not worth decoding twice.
  const type = pdu[0] ?? 0;
  if (type < MESSAGE_TYPE['link-propose'] || type > MESSAGE_TYPE['link-report']) return undefined;
  const message = decodePdu(pdu, SERIAL_PDU_BYTES_MAX);
  return 'type' in message && isAboutLine(message) ? message : undefined;
}

function isAboutLine(message: Message): message is LinkMessage {
  switch (message.type) {
    case 'link-propose':
    case 'link-commit':
    case 'link-probe':
    case 'link-report':
      return true;
    default:
      return false;
  }
}

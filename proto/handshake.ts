import { concat, utf8 } from './bytes.ts';
import type { Sha256 } from './digest.ts';

/**
 * What both sides sign in the handshake: `"bwc.v1 hello <role>\n" | sha(hello) | sha(ackBody)`. It binds both
 * nonces, both limits and the agreed version, and the role keeps one side's signature from being played back
 * as the other's. `hello` are the Hello's protobuf bytes as they were sent: the PDU without its type byte and
 * CRC. `ackBody` are the encoded HelloAckBody.
 */
// oxlint-disable-next-line max-params -- The parts in the order in which they are hashed, and the hash.
export function helloTranscript(
  role: 'dock' | 'camera',
  hello: Uint8Array,
  ackBody: Uint8Array,
  sha: Sha256,
): Uint8Array {
  return concat(utf8(`bwc.v1 hello ${role}\n`), sha(hello), sha(ackBody));
}

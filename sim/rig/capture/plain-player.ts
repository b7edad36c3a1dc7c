import type { Live, Pace } from './live.ts';
import type { Script } from './script.ts';

// An answer to the last message comes sooner, and Pings keep a live peer talking for ever.
const AFTERWARDS_MS = 2_000;

/**
 * Sends the recorded PDUs of one side exactly as they were. An honest peer takes none of it into a session: nonces and
 * signatures are those of another one. A camera then asks with a Ping, as cameras do that are not answered: a dock that
 * has no session with it must say so. Resolves when what was due as an answer has come.
 */
export async function playPlain(live: Live, script: Script, pace: Pace): Promise<void> {
  for (const { us, pdu } of script.pdus) {
    await pace.reach(us);
    live.sendPdu(pdu);
    // Room for what comes back to be read, however fast we send.
    await live.pause(0);
  }
  if (live.side === 'camera') live.send({ type: 'ping', sentUs: live.us });
  await live.until(() => script.milestones.missing(live.milestones).length === 0, AFTERWARDS_MS);
}

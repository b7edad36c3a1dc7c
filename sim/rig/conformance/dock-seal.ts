import type { Offer } from '../../../proto/messages.ts';
import { Chance } from '../../fault/chance.ts';
import { makeWraps } from '../../world/town.ts';
import { ANSWER_MS, demand } from './case.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { refused, SMALL } from './dock-proofs.ts';
import { type PuppetSession, withoutWraps } from './puppet-camera.ts';
import { PuppetUpload } from './puppet-upload.ts';
import type { PuppetRecording } from './recording.ts';

/** Sections 7 and 11: what is sealed comes with its wraps, and who seals goes on sealing. */
export const SEAL_CASES: readonly DockCase[] = [
  {
    name: 'wraps-checked',
    rule: 'A sealed recording whose Offer has no wraps, or others than its manifest names, is refused with bad-manifest (never); the next Offer with the right ones is taken.',
    section: '7',
    run: wrapsChecked,
  },
  {
    name: 'no-seal-off',
    rule: 'A sealed recording is accepted; an unsealed one of the same camera with a higher counter is quarantined.',
    section: '11',
    needs: 'second-camera',
    run: async (bench) => {
      // The rig's first camera never has a sealed recording accepted: no other case would get an unsealed one in.
      const session = await (await bench.second()).dock();
      const { camera } = session;
      await session.upload(camera.record([...SMALL], { isSealed: true }));
      const upload = await session.offer(camera.record([...SMALL]));
      await upload.sendUpTo(upload.recording.layout.totalBytes);
      const { body } = await upload.fin('quarantined');
      demand(body.reason.startsWith('seal-off'), 'the reason seal-off', body.reason);
    },
  },
];

async function wrapsChecked({ camera, wire }: DockBench): Promise<void> {
  const recording = camera.record([...SMALL], { isSealed: true });
  const others = makeWraps(new Chance('wraps of another recording'));
  const first = await camera.dock();
  for (const offer of [withoutWraps(first.offerOf(recording)), first.offerOf(recording, { wraps: others })]) {
    const upload = await offered(first, recording, offer);
    upload.pour(0, upload.endOf(0));
    const { recordingId } = await refused(wire, 'bad-manifest', 'never');
    demand(recordingId === recording.recordingId, 'an Abort about this recording', recordingId ?? 'none');
  }
  // In the same session and in a new one.
  for (const session of [() => first, () => camera.dock()]) {
    wire.forget();
    const upload = await (await session()).offer(recording);
    await upload.sendUpTo(upload.endOf(0));
  }
}

/** As an Offer says it; nothing of a recording that was refused may be there. */
async function offered(
  session: PuppetSession,
  recording: PuppetRecording,
  offer: Offer,
): Promise<PuppetUpload> {
  const { wire } = session.camera;
  wire.forget();
  wire.send(offer);
  const accept = await wire.expect('accept', ANSWER_MS);
  demand(accept.receivedTo === 0, 'an Accept from the start', `received_to ${accept.receivedTo}`);
  return new PuppetUpload({ session, recording, accept });
}

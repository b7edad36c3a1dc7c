import { openAuthzen } from '../../dock/authzen/policy.ts';
import type { Question } from '../../dock/ports.ts';
import { toHex } from '../../proto/bytes.ts';
import { isDockId, isPersonId } from '../../proto/ids.ts';
import { signManifest } from '../../proto/manifest.ts';
import { ManualClock } from '../../sim/fault/manual-clock.ts';
import { ScriptedPolicy } from '../../sim/fault/policy.ts';
import { CAMERA_KEY, checked, manifestOf, recordingId, sha256 } from '../unit/proto/fixture.ts';
import { denied, PolicyPeer } from './policy-peer.ts';
import { policyContract, type PolicyRig } from './policy.ts';

const manifest = manifestOf();
const signedManifest = signManifest(manifest, CAMERA_KEY.sign);
const recording = { recordingId, manifest, signedManifest };
const question: Question = {
  person: checked('4411', isPersonId),
  recordingId,
  manifestSha256: sha256(signedManifest),
  action: 'view',
  purpose: 'supplement_report',
};

policyContract('the AuthZEN adapter', async (): Promise<PolicyRig> => {
  const clock = new ManualClock();
  const peer = await PolicyPeer.start(() => Math.floor(clock.wallUs() / 1_000_000));
  peer.manifest = toHex(question.manifestSha256);
  const script = new Map<string, unknown>();
  peer.evaluate = async (asked) => {
    const line = script.get(`${asked.resource.id}/${asked.subject.id}`);
    return line === 'allow' ? peer.allowed(asked) : { body: line ?? denied('no rule permits it', []) };
  };
  let nonces = 0;
  const policy = await openAuthzen({
    url: peer.url,
    policyKey: peer.publicJwk,
    token: 'dock-token',
    clock,
    keys: {
      dockId: checked('dock-1', isDockId),
      randomBytes: (count) => new Uint8Array(count).fill((nonces += 1)),
    },
  });
  return {
    policy,
    question,
    recording,
    allow: (person, id) => void script.set(`${id}/${person}`, 'allow'),
    deny: (person, id, missing) => void script.set(`${id}/${person}`, denied('Waiting.', missing)),
    silence: () => {
      peer.evaluate = async () => 'hang-up';
      peer.factStatus = 503;
    },
    fact: (type) => peer.stream(`event: fact\ndata: ${JSON.stringify({ index: 1, type })}\n\n`),
    tokens: async (person) => ({ good: await peer.token({ sub: person }), bad: `${await peer.token()}x` }),
    close: () => peer.close(),
  };
});

policyContract('the script', async (): Promise<PolicyRig> => {
  const policy = new ScriptedPolicy(new ManualClock());
  return {
    policy,
    question,
    recording,
    allow: (person, id) => policy.allow(person, id),
    deny: (person, id, missing) => policy.deny(person, id, missing),
    silence: () => policy.silence('nobody answers'),
    fact: (type) => policy.announce({ type }),
    tokens: async (person) => ({ good: policy.signIn(person, ['officer']), bad: 'token-of-nobody' }),
    close: async () => {},
  };
});

import { registeredFact } from '../../dock/authzen/fact.ts';
import type { Question } from '../../dock/ports.ts';
import { isDockId, isPersonId } from '../../proto/ids.ts';
import { signManifest } from '../../proto/manifest.ts';
import { CAMERA_KEY, checked, manifestOf, recordingId, sha256 } from '../unit/proto/fixture.ts';
import { Chance } from '../../sim/fault/chance.ts';
import { statementKey } from '../../sim/world/statement.ts';
import { openTown } from '../unit/sim/world/office-town.ts';
import { policyContract, type PolicyRig } from './policy.ts';

const manifest = manifestOf();
const signedManifest = signManifest(manifest, CAMERA_KEY.sign);
const PAGE = statementKey(new Chance('page'));
const REPORT = 'ab'.repeat(32);
const recording = { recordingId, manifest, signedManifest };
const person = checked('4411', isPersonId);
const question: Question = {
  person,
  recordingId,
  manifestSha256: sha256(signedManifest),
  action: 'view',
  purpose: 'supplement_report',
};

/*
 * Goal: the policy service of a world keeps what release relies on, as the real one behind HTTP does.
 * Method: the same contract, with time pushed on while somebody waits.
 */
policyContract('the office of a world', async (): Promise<PolicyRig> => {
  const town = openTown('contract', {
    cameras: [{ id: manifest.cameraId, publicKey: CAMERA_KEY.publicKey }],
  });
  const dock = { name: 'dock-1', may: new Set(['*']) };
  const policy = town.lines.connect(town.caller(checked('dock-1', isDockId)));
  const stop = town.runByItself();
  const known = (): void => {
    town.office.take(dock, registeredFact(recording));
    town.file('recording.linked', { recording: recordingId, incident: '24-118842' });
  };
  return {
    policy,
    question,
    recording,
    allow: () => {
      known();
      town.file('report.filed', { incident: '24-118842', person: manifest.officerId, reportHash: REPORT });
      town.file('report.filed', { incident: '24-118842', person, reportHash: REPORT });
    },
    deny: known,
    silence: () => town.lines.setMode('down'),
    fact: () => town.file('report.filed', { incident: '24-1', person, reportHash: REPORT }),
    tokens: async (whose) => ({
      good: town.office.signIn(whose, PAGE) ?? '',
      bad: `${town.office.signIn(whose, PAGE) ?? ''}x`,
    }),
    close: async () => stop(),
  };
});

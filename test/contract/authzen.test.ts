import { buildFixtureServer, readFixture } from '../../dock/policy/http/fixture.ts';
import { fact } from '../unit/dock/policy/story.ts';
import {
  ISSUER,
  LINKED,
  RECORDER,
  RECORDS_TOKEN,
  REGISTERED,
  TestService,
} from '../unit/dock/policy/http/service.ts';
import { recordingId } from '../unit/proto/fixture.ts';
import { authzenContract, CERTIFICATION, type Pdp } from './authzen.ts';

const FIXTURE = {
  subjects: [CERTIFICATION.subject],
  resources: [CERTIFICATION.resource],
  allow: [{ subject: 'bob', action: 'read', resource: 'record-1' }],
};

async function serveFixture(token?: string): Promise<Pdp> {
  const listening = { url: '' };
  const app = buildFixtureServer(readFixture('fixture.json', JSON.stringify(FIXTURE)), {
    ...(token === undefined ? {} : { token }),
    url: () => listening.url,
    report: () => undefined,
  });
  listening.url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { ...CERTIFICATION, url: listening.url, token, close: () => app.close() };
}

authzenContract('the fixture, open to anybody,', () => serveFixture());
authzenContract('the fixture with a token', () => serveFixture('token-of-the-harness'));

authzenContract('the policy service', async () => {
  const town = await TestService.start();
  await town.tell(REGISTERED, LINKED, fact('report.filed', { person: RECORDER }));
  return {
    url: await town.app.listen({ port: 0, host: '127.0.0.1' }),
    identity: ISSUER,
    token: RECORDS_TOKEN,
    subject: { type: 'person', id: RECORDER },
    resource: { type: 'recording', id: recordingId },
    permitted: 'view',
    denied: 'burn',
    context: { purpose: 'supplement_report' },
    close: () => town.stop(),
  };
});

// Any other decision point that has the certification's own fixture: HOLDFAST_PDP=https://… [HOLDFAST_PDP_TOKEN=…]
const elsewhere = process.env['HOLDFAST_PDP'];
if (elsewhere !== undefined) {
  authzenContract(elsewhere, async () => ({
    ...CERTIFICATION,
    url: elsewhere,
    token: process.env['HOLDFAST_PDP_TOKEN'],
  }));
}

import { generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAuthzen } from '../../../../dock/authzen/policy.ts';
import type { Policy, PolicyEvent } from '../../../../dock/ports.ts';
import { isDockId } from '../../../../proto/ids.ts';
import { signManifest } from '../../../../proto/manifest.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { PolicyPeer, THUMBPRINT } from '../../../contract/policy-peer.ts';
import { CAMERA_KEY, checked, manifestOf, recordingId } from '../../proto/fixture.ts';

const like = (words: RegExp): unknown => expect.stringMatching(words);

const clock = new ManualClock();
const nowS = (): number => Math.floor(clock.wallUs() / 1_000_000);
let peer: PolicyPeer;
let policy: Policy;

beforeEach(async () => {
  peer = await PolicyPeer.start(nowS);
  policy = await openAuthzen({
    url: `${peer.url}/`,
    policyKey: peer.publicJwk,
    token: 'dock-token',
    clock,
    keys: { dockId: checked('dock-1', isDockId), randomBytes: (count) => new Uint8Array(count) },
  });
});
afterEach(async () => {
  await policy.close();
  await peer.close();
});

describe('a viewer token', () => {
  // Goal: the dock takes from a true token who is there, and believes no other.
  it('names the person, their roles and their key', async () => {
    expect(await policy.viewer(await peer.token())).toEqual({
      person: '4411',
      name: 'R. Ortiz',
      roles: ['officer'],
      keyThumbprint: THUMBPRINT,
      expiresAtUs: (nowS() + 900) * 1_000_000,
    });
  });

  it.each([
    [
      'of another key',
      async () => peer.token({}, { key: (await generateKeyPair('ES256')).privateKey }),
      /unknown key/,
    ],
    [
      'that is a grant',
      async () => peer.token({}, { header: { typ: 'holdfast-grant+jwt' } }),
      /another kind/,
    ],
    ['for another use', async () => peer.token({ aud: 'elsewhere' }), /another use/],
    ['that is expired', async () => peer.token({ iat: nowS() - 1_000, exp: nowS() - 100 }), /expired/],
    ['for a year', async () => peer.token({ exp: nowS() + 31_536_000 }), /unbelievable/],
    ['of nobody', async () => peer.token({ sub: '' }), /malformed/],
    ['of somebody impossible', async () => peer.token({ sub: '../4411' }), /malformed/],
    ['without a key', async () => peer.token({ cnf: {} }), /malformed/],
    ['with a role that is a number', async () => peer.token({ roles: [7] }), /malformed/],
    ['of garbage', async () => 'a.b.c', /malformed/],
    ['of far too much', async () => 'x'.repeat(100_000), /not a signed statement/],
  ])('%s is refused', async (_, token, words) => {
    expect(await policy.viewer(await token())).toEqual({ refused: like(words) });
  });
});

describe('registering', () => {
  // Goal: registering again sends the same bytes, so the service can say "known". Method: twice, compared.
  it('sends the same fact each time', async () => {
    const manifest = manifestOf();
    const recording = { recordingId, manifest, signedManifest: signManifest(manifest, CAMERA_KEY.sign) };
    expect(await policy.register(recording)).toBe(true);
    peer.factStatus = 200;
    clock.advance(60_000);
    expect(await policy.register(recording)).toBe(true);
    expect(peer.facts[0]).toEqual(peer.facts[1]);
    expect(peer.facts[0]).toMatchObject({
      id: `registered/${recordingId}`,
      type: 'recording.registered',
      recording: recordingId,
      camera: 'cam-1',
      officer: '4411',
      manifestHash: like(/^[0-9a-f]{64}$/),
    });
  });

  it.each([400, 401, 409, 500])('is not done when the service answers %d', async (status) => {
    peer.factStatus = status;
    const manifest = manifestOf();
    const signedManifest = signManifest(manifest, CAMERA_KEY.sign);
    expect(await policy.register({ recordingId, manifest, signedManifest })).toBe(false);
  });
});

describe('an answer that somebody else gave', () => {
  // Goal: what stands between the dock and the service, such as the portal of a network that answers everything with 200, is not taken
  // for the service. A recording that it swallowed would never be decided about. Method: bodies that say nothing of a fact.
  it.each([
    ['a page', '<html>Please sign in</html>'],
    ['an empty object', {}],
    ['a portal in JSON', { status: 'ok', redirect: 'https://portal.example' }],
    ['a list', [{ index: 1 }]],
    ['an index that is text', { index: '1' }],
    ['an index that no fact has', { index: 0 }],
    ['an index between two', { index: 1.5 }],
    ['nothing', null],
  ])('is no registration: %s', async (_, body) => {
    peer.factBody = () => body;
    const manifest = manifestOf();
    const signedManifest = signManifest(manifest, CAMERA_KEY.sign);
    for (peer.factStatus of [200, 201])
      expect(await policy.register({ recordingId, manifest, signedManifest })).toBe(false);
    peer.factBody = (index) => ({ index });
    expect(await policy.register({ recordingId, manifest, signedManifest })).toBe(true);
  });
});

describe('the event stream', () => {
  const collect = (): { readonly events: PolicyEvent[]; readonly ended: Promise<void> } => {
    const events: PolicyEvent[] = [];
    const read = async (): Promise<void> => {
      for await (const event of policy.events()) events.push(event);
    };
    return { events, ended: read() };
  };
  const fact = (index: number): string => `event: fact\ndata: {"index":${index},"type":"report.filed"}\n\n`;

  // Goal: facts arrive; after a break the stream goes on behind the last one, and the listener is told of the gap.
  it('goes on after a break', async () => {
    const { events, ended } = collect();
    await vi.waitFor(() => expect(peer.streams).toBe(1));
    peer.stream(fact(41));
    await vi.waitFor(() => expect(events).toHaveLength(2));
    peer.dropStreams();
    await vi.waitFor(() => {
      clock.advance(250);
      expect(events).toHaveLength(3);
    });
    expect(events).toEqual([
      { event: 'reconnected' },
      { event: 'fact', index: 41, type: 'report.filed' },
      { event: 'reconnected' },
    ]);
    expect(peer.requests).toEqual(['GET /v1/events', 'GET /v1/events?after=41']);
    await policy.close();
    await ended;
  });

  // Goal: a peer that is gone without a word is noticed in 3 s, one that beats is left alone.
  it('takes three seconds of silence for a break', async () => {
    const { events, ended } = collect();
    await vi.waitFor(() => expect(events).toHaveLength(1));
    for (let beat = 0; beat < 3; beat += 1) {
      clock.advance(2_000);
      peer.stream(fact(beat));
      await vi.waitFor(() => expect(events).toHaveLength(beat + 2));
    }
    clock.advance(3_000);
    await vi.waitFor(() => expect(peer.streams).toBe(0));
    await vi.waitFor(() => {
      clock.advance(250);
      expect(events.at(-1)).toEqual({ event: 'reconnected' });
    });
    await policy.close();
    await ended;
    expect(clock.pending).toBe(0);
  });

  // Goal: while nobody listens the dock keeps trying, and stops when it is told to.
  it('keeps trying until it is closed', async () => {
    await peer.close();
    const { events, ended } = collect();
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    clock.advance(250);
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    await policy.close();
    await ended;
    expect(events).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

import { generateKeyPair } from 'jose';
import { expect, vi } from 'vitest';
import { openAuthzen } from '../../../../dock/authzen/policy.ts';
import type { Policy } from '../../../../dock/ports.ts';
import { openRelease, type Release } from '../../../../dock/release/release.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import {
  denied,
  PolicyPeer,
  THUMBPRINT,
  type Asked,
  type PeerAnswer,
} from '../../../contract/policy-peer.ts';
import { attackTable, type Attack, type Refused, type Stage } from '../policy/http/attack-table.ts';
import { CHUNKS, LEDGER_KEY, ORIGIN, sha256 } from '../../proto/fixture.ts';
import { isOpen, keys, MemoryHoldings, OFFICER, recording } from './fixture.ts';

// Goal: the attack table of the release, part of the dock: a policy service that lies, or somebody in its place, opens nothing, releases
// nothing, and is told apart from one that denies. Method: a dock's whole release over the real client and real HTTP; a peer whose every
// answer is in the test's hands; for each lie a dock of its own, asked by the officer to open their recording and to show how it stands.

const R1 = recording(1);
const OPENING = ['granted', 'released', 'viewed'];

interface Dock {
  readonly clock: ManualClock;
  /** The service's own clock, seconds. */
  readonly serviceS: { now: number };
  readonly peer: PolicyPeer;
  readonly policy: Policy;
  readonly ledger: MemoryLedger;
  readonly release: Release;
}

type OnDock = Attack<Dock>;
type Lie = (asked: Asked, dock: Dock) => Promise<PeerAnswer>;

async function start(): Promise<Dock> {
  const clock = new ManualClock();
  const serviceS = { now: Math.floor(clock.wallUs() / 1_000_000) };
  const peer = await PolicyPeer.start(() => serviceS.now);
  let drawn = 0;
  const randomBytes = (count: number): Uint8Array => new Uint8Array(count).fill((drawn += 1));
  const dockKeys = { ...keys, randomBytes };
  const policy = await openAuthzen({
    ...{ url: peer.url, policyKey: peer.publicJwk, token: 'dock-token', clock, keys: dockKeys },
  });
  const holdings = new MemoryHoldings();
  peer.manifest = toHex(holdings.add(R1).manifestSha256);
  const ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256 });
  const release = await openRelease({
    ...{ policy, holdings, ledger, clock, keys: dockKeys, notify: () => undefined },
  });
  return { clock, serviceS, peer, policy, ledger, release };
}

async function stop({ release, policy, peer }: Dock): Promise<void> {
  await policy.close();
  await release.close();
  await peer.close();
}

async function open({ release, clock }: Dock) {
  const viewer = {
    ...{ person: OFFICER, name: 'Officer', roles: ['officer'], keyThumbprint: THUMBPRINT },
    expiresAtUs: clock.wallUs() + 900_000_000,
  };
  const asked = { recordingId: R1, purpose: 'supplement_report', viewer, token: 't', proof: 'p' };
  return release.open({ ...asked, chunks: [0, CHUNKS.length] });
}

const entriesOf = async ({ ledger }: Dock): Promise<readonly string[]> => {
  const { size } = await ledger.checkpoint();
  return (await ledger.read(0, size)).map((entry) => decodeEntry(entry).type);
};

/** Not opened, not released, nothing on record that says so; the page is told that nobody could be asked, and why. */
async function shut(dock: Dock, words: RegExp): Promise<Refused> {
  const opened = await open(dock);
  if (isOpen(opened)) throw new Error('it was opened');
  expect(opened.refused.verdict).toBe('unreachable');
  expect(opened.refused.reason).toMatch(words);
  const chunk = { recordingId: R1, index: 0 };
  expect(await dock.release.chunk('a guess', OFFICER, chunk)).toBeUndefined();
  const [status] = await dock.release.statuses(OFFICER, ['officer']);
  expect(status).toMatchObject({ status: 'withheld' });
  expect((await entriesOf(dock)).filter((type) => OPENING.includes(type))).toEqual([]);
  return { by: 'dock, withheld as unreachable', reason: opened.refused.reason };
}

const lying =
  (lie: Lie, words: RegExp): OnDock =>
  async (dock) => {
    dock.peer.evaluate = (asked) => lie(asked, dock);
    return shut(dock, words);
  };
const says = (body: unknown, words: RegExp): OnDock => lying(async () => ({ body }), words);
const claims = (changed: Record<string, unknown>, words: RegExp): OnDock =>
  lying(async (asked, { peer }) => peer.allowed(asked, { claims: changed }), words);

/** Lies about openings alone; how the recording stands is answered truly: nobody may. */
const openingWith = (changed: Record<string, unknown>, words: RegExp): OnDock =>
  lying(
    async (asked, { peer }) =>
      asked.context.opening === undefined
        ? { body: denied('Waiting.', []) }
        : peer.allowed(asked, { claims: changed }),
    words,
  );

const GARBAGE: Readonly<Record<string, OnDock>> = {
  '200 with no JSON': says('OK', /not JSON/),
  '200 with nothing': says('', /not JSON/),
  '200 with html': says('<html><body>Sign in to the hotel network</body></html>', /not JSON/),
  '200 with a list': says([], /malformed/),
  '200 with null': says('null', /malformed/),
  '200 with an allow that is text': says({ decision: 'true', context: { reason: '' } }, /malformed/),
  '200 with an allow that is 1': says({ decision: 1, context: { reason: '', grant: 'x' } }, /malformed/),
  '200 with an allow without a context': says({ decision: true }, /malformed/),
  '200 with an allow without a grant': says({ decision: true, context: { reason: 'yes' } }, /malformed/),
  '200 with an allow and an empty grant': says(
    { decision: true, context: { reason: '', grant: '' } },
    /malformed signed statement/,
  ),
  '200 with a reason of a megabyte': says(denied('x'.repeat(1_000_000), []), /more than it should/),
  '200 with a body that never ends': says('x'.repeat(50_000_000), /more than it should/),
  '200 with more missing facts than anybody lists': says(
    denied('', Array(1_001).fill({ fact: 'f', text: 't' })),
    /malformed|more than it should/,
  ),
  '200 with an allow and a deny in one': says(
    '{"decision":false,"decision":true,"context":{"reason":""}}',
    /malformed/,
  ),
  'a redirect to somewhere else': lying(
    async () => ({ status: 302, body: '' }),
    /answered 302|cannot be reached/,
  ),
  'the connection cut': lying(async () => 'hang-up', /cannot be reached/),
};

const GRANTS: Readonly<Record<string, OnDock>> = {
  'grant by another key': lying(async (asked, { peer }) => {
    const { privateKey } = await generateKeyPair('ES256');
    return peer.allowed(asked, { key: privateKey });
  }, /signature by an unknown key/),
  'grant that is not signed': lying(async (asked, { peer }) => {
    const header = Buffer.from('{"alg":"none","typ":"holdfast-grant+jwt"}').toString('base64url');
    const grant = `${header}.${(await peer.grant(asked)).split('.')[1]}.`;
    return { body: { decision: true, context: { reason: '', regime: 'doj', grant } } };
  }, /signed statement|not allowed/),
  "somebody's sign-in for a grant": lying(async (_asked, { peer }) => {
    const grant = await peer.token();
    return { body: { decision: true, context: { reason: '', regime: 'doj', grant } } };
  }, /signed statement of another kind/),
  'grant of another nonce (replayed)': claims({ nonce: '00'.repeat(16) }, /another question/),
  'grant for another person': claims({ sub: '4412' }, /another person/),
  'grant for another recording': claims({ recording: 'ff'.repeat(16) }, /another recording/),
  'grant for another manifest': claims({ manifest: 'ff'.repeat(32) }, /another manifest/),
  'grant for another viewer key': openingWith({ cnf: { jkt: 'x'.repeat(43) } }, /another key/),
  'grant for another dock': claims({ aud: 'dock-2' }, /another dock/),
  'grant for another purpose': claims({ purpose: 'oversight' }, /another purpose/),
  'grant for another range: wider': openingWith({ chunks: [0, 12] }, /other chunks/),
  'grant for another range: empty': openingWith({ chunks: [0, 0] }, /other chunks/),
  'grant of kind release for an opening': openingWith({ kind: 'release' }, /another kind of use/),
  'grant for a year': claims({ exp: 4_000_000_000, chunks: [0, 3] }, /unbelievable age/),
  'grant without an end': claims({ exp: undefined, chunks: [0, 3] }, /unbelievable age/),
};

const HOUR_S = 3_600;
const SHORT = { chunks: [0, 3] };
const honestly: Lie = (asked, { peer }) => peer.allowed(asked, { claims: SHORT });

const CLOCKS: Readonly<Record<string, OnDock>> = {
  "policy service's clock an hour ahead": (dock) => {
    dock.serviceS.now += HOUR_S;
    return lying(honestly, /not yet valid/)(dock);
  },
  "policy service's clock an hour behind": (dock) => {
    dock.serviceS.now -= HOUR_S;
    return lying(honestly, /expired/)(dock);
  },
  "dock's clock an hour ahead": (dock) => {
    dock.clock.step(HOUR_S * 1_000_000);
    return lying(honestly, /expired/)(dock);
  },
  "dock's clock an hour behind": (dock) => {
    dock.clock.step(-HOUR_S * 1_000_000);
    return lying(honestly, /not yet valid/)(dock);
  },
  "a sign-in, by a dock's clock an hour ahead": async (dock) => {
    const token = await dock.peer.token();
    expect(await dock.policy.viewer(token)).toMatchObject({ person: OFFICER });
    dock.clock.step(HOUR_S * 1_000_000);
    return told(await dock.policy.viewer(token), /expired/);
  },
  "a sign-in, by a dock's clock an hour behind": async (dock) => {
    const token = await dock.peer.token();
    dock.clock.step(-HOUR_S * 1_000_000);
    return told(await dock.policy.viewer(token), /not yet valid/);
  },
};

function told(viewer: Awaited<ReturnType<Policy['viewer']>>, words: RegExp): Refused {
  const refused = 'refused' in viewer ? viewer.refused : '';
  expect(refused).toMatch(words);
  return { by: 'dock, nobody is signed in', reason: refused };
}

/** The stream says this; whatever it says, a release comes of an answer with a grant alone. */
const streaming =
  (text: string): OnDock =>
  async (dock) => {
    await vi.waitFor(() => expect(dock.peer.streams).toBe(1));
    dock.peer.stream(text);
    const refused = await shut(dock, /malformed/);
    return { ...refused, by: 'dock, an event opens nothing' };
  };
const lyingStream =
  (text: string): OnDock =>
  (dock) => {
    dock.peer.evaluate = async () => ({ body: { decision: true, context: { reason: 'yes' } } });
    return streaming(text)(dock);
  };

const EVENTS: Readonly<Record<string, OnDock>> = {
  'events: html': lyingStream('<html><body>Sign in</body></html>\n\n'),
  'events: no JSON': lyingStream('event: fact\ndata: report.filed\n\n'),
  'events: a fact that says released': lyingStream(
    `event: fact\ndata: {"index":9,"type":"released","recording":"${R1}","person":"4411","decision":true}\n\n`,
  ),
  'events: a report that nobody filed': lyingStream(
    'event: fact\ndata: {"index":9,"type":"report.filed","incident":"i","person":"4411"}\n\n',
  ),
  'events: a line that never ends': async (dock) => {
    const refused = await lyingStream(`data: ${'x'.repeat(1_000_000)}`)(dock);
    // What cannot be the service is left, and found again after a pause.
    await vi.waitFor(() => {
      dock.clock.advance(250);
      expect(dock.peer.requests.filter((one) => one === 'GET /v1/events').length).toBeGreaterThan(1);
    });
    return { ...refused, by: 'dock, connection given up' };
  },
};

const REST: Readonly<Record<string, OnDock>> = {
  'JWKS: another key published': async (dock) => {
    // The key came by hand. Were it asked for, the peer would answer what it answers to every GET: no key at all.
    const { privateKey } = await generateKeyPair('ES256');
    const lie: Lie = (asked, { peer }) => peer.allowed(asked, { key: privateKey, claims: SHORT });
    const refused = await lying(lie, /signature by an unknown key/)(dock);
    expect(dock.peer.requests.filter((one) => one.includes('jwks'))).toEqual([]);
    return { by: 'dock, the key is pinned', reason: `never asked for; ${refused.reason}` };
  },
  'facts: a registration answered with html': async (dock) => {
    dock.peer.factStatus = 200;
    dock.peer.evaluate = async () => ({ body: '<html>' });
    return shut(dock, /not JSON/);
  },
  'a true allow after a lie, under the same grant': async (dock) => {
    let first: PeerAnswer | undefined;
    dock.peer.evaluate = async (asked) => (first ??= await honestly(asked, dock));
    await open(dock);
    // Whichever question was answered truly, every later one has another nonce.
    const again = await open(dock);
    if (isOpen(again)) throw new Error('it was opened twice');
    expect(again.refused.reason).toMatch(/another (question|kind of use)/);
    return { by: 'dock, withheld as unreachable', reason: again.refused.reason };
  },
};

const STAGE: Stage<Dock> = {
  start,
  stop,
  honest: async (dock) => {
    dock.peer.evaluate = (asked) => honestly(asked, dock);
    const session = await open(dock);
    if (!isOpen(session)) throw new Error(session.refused.reason);
    const chunk = { recordingId: R1, index: 0 };
    expect(await dock.release.chunk(session.sessionId, OFFICER, chunk)).toEqual(CHUNKS[0]);
    expect(await entriesOf(dock)).toEqual(expect.arrayContaining(['granted', 'viewed']));
  },
};

attackTable('attacks on a dock by what stands where its policy service should', STAGE, {
  ...GARBAGE,
  ...GRANTS,
  ...CLOCKS,
  ...EVENTS,
  ...REST,
});

import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { askDock } from '../../dock/keep/ask.ts';
import { toHex } from '../../proto/bytes.ts';
import { decodeHelloAckBody, decodePdu, encodeMessage } from '../../proto/codec.ts';
import { PduError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import { MQTT_PDU_BYTES_MAX } from '../../proto/limits.ts';
import { peekManifest, signManifest } from '../../proto/manifest.ts';
import type { Hello, Message } from '../../proto/messages.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import type { Program } from '../../sim/rig/program.ts';
import { openPtyPair, type PtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { flipByte } from '../unit/dock/store/flip.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-refusal-'));
const film = join(dir, 'film.mp4');
const ANSWER_MS_MAX = 10_000;

let site: Site;
let policy: Program;
let dock: Program;
let cable: PtyPair;
let mqttUrl = '';
let dockUrl = '';

beforeAll(async () => {
  await writeFilm(film, { seconds: 1 });
  site = await Site.prepare({
    dir,
    dockId: 'dock-1',
    site: 'yard',
    cameras: ['cam-1', 'cam-2', 'cam-3'],
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
    password: 'x',
  });
  const started = await site.startPolicy({ regime: 'doj' });
  policy = started.program;
  cable = await openPtyPair();
  const opened = await site.startDock({
    serial: [cable.dockPath],
    mqtt: 'embedded:0',
    policyUrl: started.url,
  });
  dock = opened.program;
  mqttUrl = opened.mqtt ?? '';
  dockUrl = opened.url;
});

afterAll(async () => {
  await dock.stop();
  await policy.stop();
  await cable.close();
  rmSync(dir, { recursive: true, force: true });
});

// Goal: a recording whose manifest was tampered with is kept aside under custody, the camera gets a quarantine receipt,
// frees its flash and goes on with the next. Method: forge the manifest in the camera's flash, then dock it for real.
it('a forged manifest goes to quarantine and the next recording arrives', async () => {
  const bad = await recordWithoutDock('cam-1');
  const manifest = join(site.flashDir('cam-1'), 'recordings', bad, 'manifest');
  const { privateKey } = generateKeyPairSync('ed25519');
  const forged = { ...peekManifest(readFileSync(manifest)), officerId: '9999' };
  writeFileSync(
    manifest,
    signManifest(forged, (message) => sign(null, message, privateKey)),
  );
  const camera = site.startCamera('cam-1', ['--serial', cable.cameraPath], {
    args: ['--officer', '4411', '--media', film, '--once'],
  });
  expect(await camera.exited, camera.stderr).toBe(0);
  const good = String((await camera.until('closed'))['recording']);
  expect(await camera.until('receipt', (event) => event['recording'] === bad)).toMatchObject({
    outcome: 'quarantined',
  });
  expect(await camera.until('receipt', (event) => event['recording'] === good)).toMatchObject({
    outcome: 'accepted',
  });
  const [folder = ''] = readdirSync(join(dir, 'dock/quarantine'));
  expect(folder.startsWith(bad)).toBe(true);
  const kept = (file: string): Buffer => readFileSync(join(dir, 'dock/quarantine', folder, file));
  let at = 0;
  for (const { storedBytes, sha256 } of forged.chunks) {
    expect(hash('sha256', kept('chunks').subarray(at, at + storedBytes))).toBe(toHex(sha256));
    at += storedBytes;
  }
  expect(kept('chunks').length).toBe(at);
  // It may have to be opened one day, to see what somebody wanted to hide.
  expect(hash('sha256', kept('wraps'))).toBe(toHex(forged.wrapsSha256 ?? new Uint8Array()));
  expect(existsSync(join(dir, 'dock/recordings', bad))).toBe(false);
  const entries = readLedger(site.ledgerDir);
  expect(entries).toContainEqual(
    expect.objectContaining({ type: 'refused', recording: bad, reason: 'bad-manifest' }),
  );
  expect(entries).toContainEqual(expect.objectContaining({ type: 'accepted', recording: good }));
});

const gaps = (camera: string) =>
  readLedger(site.ledgerDir).filter(
    (entry) => entry.type === 'missing' && entry.camera === camera && entry.kind === 'gap',
  );

// Goal: what is kept aside is not called missing as well, and a number that the camera did not sign hides no gap. Method: the
// camera above, whose first manifest somebody else signed, and one whose memory spoils what it signed.
it('a recording that was refused is missing only when its camera did not sign its number', async () => {
  await vi.waitFor(() => expect(gaps('cam-1')).toMatchObject([{ counterFrom: 1, counterTo: 1 }]), {
    timeout: ANSWER_MS_MAX,
    interval: 100,
  });
  const bad = await recordWithoutDock('cam-3');
  await flipByte(join(site.flashDir('cam-3'), 'recordings', bad, 'chunks'), 1_000);
  const camera = site.startCamera('cam-3', ['--serial', cable.cameraPath], {
    args: ['--officer', '4411', '--media', film, '--once'],
  });
  expect(await camera.exited, camera.stderr).toBe(0);
  const entries = readLedger(site.ledgerDir);
  expect(entries).toContainEqual(
    expect.objectContaining({ type: 'refused', recording: bad, reason: 'chunk-mismatch', counter: 1 }),
  );
  expect(entries).toContainEqual(expect.objectContaining({ type: 'accepted', camera: 'cam-3', counter: 2 }));
  await askDock(join(dir, 'dock', 'control.sock'), 'look');
  expect(gaps('cam-3')).toEqual([]);
});

/** Lets a camera record while no dock answers, and returns what it holds then. */
async function recordWithoutDock(id: string): Promise<string> {
  const camera = site.startCamera(id, ['--mqtt', 'mqtt://127.0.0.1:1'], {
    args: ['--officer', '4411', '--media', film],
  });
  const closed = await camera.until('closed');
  await camera.until('unreachable');
  await camera.kill();
  return String(closed['recording']);
}

// Goal: whatever a stranger says, the answer is a typed error, and the dock goes on. Method: speak to the real dock over
// MQTT with hand-made packets, one kind of bad input at a time, and read its Abort.
const hello = (change: Partial<Hello> = {}): Hello => ({
  ...{
    type: 'hello',
    versionMin: 1,
    versionMax: 1,
    features: 0,
    cameraId: 'cam-2' as CameraId,
    cameraMonoUs: 1,
    cameraWallUs: 1,
  },
  ...{
    bootId: new Uint8Array(16),
    nonce: new Uint8Array(32),
    limits: { pduBytesMax: 327_680, fragmentBytesMax: 65_536, streamsMax: 1 },
  },
  ...change,
});

const broken = (pdu: Uint8Array): Uint8Array => pdu.map((byte, index) => (index === 5 ? byte ^ 0x40 : byte));

const BAD: readonly {
  name: string;
  camera: string;
  say: readonly Uint8Array[];
  expected: Partial<Extract<Message, { type: 'abort' }>>;
}[] = [
  {
    name: 'an unknown camera',
    camera: 'cam-9',
    say: [encodeMessage(hello({ cameraId: 'cam-9' as CameraId }))],
    expected: { code: 'unknown-camera', class: 'never' },
  },
  {
    name: 'another camera on this topic',
    camera: 'cam-2',
    say: [encodeMessage(hello({ cameraId: 'cam-1' as CameraId }))],
    expected: { code: 'unknown-camera' },
  },
  {
    name: 'a version from the future',
    camera: 'cam-2',
    say: [encodeMessage(hello({ versionMin: 7, versionMax: 9 }))],
    expected: { code: 'version', class: 'never' },
  },
  {
    name: 'an offer without a session',
    camera: 'cam-2',
    say: [encodeMessage({ type: 'ping', sentUs: 1 })],
    expected: { code: 'no-session', class: 'renegotiate' },
  },
  {
    name: 'a greeting proved with the wrong key',
    camera: 'cam-2',
    say: [encodeMessage(hello()), new Uint8Array()],
    expected: { code: 'bad-signature', class: 'never' },
  },
];

for (const { name, camera, say, expected } of BAD) {
  it(`${name} is answered with a typed error`, async () => {
    const client = await stranger(camera);
    const answers = answersOf(client);
    for (const pdu of say) {
      if (pdu.byteLength > 0) client.publish(`bwc/v1/yard/${camera}/up`, Buffer.from(pdu), { qos: 0 });
      else client.publish(`bwc/v1/yard/${camera}/up`, Buffer.from(await falseProof(answers)), { qos: 0 });
    }
    expect(await answers.next('abort')).toMatchObject(expected);
    await client.endAsync(true);
    await isAlive();
  });
}

// Goal: noise and oversize cost nothing but themselves. Method: broken CRC, unknown type, far too long; then a good Hello.
it('noise, unknown types and oversize packets leave the dock alive and answering', async () => {
  for (const pdu of [
    broken(encodeMessage(hello())),
    Uint8Array.of(0x77, 1, 2, 3, 4),
    new Uint8Array(MQTT_PDU_BYTES_MAX + 500),
    new Uint8Array(0),
  ]) {
    const client = await stranger('cam-2');
    client.publish('bwc/v1/yard/cam-2/up', Buffer.from(pdu), { qos: 0 });
    await client.endAsync();
  }
  const client = await stranger('cam-2');
  const answers = answersOf(client);
  client.publish('bwc/v1/yard/cam-2/up', Buffer.from(encodeMessage(hello())), { qos: 0 });
  expect(await answers.next('hello-ack')).toMatchObject({ type: 'hello-ack' });
  await client.endAsync(true);
  await isAlive();
});

async function isAlive(): Promise<void> {
  expect(dock.isRunning).toBe(true);
  expect((await fetch(`${dockUrl}/healthz`)).status).toBe(200);
}

function stranger(camera: string): Promise<MqttClient> {
  const client = connect(mqttUrl, {
    clientId: `holdfast-${camera}-stranger`,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('connect', () => {
      client.subscribe(`bwc/v1/yard/${camera}/down`, (error) => (error ? reject(error) : resolve(client)));
    });
  });
}

interface Answers {
  /** The next message of that type, past or future. */
  next(type: Message['type']): Promise<Message>;
}

function answersOf(client: MqttClient): Answers {
  const seen: Message[] = [];
  let wake = (): void => {};
  client.on('message', (_topic, pdu) => {
    const message = decodePdu(Uint8Array.from(pdu), MQTT_PDU_BYTES_MAX);
    if (!(message instanceof PduError)) seen.push(message);
    wake();
  });
  return {
    next: async (type) => {
      const deadline = Date.now() + ANSWER_MS_MAX;
      for (;;) {
        const found = seen.find((message) => message.type === type);
        if (found !== undefined) return found;
        if (Date.now() > deadline)
          throw new Error(
            `no ${type} within ${ANSWER_MS_MAX} ms; heard ${seen.map((one) => one.type).join(', ')}`,
          );
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 200);
        });
      }
    },
  };
}

/** A HelloConfirm for the session the dock has just opened, signed by nobody it knows. */
async function falseProof(answers: Answers): Promise<Uint8Array> {
  const ack = await answers.next('hello-ack');
  if (ack.type !== 'hello-ack') throw new Error('not a HelloAck');
  const { sessionId } = decodeHelloAckBody(ack.body);
  return encodeMessage({ type: 'hello-confirm', sessionId, signature: new Uint8Array(64) });
}

import { beforeEach, describe, expect, it } from 'vitest';
import type { SettledNews } from '../../../../dock/ingest/converse.ts';
import { Bays } from '../../../../dock/ingest/bays.ts';
import type { PersonId, RecordingId } from '../../../../proto/ids.ts';
import type { Telemetry } from '../../../../proto/messages.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { CAMERA } from '../../../../sim/world/town.ts';
import { OpenLink } from './puppet.ts';

// Goal: a display shows of a bay what happened there and nothing else. Method: news by hand, a clock by hand.
const RECORDING = 'a'.repeat(32) as RecordingId;
const OFFICER = '4411' as PersonId;
const about = { cameraId: CAMERA, recordingId: RECORDING };
const telemetry: Telemetry = {
  type: 'telemetry',
  state: 'docked',
  batteryPercent: 64,
  flashFreeBytes: 1,
  recordingsHeld: 3,
  bytesHeld: 4_000_000,
  officerId: '4412',
  cameraWallUs: 0,
};

let clock: ManualClock;
let bays: Bays;
let link: OpenLink;
beforeEach(() => {
  clock = new ManualClock();
  link = new OpenLink('serial');
  bays = new Bays(clock, [link.name, 'bay /dev/none']);
});

const bay = () => bays.standings().find(({ name }) => name === link.name);
const settle = (outcome: 'accepted' | 'quarantined', reason = ''): void =>
  bays.heard(link, {
    ...{ news: 'settled', ...about },
    settled: { outcome, reason, entryIndex: 0, logSize: 1 } as SettledNews['settled'],
  });
const upload = (durableBytes: number): void =>
  bays.heard(link, { news: 'progress', ...about, durableBytes, totalBytes: 2_000_000, officer: OFFICER });
const begin = (): void => {
  bays.opened(link);
  bays.heard(link, { news: 'docked', cameraId: CAMERA });
  bays.heard(link, { news: 'telemetry', cameraId: CAMERA, telemetry });
  bays.heard(link, { news: 'taking', ...about, durableBytes: 0, totalBytes: 2_000_000 });
};

describe('a bay', () => {
  it('is known before anything is in it, and says when its port is not there', () => {
    expect(bays.standings()).toMatchObject([{ state: 'closed' }, { state: 'closed' }]);
    bays.opened(link);
    expect(bay()).toMatchObject({ state: 'empty' });
    bays.ended(link);
    expect(bay()).toMatchObject({ state: 'empty' });
    clock.advance(10_000);
    expect(bay()).toMatchObject({ state: 'closed' });
    expect(bays.all()).toEqual([]);
  });

  it('shows rate, time left, queue, battery and who carried the camera', () => {
    begin();
    expect(bay()).toMatchObject({ officer: '4412', batteryPercent: 64, state: 'receiving' });
    expect(bay()).not.toHaveProperty('secondsLeft');
    clock.advance(1_000);
    upload(500_000);
    expect(bay()).toMatchObject({
      ...{ officer: OFFICER, bitsPerSecond: 4_000_000, secondsLeft: 3, queueSecondsLeft: 7 },
      queue: { recordings: 3, bytes: 4_000_000 },
    });
    clock.advance(60_000);
    for (const field of ['bitsPerSecond', 'secondsLeft', 'queueSecondsLeft'])
      expect(bay()).not.toHaveProperty(field);
  });

  it('shows the last receipt, and no more of the recording', () => {
    begin();
    clock.advance(1_000);
    upload(2_000_000);
    settle('accepted');
    expect(bay()).toMatchObject({
      state: 'idle',
      lastReceipt: { recording: RECORDING, camera: CAMERA, outcome: 'accepted', atUs: clock.wallUs() },
      queue: { recordings: 2, bytes: 2_000_000 },
      officer: '4412',
    });
    for (const field of ['fault', 'recording', 'secondsLeft']) expect(bay()).not.toHaveProperty(field);
  });

  it('names what is wrong until the next success', () => {
    begin();
    bays.heard(link, { news: 'aborted', cameraId: CAMERA, code: 'bad-chunk', message: 'chunk 3 is wrong' });
    const atUs = clock.wallUs();
    expect(bay()?.fault).toEqual({ code: 'bad-chunk', text: 'chunk 3 is wrong', camera: CAMERA, atUs });
    upload(100);
    expect(bay()).not.toHaveProperty('fault');
    settle('quarantined', 'chunk-mismatch');
    upload(100);
    expect(bay()?.fault).toMatchObject({ code: 'quarantined', text: 'chunk-mismatch' });
    settle('accepted');
    expect(bay()).not.toHaveProperty('fault');
  });

  it('is interrupted by a camera that leaves in the middle, and by no other', () => {
    begin();
    upload(100);
    bays.heard(link, { news: 'left', cameraId: CAMERA });
    expect(bay()).toMatchObject({ state: 'empty', fault: { code: 'interrupted', camera: CAMERA } });
    for (const field of ['camera', 'officer', 'batteryPercent', 'queue'])
      expect(bay()).not.toHaveProperty(field);
    begin();
    upload(2_000_000);
    settle('accepted');
    bays.heard(link, { news: 'left', cameraId: CAMERA });
    expect(bay()).not.toHaveProperty('fault');
  });

  it('blames the line for a session lost on a noisy one', () => {
    const noisy = Object.assign(link, { spoiledFrames: 5 });
    begin();
    upload(100);
    noisy.spoiledFrames = 17;
    bays.heard(noisy, { news: 'left', cameraId: CAMERA });
    expect(bay()?.fault?.code).toBe('line-noise');
    expect(bay()?.fault?.text).toContain('12 frames');
  });

  it('keeps since when it is so', () => {
    begin();
    const sinceUs = clock.wallUs();
    clock.advance(5_000);
    upload(100);
    expect(bay()?.sinceUs).toBe(sinceUs);
    settle('accepted');
    expect(bay()?.sinceUs).toBe(clock.wallUs());
  });
});

it('a camera over MQTT stays for a while after it has gone', () => {
  const radio = new OpenLink('mqtt');
  const over = new Bays(clock);
  over.opened(radio);
  over.heard(radio, { news: 'docked', cameraId: CAMERA });
  over.heard(radio, { news: 'left', cameraId: CAMERA });
  over.ended(radio);
  expect(over.standings()).toMatchObject([{ camera: CAMERA, state: 'away' }]);
  expect(over.all()).toEqual([]);
  clock.advance(601_000);
  expect(over.standings()).toEqual([]);
});

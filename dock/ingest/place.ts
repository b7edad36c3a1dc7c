import type { Telemetry } from '../../proto/messages.ts';
import type { Bay, Link } from '../ports.ts';
import type { SettledNews } from './converse.ts';
import { type Rate, rateFrom, withBytes } from './rate.ts';
import type { BayFault, BayQueue, BayReceipt, BayStanding } from './standing.ts';
import type { IngestNews } from './state.ts';

export type News = IngestNews | SettledNews;

type Said = Pick<Telemetry, 'batteryPercent' | 'officerId'> & { readonly queue: BayQueue };

// These are over only when a recording was accepted; all other faults when something is durable again.
const LASTING: ReadonlySet<string> = new Set(['quarantined', 'ledger-behind']);

/** One place as it is now. `link` and `bay` are there while something is connected. */
export interface Place {
  readonly name: string;
  readonly transport: Bay['transport'];
  readonly live?: { readonly link: Link; readonly bay: Bay; readonly spoiledFrames: number };
  readonly sinceUs: number;
  /** By the monotonic clock: when the last link ended. */
  readonly endedUs?: number;
  readonly camera?: Bay['camera'];
  readonly officer?: BayStanding['officer'];
  readonly said?: Said;
  readonly rate?: Rate;
  readonly fault?: BayFault;
  readonly lastReceipt?: BayReceipt;
}

/** What a place keeps from one camera to the next. */
export function lasting(place: Place | undefined): Pick<Place, 'fault' | 'lastReceipt'> {
  return {
    ...(place?.fault === undefined ? {} : { fault: place.fault }),
    ...(place?.lastReceipt === undefined ? {} : { lastReceipt: place.lastReceipt }),
  };
}

/** What a place is after some news; its state, and since when, is for the caller. */
export function noted(
  before: Place,
  news: News,
  { nowUs, wallUs }: { readonly nowUs: number; readonly wallUs: number },
): Place {
  switch (news.news) {
    case 'docked': {
      const { name, transport, live, sinceUs } = before;
      return { ...lasting(before), name, transport, sinceUs, ...(live && { live }), camera: news.cameraId };
    }
    case 'taking':
      return {
        ...without(before, 'officer'),
        rate: rateFrom(before.rate, news.durableBytes, nowUs),
      };
    case 'progress': {
      const rate = withBytes(before.rate ?? rateFrom(undefined, 0, nowUs), news.durableBytes, nowUs);
      const officer = news.officer === undefined ? {} : { officer: news.officer };
      const isOver = before.fault !== undefined && !LASTING.has(before.fault.code);
      return { ...(isOver ? without(before, 'fault') : before), rate, ...officer };
    }
    case 'settled':
      return settled(before, news, wallUs);
    case 'refused':
    case 'aborted':
    case 'ledger-behind': {
      const code = news.news === 'ledger-behind' ? news.news : news.code;
      return withFault(before, { code, text: news.message, atUs: wallUs });
    }
    case 'left':
      return left(before, wallUs);
    case 'telemetry':
      return { ...before, said: saidBy(news.telemetry) };
    case 'clock':
      return before;
    default:
      return news satisfies never;
  }
}

function settled(before: Place, news: SettledNews, wallUs: number): Place {
  const { cameraId, recordingId, settled: custody } = news;
  const { outcome, reason } = custody;
  const receipt = { recording: recordingId, camera: cameraId, outcome, atUs: wallUs };
  const bytes = before.live?.bay.totalBytes ?? 0;
  const { said } = before;
  const rest: Place = {
    ...without(before, 'officer'),
    lastReceipt: receipt,
    ...(said === undefined ? {} : { said: { ...said, queue: fewer(said.queue, bytes) } }),
  };
  if (outcome === 'accepted') return without(rest, 'fault');
  return withFault(rest, { code: 'quarantined', text: reason, atUs: wallUs });
}

/** The camera says so itself a moment later. */
function fewer({ recordings, bytes }: BayQueue, settledBytes: number): BayQueue {
  return {
    recordings: Math.max(0, recordings - 1),
    ...(bytes === undefined ? {} : { bytes: Math.max(0, bytes - settledBytes) }),
  };
}

/** Gone in the middle of an upload: pulled out, switched off, or the line did not carry it. */
function left(before: Place, wallUs: number): Place {
  const { live } = before;
  const gone = without(without(without(before, 'officer'), 'said'), 'rate');
  const place = before.transport === 'serial' ? without(gone, 'camera') : gone;
  if (live === undefined || (live.bay.state !== 'receiving' && live.bay.state !== 'verifying')) return place;
  const spoiled = (live.link.spoiledFrames ?? 0) - live.spoiledFrames;
  const named = before.camera === undefined ? {} : { camera: before.camera };
  const fault =
    spoiled > 0
      ? { code: 'line-noise', text: `The line spoiled ${spoiled} frames, and then the session was lost.` }
      : { code: 'interrupted', text: 'The camera left before everything was here.' };
  return { ...place, fault: { ...fault, ...named, atUs: wallUs } };
}

function withFault(place: Place, fault: Omit<BayFault, 'camera'>): Place {
  const { camera } = place;
  return { ...place, fault: { ...fault, ...(camera === undefined ? {} : { camera }) } };
}

function without(place: Place, field: 'officer' | 'fault' | 'said' | 'rate' | 'camera'): Place {
  const rest: { -readonly [Name in keyof Place]: Place[Name] } = { ...place };
  delete rest[field];
  return rest;
}

function saidBy({ batteryPercent, officerId, recordingsHeld, bytesHeld }: Telemetry): Said {
  const bytes = recordingsHeld === 0 ? 0 : bytesHeld;
  return {
    batteryPercent,
    officerId,
    queue: { recordings: recordingsHeld, ...(bytes === undefined ? {} : { bytes }) },
  };
}

/** What is connected after some news, as `Bay` says it. */
export function bayAfter(bay: Bay, news: News): Bay {
  const { name, transport, camera, clock } = bay;
  const known: Pick<Bay, 'camera' | 'clock'> = {
    ...(camera === undefined ? {} : { camera }),
    ...(clock === undefined ? {} : { clock }),
  };
  switch (news.news) {
    case 'docked':
      return { name, transport, camera: news.cameraId, state: 'connected' };
    case 'taking':
    case 'progress': {
      const state = news.durableBytes < news.totalBytes ? 'receiving' : 'verifying';
      const { cameraId, recordingId, durableBytes, totalBytes } = news;
      return {
        ...{ name, transport, ...known, camera: cameraId, recording: recordingId },
        ...{ durableBytes, totalBytes, state },
      };
    }
    case 'settled':
      return {
        ...{ name, transport, ...known },
        state: news.settled.outcome === 'accepted' ? 'idle' : 'quarantined',
      };
    case 'refused':
    case 'aborted':
      return { name, transport, ...known, state: `refused: ${news.code}` };
    case 'ledger-behind':
      return { name, transport, ...known, state: 'refused: ledger-behind' };
    case 'left':
      return { name, transport, state: 'empty' };
    case 'telemetry':
      return bay;
    case 'clock':
      return { ...bay, clock: news.clock };
    default:
      return news satisfies never;
  }
}

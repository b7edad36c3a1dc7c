import type { ByteRange } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { CaseFailure, demand } from './case.ts';
import { SOON_MS } from './puppet-dock.ts';
import { Ranges, shownRanges } from './ranges.ts';
import type { Arrival, Reception } from './reception.ts';
import { anew, demandPause, demandTimely } from './timing.ts';

const QUIET_MS = 200;
// Hundreds of fragments, a third of them lost, between two programs that may both be slow.
const UPLOAD_MS = 45_000;
// Small enough for many fragments in a chunk; the window is this many of them.
const FRAGMENT_BYTES = 200;
const WINDOW_FRAGMENTS = 20;
const WINDOW_FRAGMENTS_MIN = 8;
// What was being read already may still overtake a repeat.
const IN_HAND_MAX = 8;
const SAME_ACKS = 5;
// Long enough for a repeat to leave: an Ack that finds it under way is what the rule is about.
const APART_MS = 20;
// Section 2: 30 ms to 1.5 s, doubled each time; what is over is this machine's.
const PROBE_MS = { min: 25, max: 1_800 };
const PROBE_MS_LIMIT = 1_200;
const PROBES = 4;
const PROBE_BYTES_MAX = 1_024;
const DOUBLED = 1.5;

export const LOSS_CASES: readonly CameraCase[] = [
  {
    name: 'repeats-missing-ranges',
    rule: 'The camera repeats exactly what an Ack names as missing, ahead of new bytes.',
    section: '9',
    run: repeatsMissing,
  },
  {
    name: 'repeats-once-a-round-trip',
    rule: 'The same gap named again by Acks that cannot know of the repeat is not repeated again; one that must know of it brings another.',
    section: '9',
    run: repeatsOnce,
  },
  {
    name: 'old-acks-ignored',
    rule: 'Acks are absolute: a late, repeated or reordered one that says less than is known changes nothing.',
    section: '9',
    run: oldAcks,
  },
  {
    name: 'impossible-ack-ignored',
    rule: 'An Ack of bytes that were never sent is not believed: nothing is skipped and no Fin is said.',
    section: '9',
    run: impossibleAcks,
  },
  {
    name: 'ack-of-another-stream-ignored',
    rule: 'An Ack of another stream does not count in this one.',
    section: '7',
    run: async (bench) => {
      const { upload } = await windowOf(bench);
      await bench.dock.settled(upload);
      const { creditTo } = upload;
      const stream = bench.dock.rig.nextStream();
      upload.lie({ stream, creditTo: upload.totalBytes });
      const sent = await upload.collect(QUIET_MS);
      demand(sent.length === 0, `no Data beyond ${creditTo}`, shownRanges(sent));
    },
  },
  {
    name: 'tail-probe',
    rule: 'With no answer to outstanding Data, the newest of it is sent again with flag bit 0 after 30 ms to 1.5 s, each time after twice as long, until an Ack comes.',
    section: '9',
    run: (bench) => anew(() => tailProbe(bench)),
  },
  {
    name: 'lost-ack',
    rule: 'A lost Ack costs a probe: the one that answers it is as good, and the upload goes on.',
    section: '9',
    run: async (bench) => {
      const { upload, window } = await windowOf(bench);
      const probe = await upload.demandNext(PROBE_MS.max + SOON_MS);
      demand(probe.asksForAck, 'a probe with flag bit 0', `${probe.start}…${probe.end} without`);
      upload.ack({ creditTo: window.end + FRAGMENT_BYTES });
      await upload.receive((self) => self.receivedTo > window.end, { withinMs: UPLOAD_MS, creditUnits: 0 });
    },
  },
  {
    name: 'lost-data',
    rule: 'Whatever Data is lost, the upload comes to its end and every byte is right.',
    section: '9',
    run: async ({ dock }) => {
      const limits = { ...dock.limits, fragmentBytesMax: FRAGMENT_BYTES };
      const { upload } = await dock.started({ body: { limits } });
      await upload.receive((self) => self.durableTo >= self.layout.start(3), {
        withinMs: UPLOAD_MS,
        creditUnits: 2,
        lose: ({ txSeq }) => txSeq % 3 === 1,
      });
    },
  },
];

interface Window {
  readonly upload: Reception;
  readonly window: ByteRange;
  /** Its fragments by offset, probes left out. */
  readonly sent: readonly Arrival[];
  /** When the rig allowed it: whatever the camera did, it did later. */
  readonly allowedMs: number;
}

/** Lets a camera send a stretch of one chunk in many fragments and then stand at its credit; nothing is acknowledged yet. */
async function windowOf({ dock }: CameraBench): Promise<Window> {
  const limits = { ...dock.limits, fragmentBytesMax: FRAGMENT_BYTES };
  const { session, offer, manifest } = await dock.introduced({ body: { limits } });
  const prefix = dock.prefix(offer, manifest, 1);
  const first = prefix.durableTo + FRAGMENT_BYTES;
  const upload = dock.accept(session, offer, { ...prefix, creditTo: first });
  // One answer that came at once, so that the camera knows the round trip.
  await upload.receive((self) => self.receivedTo >= first, { withinMs: SOON_MS, creditUnits: 0 });
  const unitEnd = upload.layout.start(3);
  const end = Math.min(unitEnd, first + WINDOW_FRAGMENTS * FRAGMENT_BYTES);
  const known = upload.arrivals.length;
  const allowedMs = performance.now();
  upload.ack({ creditTo: end });
  while (upload.receivedTo < end) await upload.demandNext(SOON_MS);
  const reached = new Ranges();
  const firsts = upload.arrivals.slice(known).filter((arrival) => {
    const isNew = !reached.touches(arrival.start, arrival.end);
    reached.add(arrival.start, arrival.end);
    return isNew;
  });
  const sent = firsts.toSorted((a, b) => a.start - b.start);
  if (sent.length < WINDOW_FRAGMENTS_MIN)
    throw new CaseFailure(`chunks of ${WINDOW_FRAGMENTS_MIN * FRAGMENT_BYTES} B or more`, `${end - first} B`);
  return { upload, window: { start: first, end }, sent, allowedMs };
}

/** Section 9's tail probe, which a rig that is slow to acknowledge brings about: the newest bytes once more, with flag bit 0. */
function isTailProbe({ upload, window }: Window, arrival: Arrival): boolean {
  const { start, end, asksForAck } = arrival;
  const isNewest = end === window.end || end === upload.sentTo;
  const isAgain = upload.arrivals.some((other) => other !== arrival && other.end >= end);
  return asksForAck && isNewest && isAgain && end - start <= PROBE_BYTES_MAX;
}

/** The next Data that is no tail probe. */
async function nextButProbes(stretch: Window): Promise<Arrival> {
  for (;;) {
    const arrival = await stretch.upload.demandNext(SOON_MS);
    if (!isTailProbe(stretch, arrival)) return arrival;
  }
}

function demandSent(sent: readonly Arrival[], index: number): Arrival {
  const arrival = sent[index];
  if (arrival === undefined) throw new CaseFailure(`a fragment ${index}`, `${sent.length} of them`);
  return arrival;
}

async function repeatsMissing(bench: CameraBench): Promise<void> {
  const stretch = await windowOf(bench);
  const { upload, window, sent } = stretch;
  const [one, from, to] = [demandSent(sent, 2), demandSent(sent, 4), demandSent(sent, 5)];
  const missing = [
    { start: one.start, end: one.end },
    { start: from.start, end: to.end },
  ];
  const wanted = new Ranges();
  for (const { start, end } of missing) wanted.add(start, end);
  upload.ack({ receivedTo: one.start, missing, creditTo: window.end + WINDOW_FRAGMENTS * FRAGMENT_BYTES });
  const came = new Ranges();
  let early = 0;
  while (came.bytes < wanted.bytes) {
    const { start, end, txSeq } = await nextButProbes(stretch);
    demand(txSeq === upload.maxTxSeq, 'a new tx_seq in a repeat', String(txSeq));
    // What the camera had in hand already may still overtake a repeat.
    if (start >= window.end) early += 1;
    else demand(wanted.has(start, end), `nothing old again but ${shownRanges(missing)}`, `${start}…${end}`);
    demand(early <= IN_HAND_MAX, `${shownRanges(missing)} ahead of new bytes`, `${early} new Data first`);
    came.add(start, Math.min(end, window.end));
  }
  upload.ack();
  const after = await nextButProbes(stretch);
  demand(after.start >= window.end, `new bytes from ${window.end} on then`, shownRanges([after]));
  upload.demandKept('tx-seq', 'same-bytes');
}

async function repeatsOnce(bench: CameraBench): Promise<void> {
  const { upload, sent } = await windowOf(bench);
  const lost = demandSent(sent, 3);
  const gap = { receivedTo: lost.start, missing: [{ start: lost.start, end: lost.end }] };
  const maxTxSeq = upload.maxTxSeq;
  const repeats: Arrival[] = [];
  const saidMs = performance.now();
  for (let count = 0; count < SAME_ACKS; count += 1) {
    upload.ack({ ...gap, maxTxSeq });
    repeats.push(...(await upload.collect(APART_MS)));
  }
  repeats.push(...(await upload.collect(QUIET_MS / 2)));
  const copies = repeats.filter(({ start, end }) => start < lost.end && lost.start < end);
  demand(copies.length > 0, `${lost.start}…${lost.end} again`, shownRanges(repeats));
  // A repeat may be cut in two, so those count that have its end, as probes of it have.
  const whole = copies.filter(({ end }) => end >= lost.end);
  const probes = probesWithin((whole.at(-1)?.atMs ?? saidMs) - saidMs);
  demand(
    whole.length <= 1 + probes,
    `one repeat of it and ${probes} probes at the most`,
    `${whole.length} after ${SAME_ACKS} Acks of one kind`,
  );
  const others = repeats.filter((arrival) => !copies.includes(arrival) && !arrival.asksForAck);
  demand(others.length === 0, `nothing but ${lost.start}…${lost.end}`, shownRanges(others));
  // This one knows of every repeat so far, and the gap is still there.
  upload.ack(gap);
  let again = await upload.demandNext(SOON_MS);
  // A probe that was on its way.
  while (again.asksForAck && again.start >= lost.end) again = await upload.demandNext(SOON_MS);
  demand(again.start >= lost.start && again.end <= lost.end, 'the gap repeated anew', shownRanges([again]));
}

/** So many probes fit into this time, each pause being twice the one before. */
function probesWithin(ms: number): number {
  return Math.floor(Math.log2(ms / PROBE_MS.min + 1));
}

async function oldAcks(bench: CameraBench): Promise<void> {
  const { upload, window, sent } = await windowOf(bench);
  const [early, late] = [demandSent(sent, 1), demandSent(sent, 4)];
  await bench.dock.settled(upload);
  const old = {
    maxTxSeq: early.txSeq,
    receivedTo: early.start,
    creditTo: early.end,
    missing: [{ start: early.start, end: late.end }],
  };
  upload.lie(old);
  upload.lie({ ...old, missing: [] });
  upload.lie(old);
  const sentThen = await upload.collect(QUIET_MS);
  demand(sentThen.length === 0, 'nothing sent after old Acks', shownRanges(sentThen));
  // Credit that cannot be used yet, then an Ack that knows nothing of it and lets the camera go on.
  const creditTo = window.end + FRAGMENT_BYTES;
  upload.ack({ creditTo, pause: true });
  upload.lie({ creditTo: window.end });
  const next = await upload.demandNext(SOON_MS);
  demand(next.start === window.end, `Data from ${window.end}, up to ${creditTo}`, `from ${next.start}`);
}

async function impossibleAcks(bench: CameraBench): Promise<void> {
  const { upload, window } = await windowOf(bench);
  upload.ack();
  const { totalBytes } = upload;
  const beyond = Math.min(totalBytes, window.end + FRAGMENT_BYTES);
  upload.lie({ receivedTo: beyond, maxTxSeq: upload.maxTxSeq + 1 });
  upload.lie({ receivedTo: totalBytes, durableTo: totalBytes });
  upload.lie({ receivedTo: totalBytes + 1, durableTo: totalBytes + 1 });
  await bench.wire.expectNone('fin', QUIET_MS);
  upload.ack({ creditTo: beyond });
  let next = await upload.demandNext(SOON_MS);
  // A probe of the tail may have been on its way when it was acknowledged.
  while (next.end <= window.end) next = await upload.demandNext(SOON_MS);
  demand(next.start === window.end, `Data from ${window.end} on, nothing skipped`, `from ${next.start}`);
}

async function tailProbe(bench: CameraBench): Promise<void> {
  const { upload, window, allowedMs } = await windowOf(bench);
  let lastMs = upload.arrivals.at(-1)?.atMs ?? 0;
  const waited: number[] = [];
  for (let count = 1; count <= PROBES; count += 1) {
    const probe = await upload.demandNext(PROBE_MS.max + SOON_MS);
    demand(probe.asksForAck, 'flag bit 0 on a probe', 'none');
    demand(probe.end === window.end, `the newest bytes, to ${window.end}`, `${probe.start}…${probe.end}`);
    // A rig that reads late sees a short pause, but never too little time since it allowed these bytes.
    const [sinceMs, leastMs] = [probe.atMs - allowedMs, PROBE_MS.min * (2 ** count - 1)];
    demand(sinceMs >= leastMs, `${count} probes after ${leastMs} ms or more`, `${Math.round(sinceMs)} ms`);
    demandPause(probe.atMs - lastMs, PROBE_MS, 'a probe');
    waited.push(Math.round(probe.atMs - lastMs));
    lastMs = probe.atMs;
  }
  const [first = 0, last = 0] = [waited[0], waited.at(-1)];
  // Eight times as long by now, less what the camera's timer and this machine add to the first.
  const dueMs = Math.min(first * DOUBLED, PROBE_MS_LIMIT);
  demandTimely(
    last >= dueMs,
    `a pause that doubles each time from ${first} ms on`,
    `${waited.join(', ')} ms`,
  );
  await bench.dock.settled(upload);
  const after = await upload.collect(2 * last + QUIET_MS);
  demand(after.length === 0, 'no probe once all is acknowledged', shownRanges(after));
}

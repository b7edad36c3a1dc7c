import type { Capacity, LoadResult } from '../result.ts';
import { bytes, duration, escaped, minutes, number, plural } from './words.ts';

/** The one sentence somebody came for, and what it rests on. */
export function answerSection({ capacity, noCapacity, options }: LoadResult): string {
  if (capacity === null) {
    return `<section class="answer bad"><h2 class="label">How many cameras does this dock take?</h2><p class="said">This run cannot say.</p><p>${escaped(noCapacity ?? '')}</p></section>`;
  }
  const { shift } = capacity;
  const atLeast = capacity.basis === 'at-least' ? 'at least ' : '';
  const most = capacity.within.find((one) => one.minutes === 60) ?? { minutes: 60, cameras: 0 };
  const extent =
    most.cameras > options.cameras
      ? ` This run had ${plural(options.cameras, 'camera')}; more are computed from the bytes.`
      : '';
  return `<section class="answer"><h2 class="label">How many cameras does this dock take?</h2>
<p class="said">This dock takes ${atLeast}${plural(most.cameras, 'camera')} of the “${capacity.profile}” profile within ${most.minutes} minutes.</p>
<p>Each brings ${bytes(capacity.shiftBytes)}, one shift’s footage. A change of shift with ${plural(shift.cameras, 'camera')} is safe on disk after ${minutes(shift.minutes)}.${extent}</p></section>`;
}

/** The figures that people compare. */
export function figures(result: LoadResult): string {
  const { durable, chunkLatencyMs, erasableMs, errors, retransmits, bays } = result;
  const failures = Object.values(errors).reduce((sum, one) => sum + one, 0);
  const codes = Object.entries(errors).map(([code, times]) => `${code} ${times}`);
  const bad = failures + result.unfinished;
  const rows: readonly (readonly [string, string, string])[] = [
    [
      'Safe on disk',
      `${number(durable.MBps)} MB/s`,
      `${number(durable.recordingsPerSecond)} recordings a second`,
    ],
    [
      '99 of 100 chunks waited less than',
      duration(chunkLatencyMs.p99),
      `half of them ${duration(chunkLatencyMs.p50)}`,
    ],
    [
      'From docking to erasable',
      duration(erasableMs.p50),
      erasableMs.count === 0
        ? 'no recording ended in this run'
        : `median; 99 of 100 within ${duration(erasableMs.p99)}`,
    ],
    [
      'Slowest camera',
      bays.minOverMean === null ? 'none' : `${Math.round(bays.minOverMean * 100)} %`,
      'of the mean of all; 100 % is perfectly fair',
    ],
  ];
  const failed = `<div><dt>Errors</dt><dd class="value${bad > 0 ? ' bad' : ''}">${number(failures)}</dd><dd class="note">${escaped([...codes, `${number(result.unfinished)} chunks unanswered`, `${number(retransmits.chunks)} sent again`].join(', '))}</dd></div>`;
  const cells = rows.map(
    ([name, value, note]) =>
      `<div><dt>${escaped(name)}</dt><dd class="value">${escaped(value)}</dd><dd class="note">${escaped(note)}</dd></div>`,
  );
  return `<dl class="figures">${cells.join('')}${failed}</dl>`;
}

export function capacitySection({ capacity, noCapacity }: LoadResult): string {
  const body = capacity === null ? `<p>${escaped(noCapacity ?? '')}</p>` : capacityTable(capacity);
  return `<section><h2>Capacity</h2>${body}</section>`;
}

function capacityTable(capacity: Capacity): string {
  const rows = capacity.within.map(({ minutes: time, cameras }) => {
    const said = cameras === 0 ? 'none: one camera alone needs longer' : number(cameras);
    return `<tr><th scope="row">${minutes(time)}</th><td>${said}</td></tr>`;
  });
  const basis =
    capacity.basis === 'sustained'
      ? 'what the dock kept up while it was kept busy, in the slowest third of the run'
      : 'what the dock was offered and took, in the slowest third of the run; it may take more';
  return `<p>Computed from ${number(capacity.MBps)} MB/s: ${basis}. A camera brings ${bytes(capacity.shiftBytes)} and needs at least ${minutes(capacity.oneCameraMinutes)} on its own link. All cameras are put in at once.</p>
<table class="narrow"><thead><tr><th scope="col">All safe within</th><th scope="col">Cameras of the “${capacity.profile}” profile</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

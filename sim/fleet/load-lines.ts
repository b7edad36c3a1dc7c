import type { LoadResult } from './result.ts';

/** A run's result for whoever watched it. */
export function resultLines(result: LoadResult): readonly string[] {
  const { durable, chunkLatencyMs, erasableMs, generatorLagMs, dock, bays, line, capacity, noCapacity } =
    result;
  const ms = (value: number | null): string => (value === null ? 'unknown' : `${value.toFixed(1)} ms`);
  const errors = Object.entries(result.errors).map(([code, times]) => `${times} x ${code}`);
  return [
    `durable: ${durable.MBps.toFixed(1)} MB/s, ${durable.chunks} chunks, ${durable.recordings} recordings in ${durable.seconds} s`,
    `chunk, from its intended time: p50 ${ms(chunkLatencyMs.p50)}, p99 ${ms(chunkLatencyMs.p99)}, p99.9 ${ms(chunkLatencyMs.p999)}, most ${ms(chunkLatencyMs.max)}; ${result.unfinished} not durable at the end`,
    `recording, from docking to erasable: p50 ${ms(erasableMs.p50)}, p99 ${ms(erasableMs.p99)}`,
    `generator late: p50 ${ms(generatorLagMs.p50)}, p99 ${ms(generatorLagMs.p99)}; ${result.retransmits.chunks} retransmits`,
    `dock: ${dock.cpuPercent ?? 'unknown'} % of a core, ${dock.rssMiB?.max ?? 'unknown'} MiB at most, ${dock.fds?.max ?? 'unknown'} files open`,
    `slowest camera: ${bays.minOverMean ?? 'unknown'} of the mean`,
    ...keptLines(result),
    ...(line === null
      ? []
      : [`line of ${line.baud} bit/s: the slowest bay at ${line.slowest} of it, all at ${line.mean}`]),
    `errors: ${errors.length === 0 ? 'none' : errors.join(', ')}`,
    capacity === null
      ? `capacity: ${noCapacity}`
      : `capacity: ${capacity.within.map(({ minutes, cameras }) => `${cameras} cameras in ${minutes} min`).join(', ')} (profile ${capacity.profile}, ${capacity.basis})`,
  ];
}

function keptLines({ kept, steady, options }: LoadResult): readonly string[] {
  const stood = options.payloadScale === 1 ? '' : ` that ${options.payloadScale} of was sent`;
  const use = (name: 'rssMiB' | 'fds', unit: string): string => {
    const pair = steady?.[name] ?? null;
    return pair === null ? 'unknown' : `${pair.last} ${unit} in the last minute, ${pair.ratio} of the second`;
  };
  return [
    ...(kept === null
      ? []
      : [
          `books: for each of ${kept.gib} GiB${stood} ${kept.ledgerBytesPerGiB} B of ledger and ${kept.indexBytesPerGiB} B of index`,
        ]),
    ...(steady === null ? [] : [`steady: ${use('rssMiB', 'MiB')}; ${use('fds', 'files')}`]),
  ];
}

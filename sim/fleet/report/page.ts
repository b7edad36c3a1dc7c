import type { LoadResult } from '../result.ts';
import { answerSection, capacitySection, figures } from './answer.ts';
import { baysSection, latencySection, resourceSection, throughputSection } from './plots.ts';
import { pageOf } from './shell.ts';
import { bytes, chunkSize, escaped, number, plural } from './words.ts';

/** What a load run found, as one page that needs nothing else: no network, no script; for whoever decides as much as for whoever operates. */
export function reportPage(result: LoadResult): string {
  const { target, options } = result;
  const when = `${result.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const subject = target.kind === 'own' ? 'A dock started for this run' : target.where;
  return pageOf({
    title: `Load test of a docking station, ${when}`,
    header: `<h1>Load test of a docking station</h1>
<p class="soft">${escaped(subject)} · ${plural(options.cameras, 'simulated camera')} · ${number(result.durable.seconds)} s measured · ${when}</p>`,
    main: [
      answerSection(result),
      figures(result),
      throughputSection(result),
      latencySection(result),
      baysSection(result),
      resourceSection(result),
      capacitySection(result),
      conditionsSection(result),
      gapsSection(result),
    ].join('\n'),
    footer:
      'Made by <code>holdfast load</code>. Sizes in powers of ten unless they say KiB or MiB. All footage in this run was random bytes from test cameras.',
  });
}

function conditionsSection(result: LoadResult): string {
  const { options, machine, target, durable } = result;
  const rows: readonly (readonly [string, string])[] = [
    ['Dock', `${target.where}${target.version === null ? '' : `, ${target.version}`}`],
    [
      'Machine of the generator',
      `${machine.model}, ${machine.cpus} cores, ${number(machine.memoryMiB)} MiB, Node ${machine.node}`,
    ],
    [
      'Cameras',
      `${number(options.cameras)} over ${options.transport === 'mqtt' ? 'MQTT' : 'serial lines'}, all in within ${options.rampSeconds} s`,
    ],
    [
      'Who sets the pace',
      options.loop === 'closed'
        ? 'The dock: each camera sends on as soon as it may (closed loop)'
        : 'The plan: chunks are due at fixed times, whatever the dock does (open loop)',
    ],
    [
      'Profile',
      options.profile === null
        ? 'none; the capacity is computed for a city’s shift'
        : `${options.profile}, content scaled by ${options.payloadScale}, time ${options.timeWarp} times as fast`,
    ],
    [
      'Chunk and window',
      `${chunkSize(options.chunkBytes)}, up to ${plural(options.windowChunks, 'chunk')} under way for each camera`,
    ],
    [
      'Duration',
      `${options.durationSeconds} s planned, of which ${options.warmUpSeconds} s to warm up are not counted`,
    ],
    ['Seed', String(options.seed)],
    [
      'Sent and made durable',
      `${bytes(durable.bytes)} in ${number(durable.chunks)} chunks of ${plural(durable.recordings, 'recording')}`,
    ],
    [
      'Generator',
      `${number(result.generator.cpuPercent)} % of one core; late by ${number(result.generatorLagMs.p99)} ms at the 99th percentile`,
    ],
  ];
  return `<section><h2>Conditions of this run</h2><table class="facts"><tbody>${rows
    .map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
    .join('')}</tbody></table></section>`;
}

function gapsSection({ notMeasured, dock }: LoadResult): string {
  const unknown: readonly (readonly [unknown, string])[] = [
    [dock.cpuPercent, 'The dock’s processor use: its process could not be seen.'],
    [dock.rssMiB, 'The dock’s memory: its process could not be seen.'],
    [dock.fsyncs, 'How often the dock synced its disk: it does not say.'],
    [dock.eventLoopDelayMs, 'The delay of the dock’s event loop: it does not say.'],
    [dock.queues, 'How long the dock’s queues were: it does not say.'],
  ];
  const lines = [...notMeasured, ...unknown.filter(([value]) => value === null).map(([, line]) => line)];
  const list = lines.map((line) => `<li>${escaped(line)}</li>`).join('');
  return `<section><h2>What was not measured</h2><p>A number that is not here was not taken to be zero.</p>${lines.length === 0 ? '' : `<ul>${list}</ul>`}</section>`;
}

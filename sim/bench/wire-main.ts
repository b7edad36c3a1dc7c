import { Command } from 'commander';
import { BAUD, BIT_ERROR_RATES, lineOf, ROUND_TRIP_MS } from './conditions.ts';
import { whole } from './config.ts';
import { medians, rounded, type WireFigures } from './figures.ts';
import { type MqttFigures, uploadOverMqtt } from './mqtt-cell.ts';
import { uploadOverPty } from './real-cell.ts';
import { MQTT_WIRE_RATIO_MAX, serialRow, type SerialRow, table } from './report.ts';
import { uploadVirtually, type UploadRun } from './virtual-cell.ts';
import { hasZmodem, type ZmodemRun, zmodemRuns } from './zmodem.ts';

const MIB = 1024 * 1024;
const SMALL_BYTES = MIB;
const REAL_TIME_BER = 1e-5;
// The model's own transmit buffer, and what Linux holds for a pseudo-terminal in front of it (measured: 18,944 B).
const PTY_TRANSMIT_BYTES = 4_096 + 18_944;
const ZMODEM_TIMEOUT_MS = 130_000;
const REAL_TIMEOUT_MS = 120_000;

interface Plan {
  readonly json: boolean;
  readonly seed: string;
  readonly rounds: number;
  readonly bytes: number;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:wire`: exit code 0 when every limit is kept. */
async function main(argv: readonly string[]): Promise<number> {
  const plan = read(argv);
  const startMs = performance.now();
  const zmodem = await measureZmodem(plan);
  say(`ours, ${SMALL_BYTES / MIB} MiB in real time over pseudo-terminals and the same in virtual time…`);
  const realTime = await measureRealTime(plan);
  say(`MQTT, ${plan.bytes / MIB} MiB through the embedded broker…`);
  const mqtt = await uploadOverMqtt(plan.bytes, { seed: plan.seed, limitMs: REAL_TIMEOUT_MS });
  const serial: SerialRow[] = [];
  const runs: Record<string, unknown>[] = [];
  for (const ber of BIT_ERROR_RATES) {
    const ours = await measureOurs(ber, plan);
    runs.push(...ours.map((run, round) => ({ ber, round, ...(run ?? { figures: null }) })));
    const ended = ours.flatMap((run) => (run === undefined ? [] : [run.figures]));
    serial.push(
      serialRow(
        ber,
        { medians: medians(ended), allEnded: ended.length === plan.rounds },
        zmodem.get(ber) ?? [],
      ),
    );
  }
  const isMqttOk = mqtt !== undefined && mqtt.wireRatio <= MQTT_WIRE_RATIO_MAX;
  const ok = serial.every((row) => row.ok) && isMqttOk;
  if (!plan.json) print(serial, { mqtt, realTime });
  const { seed, rounds, bytes } = plan;
  const result = {
    serial,
    mqtt: { wireRatio: mqtt?.wireRatio ?? null, limit: MQTT_WIRE_RATIO_MAX, ok: isMqttOk, ...mqtt },
    realTime,
    conditions: { baud: BAUD, roundTripMs: ROUND_TRIP_MS, bytes, rounds, seed, zmodemBytes: SMALL_BYTES },
    zmodem: [...zmodem].map(([ber, variants]) => ({ ber, variants })),
    runs,
    seconds: Math.round((performance.now() - startMs) / 1_000),
    ok,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return ok ? 0 : 1;
}

function read(argv: readonly string[]): Plan {
  const command = new Command('npm run bench:wire --')
    .description(
      `What an upload costs on a modelled serial line at ${BAUD} bit/s with ${ROUND_TRIP_MS} ms round trip, beside ZMODEM on the same line,
and over MQTT. The last line of stdout is one JSON object; exit code 1 when a limit is not kept.`,
    )
    .option('--json', 'nothing but that line on stdout')
    .option('--seed <text>', 'seed of content and noise', 'wire')
    .option('--rounds <count>', 'runs for each bit error rate; medians count', whole, 5)
    .option('--bytes <count>', 'size of the recording; limits are for 16 MiB', whole, 16 * MIB);
  const given = command.parse([...argv], { from: 'user' }).opts<Omit<Plan, 'json'> & { json?: true }>();
  return { ...given, json: given.json === true };
}

async function measureZmodem({ seed }: Plan): Promise<ReadonlyMap<number, readonly ZmodemRun[]>> {
  if (!hasZmodem()) {
    say('sz and rz are not on this machine (Debian: lrzsz): ZMODEM is left out');
    return new Map();
  }
  say(
    `ZMODEM, ${SMALL_BYTES / MIB} MiB in real time, all lines side by side, ${ZMODEM_TIMEOUT_MS / 1_000} s at most…`,
  );
  const measured = BIT_ERROR_RATES.map(async (ber): Promise<[number, readonly ZmodemRun[]]> => {
    const how = { seed: `${seed}/zmodem ${ber}`, timeoutMs: ZMODEM_TIMEOUT_MS };
    return [ber, await zmodemRuns(lineOf(ber), SMALL_BYTES, how)];
  });
  return new Map(await Promise.all(measured));
}

/** One cell twice, so that a reader sees that virtual and real time agree; the port's queue is as long in both. */
async function measureRealTime({ seed }: Plan): Promise<Record<string, unknown>> {
  const upload = { line: lineOf(REAL_TIME_BER), bytes: SMALL_BYTES, seed: `${seed}/real time` };
  const virtual = await uploadVirtually({ ...upload, transmitBytes: PTY_TRANSMIT_BYTES });
  const pty = await uploadOverPty(upload, REAL_TIMEOUT_MS);
  const orNull = (figures: WireFigures | undefined): WireFigures | null =>
    figures ? rounded(figures) : null;
  return { ber: REAL_TIME_BER, bytes: SMALL_BYTES, virtual: orNull(virtual?.figures), pty: orNull(pty) };
}

async function measureOurs(ber: number, plan: Plan): Promise<readonly (UploadRun | undefined)[]> {
  const runs: (UploadRun | undefined)[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    const startMs = performance.now();
    const run = await uploadVirtually({
      line: lineOf(ber),
      bytes: plan.bytes,
      seed: `${plan.seed}/${ber}/${round}`,
    });
    runs.push(run);
    const figures = run === undefined ? 'did not end' : JSON.stringify(rounded(run.figures));
    say(`BER ${ber}, round ${round}: ${figures} (${Math.round(performance.now() - startMs)} ms)`);
  }
  return runs;
}

function print(
  serial: readonly SerialRow[],
  { mqtt, realTime }: { mqtt: MqttFigures | undefined; realTime: Record<string, unknown> },
): void {
  for (const line of table(serial)) console.log(line);
  console.log(`real time beside virtual time: ${JSON.stringify(realTime)}`);
  console.log(`MQTT wire/payload ${mqtt?.wireRatio.toFixed(5) ?? '-'} (<= ${MQTT_WIRE_RATIO_MAX})`);
}

/** Progress goes to stderr, so that stdout is the result. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

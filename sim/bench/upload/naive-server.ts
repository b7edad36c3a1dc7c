import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';

// What one writes first: a broker, and a subscriber that hashes each message, appends it to its sender's file, syncs, and says so.
const [directory = ''] = process.argv.slice(2);
const files = new Map<string, Promise<FileHandle>>();
mkdirSync(directory, { recursive: true });
const aedes = await Aedes.createBroker({ concurrency: 0 });
await new Promise<void>((resolve) =>
  aedes.subscribe(
    'bwc/v1/bench/+/up',
    ({ topic, payload }, done) => {
      if (typeof payload !== 'string') void store(topic.split('/')[3] ?? '', payload);
      done();
    },
    resolve,
  ),
);

async function store(camera: string, payload: Buffer): Promise<void> {
  const bytes = payload.subarray(4);
  if (bytes.length === 0) return;
  createHash('sha256').update(bytes).digest();
  const known = files.get(camera) ?? open(join(directory, camera), 'w');
  files.set(camera, known);
  const file = await known;
  await file.write(bytes, 0, bytes.length, payload.readUInt32LE(0) * bytes.length);
  await file.datasync();
  const answer = { cmd: 'publish', qos: 0, retain: false, dup: false } as const;
  aedes.publish(
    { ...answer, topic: `bwc/v1/bench/${camera}/down`, payload: payload.subarray(0, 4) },
    () => undefined,
  );
}

const server = createServer({ noDelay: true }, (socket) => aedes.handle(socket));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
process.once('SIGTERM', () => process.exit(0));

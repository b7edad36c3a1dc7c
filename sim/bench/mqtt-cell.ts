import { connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../device/clock/system.ts';
import { openMqttLink } from '../../device/link/mqtt.ts';
import { SystemClock } from '../../dock/clock/system.ts';
import { startBroker } from '../../dock/link/broker.ts';
import { CAMERA } from '../world/town.ts';
import { uploadInRealTime } from './real-cell.ts';

const HOST = '127.0.0.1';
const SITE = 'bench';

export interface MqttFigures {
  /** TCP payload bytes from camera to broker, MQTT's headers in, for each byte of the recording. */
  readonly wireRatio: number;
  readonly ackRatio: number;
  readonly mibPerSecond: number;
}

/** Uploads one recording through the embedded broker on loopback and counts what passes on TCP; undefined when time ran out. */
export async function uploadOverMqtt(
  bytes: number,
  { seed, limitMs }: { readonly seed: string; readonly limitMs: number },
): Promise<MqttFigures | undefined> {
  const broker = await startBroker({ host: HOST, port: 0, site: SITE, clock: new SystemClock() });
  const proxy = await startProxy(Number(new URL(broker.url).port));
  try {
    const open = (): ReturnType<typeof openMqttLink> =>
      openMqttLink({
        clock: systemClock(),
        url: `mqtt://${HOST}:${proxy.port}`,
        site: SITE,
        cameraId: CAMERA,
      });
    const tookMs = await uploadInRealTime({ open, source: broker.source, bytes, seed, limitMs });
    if (tookMs === undefined) return undefined;
    return {
      wireRatio: proxy.carried.toBroker / bytes,
      ackRatio: proxy.carried.toCamera / bytes,
      mibPerSecond: bytes / 2 ** 20 / (tookMs / 1_000),
    };
  } finally {
    proxy.close();
    await broker.close();
  }
}

interface Proxy {
  readonly port: number;
  readonly carried: { readonly toBroker: number; readonly toCamera: number };
  close(): void;
}

/** Passes TCP connections on to the broker and counts their bytes each way. */
async function startProxy(brokerPort: number): Promise<Proxy> {
  const carried = { toBroker: 0, toCamera: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (camera) => {
    const broker = connect({ port: brokerPort, host: HOST, noDelay: true });
    for (const socket of [camera, broker]) {
      sockets.add(socket);
      // The end of one side is the end of the other; what went wrong does not matter here.
      socket.on('error', () => undefined);
    }
    camera.on('data', (data: Uint8Array) => {
      carried.toBroker += data.length;
    });
    broker.on('data', (data: Uint8Array) => {
      carried.toCamera += data.length;
    });
    camera.pipe(broker);
    broker.pipe(camera);
  });
  const port = await listening(server);
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, carried, close };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('no free port'));
    });
  });
}

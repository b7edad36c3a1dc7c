import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { RunError } from './error.ts';

const MOSQUITTO = 'mosquitto';
// Debian keeps daemons in /usr/sbin, which a user's PATH may lack.
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** A mosquitto that can be killed, frozen and started again on its port. */
export class Broker {
  readonly port: number;
  readonly #binary: string;
  #running: Mosquitto | undefined;

  private constructor(binary: string, port: number, running: Mosquitto) {
    this.#binary = binary;
    this.port = port;
    this.#running = running;
  }

  /** Throws RunError NEEDS where there is no mosquitto. */
  static async open(): Promise<Broker> {
    const binary = findMosquitto();
    if (binary === undefined)
      throw new RunError(
        'NEEDS',
        'mosquitto is not installed here: apt-get install mosquitto, or let the dock have mqtt: embedded',
      );
    const port = await freePort();
    return new Broker(binary, port, await startMosquitto({ binary, port }));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.#running ??= await startMosquitto({ binary: this.#binary, port: this.port });
  }

  /** It ends at once; nothing that it held is kept. */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#running !== undefined) process.kill(this.#running.pid, name);
  }
}

function findMosquitto(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, MOSQUITTO))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const KIB = 1_024;

/** Path of a Chromium that this machine has, or undefined. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/** Bytes that came over the network for a page, headers and compression included, as the browser counts them. */
export class Traffic {
  readonly #urls = new Map<string, string>();
  readonly #bytes = new Map<string, number>();

  private constructor() {}

  static async of(page: Page): Promise<Traffic> {
    const traffic = new Traffic();
    const session = await page.context().newCDPSession(page);
    session.on('Network.requestWillBeSent', ({ requestId, request }) => {
      traffic.#urls.set(requestId, request.url);
    });
    session.on('Network.dataReceived', ({ requestId, dataLength }) => traffic.#add(requestId, dataLength));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      traffic.#bytes.set(requestId, encodedDataLength);
    });
    await session.send('Network.enable');
    return traffic;
  }

  /** Of all that was asked for at an address that the pattern matches. */
  bytes(pattern: RegExp): number {
    return [...this.#bytes].reduce(
      (sum, [id, bytes]) => sum + (pattern.test(this.#urls.get(id) ?? '') ? bytes : 0),
      0,
    );
  }

  #add(requestId: string, bytes: number): void {
    this.#bytes.set(requestId, (this.#bytes.get(requestId) ?? 0) + bytes);
  }
}

/** Memory of every process of the browser that shows pages, in MiB; what they share is counted once. */
export async function pageMemoryMib(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = await Promise.all(
    processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentKib(id)),
  );
  return sizes.reduce((sum, kib) => sum + kib, 0) / KIB;
}

async function residentKib(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
}

import { chromium, type Browser, type Page } from 'playwright-core';
import { peer } from '../peer.ts';

/** Path of Debian's Chromium, or undefined where tests may be skipped. */
export const chromiumPath = peer('chromium');

/** A browser that speaks to nothing but the addresses it is given. */
export async function launch(extra: readonly string[] = []): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('chromium is not installed');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...extra,
    ],
  });
}

/** What a page did that it should not: errors on its console, and requests to anybody else than these origins. */
export function watch(page: Page, origins: readonly string[]): { readonly complaints: string[] } {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The browser logs every answer that is not a success; which answers are right is for the test to say.
    const isStatus = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isStatus) complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && !origins.includes(origin))
      complaints.push(`request: ${request.url()}`);
  });
  return { complaints };
}

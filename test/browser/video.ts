import type { Page } from 'playwright-core';
import { vi } from 'vitest';

const PLAYING_MS_MAX = 20_000;

/** What the page's `<video>` is doing. Asked in strings, as these tests know nothing of the browser's types. */
export interface VideoNow {
  readonly currentTime: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly readyState: number;
  readonly src: string;
}

export function videoNow(page: Page): Promise<VideoNow> {
  return page.evaluate<VideoNow>(
    `(({ currentTime, duration, paused, readyState, src }) => ({ currentTime, duration, paused, readyState, src }))(document.querySelector('video'))`,
  );
}

/**
 * Waits until the playhead is between these seconds. Asked again and again from outside: a function that waits
 * inside the page would need `eval`, which the page's content security policy forbids.
 */
export async function playedTo(page: Page, fromS: number, toS = Number.MAX_VALUE): Promise<void> {
  await vi.waitFor(
    async () => {
      const { currentTime } = await videoNow(page);
      if (!(currentTime > fromS && currentTime < toS)) throw new Error(`the playhead is at ${currentTime} s`);
    },
    { timeout: PLAYING_MS_MAX, interval: 50 },
  );
}

/** Several places are passed one right after the other, as by a key that is held down, however busy this machine is. */
export async function jumpTo(page: Page, ...places: readonly number[]): Promise<void> {
  await page.evaluate(
    `${JSON.stringify(places)}.forEach((seconds) => { document.querySelector('video').currentTime = seconds; })`,
  );
}

/** The pixels that the video shows at this moment, small, as red, green, blue, opacity. */
export function picture(page: Page): Promise<readonly number[]> {
  return page.evaluate<readonly number[]>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
    const context = canvas.getContext('2d');
    context.drawImage(document.querySelector('video'), 0, 0, 64, 36);
    return [...context.getImageData(0, 0, 64, 36).data];
  })()`);
}

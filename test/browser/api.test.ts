import { afterEach, describe, expect, it, vi } from 'vitest';
import { Api, ApiError } from '../../dock/viewer/page/api.ts';
import { growthBy } from '../../dock/viewer/page/growth.ts';

// Goal: what may pass is told apart from what is final, so that a moment without the dock ends nothing. Method: answers made by hand; this needs no browser.

const answered = (response: () => Response): void => {
  vi.stubGlobal('fetch', async () => response());
};
const chunk = (signal = new AbortController().signal): Promise<unknown> =>
  new Api('token', '').chunk({ id: 'one', index: 3, session: 'session', signal });
const cutShort = (): Response =>
  new Response(
    new ReadableStream({
      pull(controller) {
        controller.error(new TypeError('network error'));
      },
    }),
  );

afterEach(() => vi.unstubAllGlobals());

// A dock that is said to show two histories stays accused, so a moment in which it could not answer must not accuse it.
describe('proof of growth from the dock', () => {
  const growth = (): Promise<unknown> => growthBy(new Api('token', ''))(3, 5);

  it.each([400, 404])('is refused with %i', async (status) => {
    answered(() => Response.json({ error: { message: 'No.' } }, { status }));
    expect(await growth()).toBeUndefined();
  });

  it.each([500, 503])('is not there at the moment with %i', async (status) => {
    answered(() => Response.json({ error: { message: 'No.' } }, { status }));
    await expect(growth()).rejects.toBeInstanceOf(ApiError);
  });
});

describe('a chunk from the dock', () => {
  it('is what came', async () => {
    answered(() => new Response(Uint8Array.of(1, 2, 3)));
    expect(await chunk()).toEqual(Uint8Array.of(1, 2, 3));
  });

  it.each([
    [403, 'withheld'],
    [404, 'gone'],
    [500, 'failed'],
    [503, 'passing'],
  ] as const)('is not there after %i: %s', async (status, kind) => {
    answered(() => Response.json({ error: { message: 'No.' } }, { status }));
    await expect(chunk()).rejects.toMatchObject({ kind, message: 'No.' });
  });

  it('may come when it is asked for again, after a cut in the middle of it', async () => {
    answered(cutShort);
    await expect(chunk()).rejects.toMatchObject({ kind: 'passing' });
  });

  it('is of no interest once it is no longer wanted', async () => {
    answered(cutShort);
    const gone = AbortSignal.abort();
    await expect(chunk(gone)).rejects.not.toBeInstanceOf(ApiError);
  });
});

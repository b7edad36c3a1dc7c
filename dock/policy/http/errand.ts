import { z } from 'zod';
import { badRequest } from './failure.ts';
import { isLoopbackPage } from './origin.ts';
import type { Service } from './service.ts';

/** Where the page came from and what it wants back. */
export const errand = z.object({
  redirect_uri: z.string().min(1).max(2_048),
  state: z.string().max(1_024).default(''),
  jwk: z.string().min(1).max(2_048),
});
export type Errand = z.infer<typeof errand>;

/** Throws RequestError BAD_REQUEST when something is missing, or the way back leads to where no token may go. */
export function parseErrand({ viewers }: Pick<Service, 'viewers'>, body: unknown): Errand {
  const parsed = errand.safeParse(body);
  if (!parsed.success)
    throw badRequest('redirect_uri, state and jwk are needed', parsed.error.issues[0]?.path.join('.'));
  if (!mayLeadTo(parsed.data.redirect_uri, viewers)) {
    throw badRequest('redirect_uri must be on this machine (RFC 8252) or named by --viewer', 'redirect_uri');
  }
  return parsed.data;
}

/**
 * Tokens go to loopback addresses and to the viewers the operator has named, compared whole up to the path; nowhere else, or
 * a link in a mail could carry a token away.
 */
function mayLeadTo(address: string, viewers: readonly string[]): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (isLoopbackPage(url)) return true;
  return viewers.some((viewer) => {
    const named = new URL(viewer);
    return url.origin !== 'null' && url.origin === named.origin && url.pathname === named.pathname;
  });
}

/** The page's public key as it stands in an errand. Throws RequestError BAD_REQUEST. */
export function decodeJwk(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw badRequest('jwk is the base64url of a JSON public key', 'jwk');
  }
}

/** The way back. In the fragment, which browsers do not send on: no server's log and no Referer ever holds the token. */
export function withToken({ redirect_uri: target, state }: Errand, token: string): string {
  const url = new URL(target);
  url.hash = new URLSearchParams({ token, state }).toString();
  return url.href;
}

/** The same errand behind another address of this service. */
export function onErrand(address: string, asked: Errand): string {
  return `${address}?${new URLSearchParams(asked).toString()}`;
}

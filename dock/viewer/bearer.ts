import type { FastifyRequest } from 'fastify';
import type { Policy, Viewer } from '../ports.ts';

// A token is about half a kilobyte; see the policy service's own limit.
const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/;

/** Who is asking, by the `Authorization` header alone: a token in an address would end up in histories and logs. */
export async function viewerOf(
  request: FastifyRequest,
  policy: Pick<Policy, 'viewer'>,
): Promise<{ readonly viewer: Viewer; readonly token: string } | { readonly refused: string }> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return { refused: 'no token came with the request' };
  const viewer = await policy.viewer(token);
  return 'refused' in viewer ? viewer : { viewer, token };
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Policy, Viewer } from '../ports.ts';
import { sendUnauthorised } from './reply.ts';

// A token is about half a kilobyte; see the policy service's own limit.
const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/;
const SIGNED_IN = 'signedIn';

export interface SignedIn {
  readonly viewer: Viewer;
  readonly token: string;
}

/** Every route that is not for anybody has one of these, which answers in its stead where nobody is signed in. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
type Refuse = (reply: FastifyReply, why: string) => FastifyReply;

/** Lets those through who are signed in. Meant for `preValidation`: nothing else of the request has been looked at then. */
export function signedIn(policy: Pick<Policy, 'viewer'>, refuse: Refuse = sendUnauthorised): Guard {
  return async (request, reply) => {
    const who = await viewerOf(request, policy);
    if ('refused' in who) return refuse(reply, who.refused);
    request.setDecorator(SIGNED_IN, who);
    return undefined;
  };
}

/** Who came through the route's guard. Throws TypeError on a route that has none. */
export function viewerIn(request: FastifyRequest): SignedIn {
  const who = request.getDecorator<SignedIn | null>(SIGNED_IN);
  if (who === null)
    throw new TypeError(`${request.routeOptions.url ?? 'a route'} asks who is there and has no guard`);
  return who;
}

/** Call once, before the routes. */
export function prepareGuards(app: FastifyInstance): void {
  app.decorateRequest(SIGNED_IN, null);
}

/** Who is asking, by the `Authorization` header alone: a token in an address would end up in histories and logs. */
async function viewerOf(
  request: FastifyRequest,
  policy: Pick<Policy, 'viewer'>,
): Promise<SignedIn | { readonly refused: string }> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return { refused: 'no token came with the request' };
  const viewer = await policy.viewer(token);
  return 'refused' in viewer ? viewer : { viewer, token };
}

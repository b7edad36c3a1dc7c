import type { FastifyReply } from 'fastify';
import type { Problem } from './schema/problem.ts';

/** Everything that does not exist and everything that may not be known to exist: one body, byte for byte. */
export function sendNotFound(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 404, { code: 'not-found', message: 'There is nothing here that you may see.' });
}

export function sendUnauthorised(reply: FastifyReply, why: string): FastifyReply {
  reply.header('www-authenticate', 'Bearer');
  return sendProblem(reply, 401, { code: 'unauthorised', message: `Please sign in: ${why}.` });
}

export function sendProblem(reply: FastifyReply, status: number, error: Problem): FastifyReply {
  // The route may have named the type of what it then had not got.
  const answer = reply.code(status).type('application/json; charset=utf-8');
  return answer.header('cache-control', 'no-store').send({ error });
}

/**
 * Headers of every answer. The page runs only its own script, talks only to this dock and the policy service, plays
 * only what it made itself (`blob:`), and is never framed; nothing is sniffed and no address leaks by a referrer.
 */
export function securityHeaders(policyUrl: string): Readonly<Record<string, string>> {
  const csp = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    'media-src blob:',
    `connect-src 'self' ${new URL(policyUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  return {
    'content-security-policy': csp.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
}

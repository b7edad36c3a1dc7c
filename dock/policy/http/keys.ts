import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { toBase64 } from '../../../proto/bytes.ts';
import { formatIdentity } from '../../../proto/identity.ts';
import type { Decision } from '../decide/decide.ts';
import { KeysError } from '../errors.ts';
import { handOver } from '../handover.ts';
import { badRequest } from './failure.ts';
import { openToPages } from './pages.ts';
import type { Service } from './service.ts';

const BODY_BYTES_MAX = 64 * 1024;

/** What a page sends: a JWS that it signed, which is the only credential. */
export const signedRequest = z.strictObject({ request: z.string().min(1) });

/** The codes of this place, as HTTP says them: docks and pages read both, so they are spelt as a dock spells its own. */
export const KEY_ANSWERS: Readonly<Record<KeysError['code'], readonly [status: number, code: string]>> = {
  BAD_KEY_REQUEST: [400, 'bad-key-request'],
  BAD_GRANT: [403, 'bad-grant'],
  GRANT_EXPIRED: [403, 'grant-expired'],
  GRANT_USED: [409, 'grant-used'],
  OTHER_SIGNER: [403, 'other-signer'],
  UNKNOWN_DOCK: [403, 'unknown-dock'],
  BAD_ENTRY: [403, 'bad-entry'],
  BAD_LEDGER_PROOF: [403, 'bad-ledger-proof'],
  CONSISTENCY_NEEDED: [409, 'consistency-needed'],
  LEDGER_FORKED: [403, 'ledger-forked'],
  NOT_SEALED: [409, 'not-sealed'],
  NOT_KEYED: [409, 'not-keyed'],
  LEDGER_WAITING: [503, 'ledger-waiting'],
};

/** `POST /v1/keys`, for pages alone: the signature inside is the only credential. `GET /v1/custodian` is for cameras' enrolment. */
export function keyRoutes(app: FastifyInstance, service: Service): void {
  const onRequest = openToPages(app, service, '/v1/keys');
  app.post('/v1/keys', { bodyLimit: BODY_BYTES_MAX, onRequest }, async (request, reply) => {
    const body = signedRequest.safeParse(request.body);
    if (!body.success) throw badRequest('the body is {"request"}, a signed request for keys', 'request');
    try {
      const handed = await handOver(service, body.data.request);
      if (!handed.given) return await sendDeny(reply, handed.decision);
      const { range, sealed, custody } = handed;
      const { enc, ciphertext } = sealed;
      return {
        ...{ range: [range.start, range.end], enc: toBase64(enc), ciphertext: toBase64(ciphertext) },
        custody: { entry: toBase64(custody.entry), proof: custody.proof },
      };
    } catch (error) {
      // Nobody but the page would hear of it otherwise, and the page is the dock's.
      if (error instanceof KeysError && error.code === 'LEDGER_FORKED') service.report(error);
      if (error instanceof KeysError) return sendRefusal(reply, error);
      throw error;
    }
  });
  app.get('/v1/custodian', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(formatIdentity(service.custodian.identity)),
  );
}

function sendDeny(reply: FastifyReply, { reason, missing, policies }: Decision): FastifyReply {
  return reply.code(403).send({ error: { code: 'withheld', message: reason }, reason, missing, policies });
}

/** Answers a request that KeysError refuses, for each place that opens grants. */
export function sendRefusal(reply: FastifyReply, { code: name, message, facts }: KeysError): FastifyReply {
  const [status, code] = KEY_ANSWERS[name];
  const { size } = facts;
  return reply.code(status).send({ error: { code, message }, ...(typeof size === 'number' ? { size } : {}) });
}

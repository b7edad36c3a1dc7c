import type { FastifyInstance } from 'fastify';
import { KeysError, RecordError } from '../errors.ts';
import { retell } from '../retelling.ts';
import { badRequest } from './failure.ts';
import { sendRefusal, signedRequest } from './keys.ts';
import type { Service } from './service.ts';

const BODY_BYTES_MAX = 16 * 1024;

/** The codes of this place, spelt as those of `POST /v1/keys`: one program asks both. */
export const RECORD_ANSWERS: Readonly<Record<RecordError['code'], readonly [status: number, code: string]>> =
  {
    BAD_DECISION_REQUEST: [400, 'bad-decision-request'],
    RULES_CHANGED: [409, 'rules-changed'],
  };

/** `POST /v1/decision`: the signature inside is the only credential. Not for pages of other origins, so nothing of CORS here. */
export function decisionRoutes(app: FastifyInstance, service: Service): void {
  app.post('/v1/decision', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const body = signedRequest.safeParse(request.body);
    if (!body.success)
      throw badRequest('the body is {"request"}, a signed request for a decision record', 'request');
    try {
      return { decision: await retell(service, body.data.request) };
    } catch (error) {
      if (error instanceof KeysError) return sendRefusal(reply, error);
      if (!(error instanceof RecordError)) throw error;
      const [status, code] = RECORD_ANSWERS[error.code];
      return reply.code(status).send({ error: { code, message: error.message } });
    }
  });
}

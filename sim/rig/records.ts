import { randomUUID } from 'node:crypto';
import { FieldError } from '../../proto/errors.ts';

/** The policy service did not take a fact. */
export class RecordsError extends FieldError<'FACT_REFUSED'> {}

/** One fact as `POST /v1/facts` takes it; `id` and `at` are added. */
export type FactBody = Readonly<Record<string, unknown>> & { readonly type: string };

/** A records system: tells the policy service what happened, under its own source token. */
export class RecordsSystem {
  readonly #url: string;
  readonly #token: string;

  constructor(policyUrl: string, token: string) {
    this.#url = policyUrl;
    this.#token = token;
  }

  /** Resolves once the fact is durable at the policy service, with its index. The id makes a repeat harmless. */
  async assert(fact: FactBody, id: string = randomUUID()): Promise<number> {
    const answer = await fetch(`${this.#url}/v1/facts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, at: new Date().toISOString(), ...fact }),
    });
    const body = await answer.text();
    if (answer.status !== 201 && answer.status !== 200) {
      throw new RecordsError('FACT_REFUSED', `${fact.type} was refused: ${answer.status} ${body}`, {
        retry: 'never',
      });
    }
    return (JSON.parse(body) as { index: number }).index;
  }
}

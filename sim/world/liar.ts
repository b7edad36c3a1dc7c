import type { Answer, Request } from '../../dock/authzen/call.ts';
import type { Chance } from '../fault/chance.ts';
import { claimsIn, state, statementKey, type StatementKey } from './statement.ts';

type Fields = Readonly<Record<string, unknown>>;
type Ask = (body: unknown) => Promise<Answer>;
type Lie = (request: Request, ask: Ask) => Promise<Answer>;

const REMEMBERED_MAX = 20;
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  subject: ['4411', '5522', 'ipr-1', 'nobody'],
  resource: ['f'.repeat(32)],
};

/**
 * Somebody between a dock and the policy service who has the dock's token and has heard every answer, but not the service's key. They
 * ask in the dock's name for something else, say again what was said before, sign with a key of their own, and talk nonsense. None
 * of it may open anything.
 */
export class Liar {
  readonly #chance: Chance;
  readonly #own: StatementKey;
  #heard: readonly Answer[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#own = statementKey(chance.split('key'));
  }

  /** An honest answer, which may be said again later. */
  async overhear(answer: Promise<Answer>): Promise<Answer> {
    const heard = await answer;
    if ('body' in heard && grantIn(heard.body) !== undefined)
      this.#heard = [...this.#heard, heard].slice(-REMEMBERED_MAX);
    return heard;
  }

  answer(request: Request, ask: Ask): Promise<Answer> {
    const lies: readonly Lie[] = request.path === '/v1/facts' ? this.#aboutFacts() : this.#aboutAccess();
    const lie = this.#pick(lies);
    return lie(request, ask);
  }

  #aboutFacts(): readonly Lie[] {
    return [
      async () => ({ status: 200, body: { hello: 'sign in to this network' } }),
      async () => ({ status: 201, body: { index: 0 } }),
      async () => ({ status: 503, body: {} }),
    ];
  }

  #aboutAccess(): readonly Lie[] {
    return [
      this.#again,
      this.#again,
      this.#forged,
      this.#forged,
      this.#turned,
      this.#askedOtherwise,
      this.#askedOtherwise,
      this.#askedOtherwise,
      this.#nonsense,
    ];
  }

  /** A true answer to another question. */
  readonly #again: Lie = async (request, ask) =>
    this.#heard.length === 0 ? this.#forged(request, ask) : this.#pick(this.#heard);

  /** All that the dock asked for, with its own nonce, signed by somebody else. */
  readonly #forged: Lie = async ({ body }, ask) => {
    const honest = await ask(body);
    const grant = 'body' in honest ? grantIn(honest.body) : undefined;
    const claims = grant === undefined ? claimsFor(body) : claimsIn(grant);
    return allowed({ grant: state('holdfast-grant+jwt', claims, this.#own) });
  };

  /** No is made into yes, and yes into a yes without a grant. */
  readonly #turned: Lie = async ({ body }, ask) => {
    const honest = await ask(body);
    if (!('body' in honest)) return honest;
    const grant = this.#pick([
      {},
      { grant: '' },
      { grant: state('holdfast-viewer+jwt', claimsFor(body), this.#own) },
    ]);
    return allowed(grant);
  };

  /** The service answers in good faith, and for this dock and nonce, what the dock did not ask. */
  readonly #askedOtherwise: Lie = async ({ body }, ask) => {
    const said = fieldsOf(body);
    const context = fieldsOf(said['context']);
    const plain = { purpose: context['purpose'], dock: context['dock'], nonce: context['nonce'] };
    const other = (name: 'subject' | 'resource'): Fields => ({
      ...said,
      [name]: { ...fieldsOf(said[name]), id: this.#pick(OTHERS[name] ?? []) },
      context: plain,
    });
    const questions: readonly Fields[] = [
      other('subject'),
      other('resource'),
      { ...said, context: plain },
      {
        ...said,
        context: { ...plain, purpose: this.#pick(['oversight', 'write_report', 'supplement_report']) },
      },
      { ...said, context: { ...context, chunks: [0, 1_000_000] } },
      { ...said, context: { ...plain, nonce: '00'.repeat(16) } },
    ];
    return ask(this.#pick(questions));
  };

  readonly #nonsense: Lie = async () =>
    this.#pick<Answer>([
      { status: 200, body: '<html>' },
      { status: 200, body: { decision: 'yes', context: { reason: 'because', grant: 'x.y.z' } } },
      { status: 200, body: { decision: true, context: { reason: 'because', grant: 'x.y.z' } } },
      {
        status: 200,
        body: { decision: false, context: { reason: 'no', missing: [], regime: 'r', grant: 'x.y.z' } },
      },
      { status: 302, body: {} },
      { status: 401, body: {} },
      { status: 500, body: { decision: true } },
      { failed: 'policy service answered with something that is not JSON' },
    ]);

  #pick<Item>(items: readonly Item[]): Item {
    const [picked] = items.slice(this.#chance.below(items.length));
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }
}

function allowed(grant: { readonly grant?: string }): Answer {
  return { status: 200, body: { decision: true, context: { reason: 'It is allowed.', ...grant } } };
}

function grantIn(body: unknown): string | undefined {
  const { grant } = fieldsOf(fieldsOf(body)['context']);
  return typeof grant === 'string' ? grant : undefined;
}

/** The claims of a grant that answers this question to the letter. */
function claimsFor(body: unknown): Fields {
  const { subject, resource, action, context } = fieldsOf(body);
  const { purpose, nonce, dock, opening } = fieldsOf(context);
  return {
    kind: opening === undefined ? 'release' : 'open',
    ...{
      sub: fieldsOf(subject)['id'],
      recording: fieldsOf(resource)['id'],
      action: fieldsOf(action)['name'],
    },
    ...{
      purpose,
      nonce,
      aud: dock,
      jti: 'made-up',
      regime: 'city',
      policySet: 'x',
      newestFact: 1,
      chunks: [0, 1],
    },
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

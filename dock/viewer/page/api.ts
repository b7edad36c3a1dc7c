import type { ChunkSpan } from '../../../proto/fragments.ts';
import type { Custody, ProvenEntry } from '../schema/custody.ts';
import type { Denials } from '../schema/denials.ts';
import type { Config as DockConfig } from '../schema/dock.ts';
import type { Growth } from '../schema/ledger.ts';
import type { PurposeAnswer } from '../schema/purposes.ts';
import type { Listing, Missing, Opened, ShownMissing } from './answers.ts';
import { whichDock } from './which-dock.ts';

/** What the dock says of itself, and where it is: empty when the page comes from it. */
export type Config = DockConfig & { readonly url: string };

/** What a policy service says that serves the page for these docks. */
interface ManyDocks {
  readonly policyUrl: string;
  readonly docks: readonly string[];
}

/** The dock said no, or nothing. `message` is for the person. */
export class ApiError extends Error {
  /** `passing`: nobody said no, and the same may succeed in a moment. */
  readonly kind: 'signed-out' | 'withheld' | 'gone' | 'not-understood' | 'failed' | 'passing';
  readonly missing: readonly Missing[];

  constructor(kind: ApiError['kind'], message: string, missing: readonly Missing[] = []) {
    super(message);
    this.kind = kind;
    this.missing = missing;
  }
}

export async function fetchConfig(): Promise<Config> {
  const own = (await ask('/v1/config', {})) as DockConfig | ManyDocks;
  if (!('docks' in own)) return { ...own, url: '' };
  const url = whichDock(own.docks);
  // Whoever serves the page says where people sign in; a dock does not.
  return { ...((await ask(`${url}/v1/config`, {})) as DockConfig), policyUrl: own.policyUrl, url };
}

type Sending = Omit<RequestInit, 'headers'> & { readonly headers?: Record<string, string> };

/** The dock as one signed-in person reaches it. */
export class Api {
  #token: string;
  readonly #dock: string;

  constructor(token: string, dock: string) {
    this.#token = token;
    this.#dock = dock;
  }

  /** The token that speaks for the same person from now on. */
  renew(token: string): void {
    this.#token = token;
  }

  async list(): Promise<Listing> {
    return (await this.#ask('/v1/recordings')) as Listing;
  }

  /** Events of one recording, newest page first; `before` gives those in front of that place in the ledger. */
  async custody(id: string, before?: number): Promise<Custody> {
    const from = before === undefined ? '' : `?before=${before}`;
    return (await this.#ask(`/v1/recordings/${id}/custody${from}`)) as Custody;
  }

  /** One entry of the dock's ledger, and what should prove it. */
  async entry(index: number, signal: AbortSignal): Promise<ProvenEntry> {
    return (await this.#ask(`/v1/ledger/entries/${index}`, { signal })) as ProvenEntry;
  }

  /** The evidence package as it arrives. */
  async takePackage(id: string, purpose: string, signal: AbortSignal): Promise<Response> {
    const init = { method: 'POST', body: JSON.stringify({ purpose }), signal };
    return this.#fetch(`/v1/recordings/${id}/package`, init);
  }

  /** What it would open for now, and what for not. */
  async purposes(id: string): Promise<readonly PurposeAnswer[]> {
    return ((await this.#ask(`/v1/recordings/${id}/purposes`)) as { purposes: readonly PurposeAnswer[] })
      .purposes;
  }

  /** The newest attempts that were refused. */
  async denials(): Promise<Denials> {
    return (await this.#ask('/v1/denials')) as Denials;
  }

  async missing(): Promise<ShownMissing> {
    return (await this.#ask('/v1/missing')) as ShownMissing;
  }

  async open(
    id: string,
    request: { readonly purpose: string; readonly proof: string; readonly chunks?: ChunkSpan },
  ): Promise<Opened> {
    const body = JSON.stringify(request);
    return (await this.#ask(`/v1/recordings/${id}/open`, { method: 'POST', body })) as Opened;
  }

  /** Proof that the tree of `to` entries of the dock's ledger begins with that of `from`. */
  async consistency(from: number, to: number): Promise<Pick<Growth, 'from' | 'hashes'>> {
    const { hashes } = (await this.#ask(`/v1/ledger/consistency?from=${from}&to=${to}`)) as Growth;
    return { from, hashes };
  }

  async chunk(address: {
    readonly id: string;
    readonly index: number;
    readonly session: string;
    readonly signal: AbortSignal;
  }): Promise<Uint8Array<ArrayBuffer>> {
    const { id, index, session, signal } = address;
    const response = await this.#fetch(`/v1/recordings/${id}/chunks/${index}`, {
      signal,
      headers: { 'holdfast-session': session },
    });
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new ApiError('passing', 'The dock was cut off in the middle of a chunk.');
    }
  }

  /** The open stream of `/v1/updates`; its body ends when the dock, the network or the token does. */
  async updates(signal: AbortSignal): Promise<Response> {
    return this.#fetch('/v1/updates', { signal });
  }

  /** The same of `/v1/bays/updates`. */
  async bayUpdates(signal: AbortSignal): Promise<Response> {
    return this.#fetch('/v1/bays/updates', { signal });
  }

  async #ask(path: string, init: Sending = {}): Promise<unknown> {
    const response = await this.#fetch(path, init);
    return response.json();
  }

  async #fetch(path: string, { headers, ...init }: Sending): Promise<Response> {
    const type = init.body === undefined ? {} : { 'content-type': 'application/json' };
    return reach(this.#dock + path, {
      ...init,
      headers: { ...type, ...headers, authorization: `Bearer ${this.#token}` },
    });
  }
}

async function ask(path: string, init: RequestInit): Promise<unknown> {
  const response = await reach(path, init);
  return response.json();
}

/** An answer that is what was asked for. Throws ApiError for any other. */
async function reach(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError('passing', 'The dock cannot be reached.');
  }
  if (response.status !== 200) throw await refusal(response);
  return response;
}

/** What the dock and the policy service say when they do not give what was asked for. */
export interface Refused {
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly missing?: readonly Missing[];
  /** Entries of the ledger that the service was shown before. */
  readonly size?: number;
}

/** Empty when the answer says nothing that can be read. */
export async function refusedIn(response: Response): Promise<Refused> {
  return (await response.json().catch(() => ({}))) as Refused;
}

async function refusal(response: Response): Promise<ApiError> {
  const { error, missing } = await refusedIn(response);
  const message = error?.message ?? `The dock answered ${response.status}.`;
  const kinds: Readonly<Record<number, ApiError['kind']>> = {
    400: 'not-understood',
    401: 'signed-out',
    403: 'withheld',
    404: 'gone',
    429: 'passing',
    502: 'passing',
    503: 'passing',
    504: 'passing',
  };
  return new ApiError(kinds[response.status] ?? 'failed', message, missing);
}

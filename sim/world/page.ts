import { KeysError } from '../../dock/policy/errors.ts';
import type { ContentSession, Ledger } from '../../dock/ports.ts';
import { toBase64, toHex } from '../../proto/bytes.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { parseTlogProof } from '../../proto/tlog-proof.ts';
import type { Chance } from '../fault/chance.ts';
import { wrapPair, type WrapPair } from '../fault/hpke.ts';
import { OFFICE_URL } from './office-papers.ts';
import type { Office } from './office.ts';
import { state, statementKey, type StatementKey } from './statement.ts';

/** What a page signs with, and what keys are sealed to. */
interface PageKeys {
  readonly signer: StatementKey;
  readonly pair: WrapPair;
}

function keysOf(chance: Chance): PageKeys {
  return { signer: statementKey(chance.split('signer')), pair: wrapPair(chance.split('pair')) };
}

/** A viewer page in somebody's browser: keys of its own, and the token that it shows. */
export class Page {
  readonly person: string;
  readonly token: string;
  readonly #chance: Chance;
  readonly #keys: PageKeys;

  constructor(person: string, chance: Chance, has?: { readonly token: string; readonly keys: PageKeys }) {
    const { token, keys } = has ?? { token: '', keys: keysOf(chance) };
    this.person = person;
    this.token = token;
    this.#chance = chance;
    this.#keys = keys;
  }

  /** What it signs with. */
  get key(): StatementKey {
    return this.#keys.signer;
  }

  /** The same page with this token. */
  showing(token: string): Page {
    return new Page(this.person, this.#chance, { token, keys: this.#keys });
  }

  /** The wish to open a recording now. */
  signOpening(
    wish: {
      readonly dock: string;
      readonly recordingId: RecordingId;
      readonly purpose: string;
      readonly chunks?: readonly [number, number] | undefined;
    },
    nowMs: number,
  ): string {
    const { dock, recordingId: recording, purpose, chunks } = wish;
    const about = { recording, purpose, aud: dock, ...(chunks === undefined ? {} : { chunks }) };
    return state('holdfast-open+jwt', { ...about, ...this.#fresh(nowMs) }, this.#keys.signer);
  }

  /** A request for the keys of what was opened. */
  signKeys(claims: object, nowMs: number): string {
    const own = { aud: OFFICE_URL, point: toBase64(this.#keys.pair.point) };
    return state('holdfast-keys+jwt', { ...own, ...claims, ...this.#fresh(nowMs) }, this.#keys.signer);
  }

  #fresh(nowMs: number): { readonly iat: number; readonly nonce: string } {
    return { iat: nowMs / 1_000, nonce: toHex(this.#chance.bytes(16)) };
  }
}

/**
 * Asks the custodian for keys as a page does: shows the grant and where the dock wrote it down, and, when the custodian has seen
 * that log before, how it has grown since. Says whether they were given. Throws KeysError for what the custodian refuses.
 */
export async function askKeys(
  at: { readonly office: Office; readonly ledger: Pick<Ledger, 'proveSince'>; readonly page: Page },
  about: { readonly grant: string; readonly shown: Pick<ContentSession, 'entry' | 'proof'> },
): Promise<boolean> {
  const { office, ledger, page } = at;
  const { entry, proof } = about.shown;
  const request = { grant: about.grant, entry: toBase64(entry) };
  try {
    return (await office.handOver(page.signKeys({ ...request, proof }, office.nowMs))).given;
  } catch (error) {
    const from =
      error instanceof KeysError && error.code === 'CONSISTENCY_NEEDED' ? error.facts['size'] : undefined;
    if (typeof from !== 'number') throw error;
    const since = await ledger.proveSince(parseTlogProof(proof).index, from);
    const grown = { proof: since.proof, from, hashes: since.consistency.map(toBase64) };
    return (await office.handOver(page.signKeys({ ...request, ...grown }, office.nowMs))).given;
  }
}

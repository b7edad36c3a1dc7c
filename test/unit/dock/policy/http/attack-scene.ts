import { expect } from 'vitest';
import type { KeyPair } from '../../../../../dock/policy/custodian/hpke.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { toBase64, toHex } from '../../../../../proto/bytes.ts';
import { chunkKey } from '../../../../../proto/chunk-key.ts';
import { decodePolicyEntry } from '../../../../../proto/policy-entry.ts';
import type { MemoryLedger } from '../../../../../sim/fault/memory-ledger.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { hmacSha256 } from '../../../proto/seal-fixture.ts';
import { fact } from '../story.ts';
import type { Refused } from './attack-table.ts';
import {
  dockLedger,
  keyRequest,
  openAt,
  pagePair,
  RECORDING_KEY,
  registered,
  sealedRecording,
  type Opening,
  type SealedRecording,
} from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, TestPage, TestService } from './service.ts';

export const ASKED = { purpose: 'supplement_report', dock: 'dock-1', nonce: 'ab'.repeat(16) };

interface Said {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * The whole service over real databases; a sealed recording that its officer, whose report is filed, may open; their page, and a dock's
 * ledger.
 */
export class AttackScene {
  town: TestService;
  page: TestPage;
  ledger: MemoryLedger = dockLedger();
  readonly sealed: SealedRecording;
  readonly mine: { readonly pair: KeyPair; readonly jwk: object };

  private constructor(made: Pick<AttackScene, 'town' | 'page' | 'sealed' | 'mine'>) {
    this.town = made.town;
    this.page = made.page;
    this.sealed = made.sealed;
    this.mine = made.mine;
  }

  static async start(
    options: Parameters<typeof TestService.start>[0] = {},
    seal: typeof sealedRecording = sealedRecording,
  ): Promise<AttackScene> {
    const town = await TestService.start(options);
    const page = await TestPage.open(town);
    const sealed = await seal(town.service.custodian);
    const scene = new AttackScene({ town, page, sealed, mine: await pagePair() });
    await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
    await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
    return scene;
  }

  stop(): Promise<void> {
    return this.town.stop();
  }

  /** The service ends and starts again on the same files, for a page that was opened anew. */
  async restart(
    options: Parameters<typeof TestService.start>[0] = {},
    meanwhile: (folder: string) => void = () => undefined,
  ): Promise<void> {
    const { folder, time } = this.town;
    await this.town.stop({ keepFolder: true });
    meanwhile(folder);
    this.town = await TestService.start({ ...options, folder });
    this.town.time.nowMs = time.nowMs;
    this.page = await TestPage.open(this.town);
  }

  open(changes: Readonly<Record<string, unknown>> = {}): Promise<Opening> {
    return openAt(this, changes);
  }

  sign(opening: Opening, changes: Parameters<typeof keyRequest>[2] = {}): Promise<string> {
    return keyRequest({ page: this.page, jwk: this.mine.jwk }, opening, changes);
  }

  async ask(request: string): Promise<Said> {
    return this.town.post('/v1/keys', { request }, { token: '' });
  }

  async askFor(opening: Opening, changes: Parameters<typeof keyRequest>[2] = {}): Promise<Said> {
    return this.ask(await this.sign(opening, changes));
  }

  /** The dock asks for access, with an opening that this page signed unless told otherwise. */
  async evaluate(
    change: {
      readonly person?: string;
      readonly context?: object;
      readonly claims?: Readonly<Record<string, unknown>>;
      readonly token?: string;
      readonly as?: string;
    } = {},
  ): Promise<{ decision: boolean; context: Record<string, unknown> }> {
    const { person = RECORDER, as = DOCK_TOKEN } = change;
    const token = change.token ?? (await this.page.token(person));
    const opening = { token, proof: await this.page.proof(change.claims) };
    return this.town.evaluate(person, { ...ASKED, opening, ...change.context }, as);
  }

  /** Rows about keys: what was given and what was not. */
  keyRows(): readonly boolean[] {
    return this.town.service.keyBook.about(recordingId).map(({ given }) => given);
  }

  /** Entries of the service's own ledger, as they will be published. */
  entries(): readonly ReturnType<typeof decodePolicyEntry>[] {
    return openOutbox(this.town.database)
      .list(0, 10_000)
      .map(({ entry }) => decodePolicyEntry(entry));
  }

  /** No keys, for that reason; nothing in the answer opens anything, and these rows, no more, are on record. */
  withheld(answer: Said, expected: Expected, rows: readonly boolean[] = []): Refused {
    return withheldKeys(this, { answer, expected, rows });
  }

  /** Denied, without a grant, and the newest decision on file says so. */
  denied(answer: Answered, words: RegExp): Refused {
    return deniedAccess(this, answer, words);
  }
}

type Expected = readonly [status: number, code: string, words: RegExp];

interface Answered {
  readonly decision: boolean;
  readonly context: Readonly<Record<string, unknown>>;
}

function withheldKeys(
  scene: AttackScene,
  of: { readonly answer: Said; readonly expected: Expected; readonly rows: readonly boolean[] },
): Refused {
  const { answer, rows } = of;
  const [status, code, words] = of.expected;
  const { error } = answer.body as { error?: { code: string; message: string } };
  expect({ status: answer.status, code: error?.code }).toEqual({ status, code });
  expect(error?.message).toMatch(words);
  const agreed = ['error', 'reason', 'missing', 'policies', 'size'];
  expect(Object.keys(answer.body).filter((name) => !agreed.includes(name))).toEqual([]);
  expectNoKeyIn(JSON.stringify(answer.body));
  expect(scene.keyRows()).toEqual(rows);
  const released = scene.entries().filter(({ type }) => type === 'keys.released');
  expect(released).toHaveLength(rows.filter(Boolean).length);
  return { by: `custodian, ${status} ${code}`, reason: error?.message ?? '' };
}

function deniedAccess(scene: AttackScene, { decision, context }: Answered, words: RegExp): Refused {
  expect(decision).toBe(false);
  expect(context).not.toHaveProperty('grant');
  expect(context['reason']).toMatch(words);
  const row = scene.town.service.journal.about(recordingId).at(-1);
  expect(row).toMatchObject({ allowed: false, answer: { reason: context['reason'] } });
  expect(row?.grantId).toBeUndefined();
  expect(scene.keyRows()).toEqual([]);
  return { by: 'policy service, a deny on record', reason: String(context['reason']) };
}

function expectNoKeyIn(text: string): void {
  const keys = [0, 1, 2].map((index) =>
    chunkKey(RECORDING_KEY, { recording: recordingId, index }, hmacSha256),
  );
  for (const key of [RECORDING_KEY, ...keys])
    for (const spelt of [toHex(key), toBase64(key)]) expect(text).not.toContain(spelt);
}

/** An attack that needs a scene unlike the others. */
export async function onScene<Result>(
  started: Promise<AttackScene>,
  act: (scene: AttackScene) => Promise<Result>,
): Promise<Result> {
  const scene = await started;
  try {
    return await act(scene);
  } finally {
    await scene.stop();
  }
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cosign, formatCosignerVkey } from '../../../../../proto/cosignature.ts';
import { formatIdentity } from '../../../../../proto/identity.ts';
import { splitNote } from '../../../../../proto/note.ts';
import { parseTlogProof } from '../../../../../proto/tlog-proof.ts';
import { DOCK_KEY, dockId, LEDGER_VKEY, sha256, testKey } from '../../../proto/fixture.ts';
import { fact } from '../story.ts';
import {
  dockLedger,
  keyRequest,
  openAt,
  type Opening,
  pagePair,
  registered,
  sealedRecording,
} from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, TestPage, TestService } from './service.ts';

// Goal: a dock that shows the custodian a ledger of its own, which nobody else ever sees, gets no keys out of it once the dock's
// witnesses are known. Method: the whole service; the dock's identity in its registry names two witnesses; one right opening, with
// the cosignatures of nobody, of one, of a stranger, of one that signed something else, and of both.

const [first, second, stranger] = [21, 22, 23].map((seed) => ({
  name: `witness-${seed}`,
  sha256,
  ...testKey(seed),
}));
type Signer = typeof first;

let town: TestService;
let page: TestPage;
let opening: Opening;

const vkeyOf = (signer: Signer): string =>
  signer === undefined ? '' : formatCosignerVkey(signer.name, signer.publicKey, sha256);

/** Who must have cosigned, from now on. */
function ask(quorum: number): void {
  const dock = { kind: 'dock', id: dockId, publicKey: DOCK_KEY.publicKey, ledger: LEDGER_VKEY } as const;
  const witnesses = [first, second].map(vkeyOf);
  writeFileSync(join(town.folder, `${dockId}.json`), formatIdentity({ ...dock, witnesses, quorum }));
}

/** The opening's proof with these cosignatures under its checkpoint. */
function cosigned(signers: readonly Signer[], text?: string): Opening {
  const own = splitNote(parseTlogProof(opening.proof).checkpoint).text;
  const lines = signers.flatMap((signer) =>
    signer === undefined ? [] : [cosign(text ?? own, { ...signer, timeS: 1_795_000_000 })],
  );
  return { ...opening, proof: opening.proof + lines.join('') };
}

async function statusOf(asked: Opening): Promise<unknown> {
  const request = await keyRequest({ page, jwk: (await pagePair()).jwk }, asked);
  const { status, body } = await town.post('/v1/keys', { request }, { token: '' });
  return status === 200 ? 200 : (body['error'] as { code: string }).code;
}

beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
  await town.post('/v1/facts', registered(await sealedRecording(town.service.custodian)), {
    token: DOCK_TOKEN,
  });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
  opening = await openAt({ town, page, ledger: dockLedger() });
});
afterEach(() => town.stop());

describe('keys against a ledger with witnesses', () => {
  test.each([
    ['nobody', [], undefined],
    ['one of the two that are asked for', [first], undefined],
    ['one of them twice', [first, first], undefined],
    ['one and a stranger', [first, stranger], undefined],
    ['both, of another tree', [first, second], 'another\n1\nAAAA\n'],
  ])('are not given for the cosignature of %s', async (_who, signers, text) => {
    ask(2);
    expect(await statusOf(cosigned(signers, text))).toBe('bad-ledger-proof');
    expect(town.service.keyBook.head(LEDGER_VKEY)).toBeUndefined();
  });

  test('are given once enough have cosigned', async () => {
    ask(2);
    expect(await statusOf(cosigned([first, second]))).toBe(200);
  });

  test('are given for one of two where one is enough', async () => {
    ask(1);
    expect(await statusOf(cosigned([second]))).toBe(200);
  });
});

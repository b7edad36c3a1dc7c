import assert from 'node:assert/strict';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { HoldingKey } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import { sha256 } from './manifests.ts';
import { setAside } from './quarantine.ts';
import { allChunks, readBack, wrapsHold } from './read-back.ts';
import { type Findings, inspect } from './recovery.ts';
import type { HoldingRow } from './rows.ts';
import { type Memory, type Remember, type Surveyed, surveyQuarantined, surveyRecording } from './survey.ts';
import { readWhole } from './whole.ts';

/**
 * Enters folders that no index row knows, as after losing the index. Content that is entered is read in full, and what
 * differs is reported as damage. What does not explain itself is moved aside whole, and a camera that still has it offers it
 * again. Resolves to what the caller remembered of each one entered.
 */
export async function rebuild(
  shop: Workshop,
  findings: Findings,
  remember: Remember,
): Promise<readonly (HoldingKey & Memory)[]> {
  const known = new Set(shop.index.holdings().map((row) => row.folder));
  const entered: (HoldingKey & Memory)[] = [];
  for (const name of await shop.disk.list(join(shop.root, 'recordings'))) {
    if (known.has(`recordings/${name}`)) continue;
    const found = await surveyRecording(name, shop, remember);
    if (found === undefined) findings.setAside.push(await setAside(name, shop));
    else entered.push(await enter(found, shop, findings));
  }
  // In order, so that a folder that says why it is there comes before one that was set aside.
  for (const name of (await shop.disk.list(join(shop.root, 'quarantine'))).toSorted()) {
    const folder = `quarantine/${name}`;
    if (known.has(folder) || findings.setAside.includes(folder)) continue;
    const found = await surveyQuarantined(name, shop, remember);
    // What was set aside in mid-upload has the manifest of what its camera brought again.
    if (found === undefined || shop.index.find(found.holding) !== undefined) findings.setAside.push(folder);
    else await enter(found, shop, findings);
  }
  return entered;
}

async function enter(
  { holding, chunks, memory }: Surveyed,
  shop: Workshop,
  findings: Findings,
): Promise<HoldingKey & Memory> {
  const { recordingId, manifestSha256 } = holding;
  const key = { recordingId, manifestSha256 };
  // In one transaction: a holding without its chunks would have its file cut at the next start.
  await shop.commits.add({ change: 'add-holding', holding, chunks });
  const row = shop.index.find(key);
  assert(row !== undefined);
  // What is in quarantine may have come broken.
  if (row.state !== 'quarantined') await checkContent(row, shop, findings);
  findings.rebuilt.push(key);
  return { ...key, ...memory };
}

async function checkContent(row: HoldingRow, shop: Workshop, findings: Findings): Promise<void> {
  const before = findings.damage.length;
  await inspect(row, shop, findings);
  if (findings.damage.slice(before).some(({ problem }) => problem !== 'long')) return;
  const { recordingId, manifestSha256, state } = row;
  const changed = { recordingId, manifestSha256, state, problem: 'changed' } as const;
  const stamps = await readWhole(shop.disk, join(shop.root, row.folder, 'stamps'));
  if (row.stamps !== undefined && stamps !== undefined && !equal(sha256(stamps), row.stamps.sha256))
    findings.damage.push({ ...changed, file: 'stamps' });
  if (row.state === 'destroyed') return;
  const { digests, wraps } = await readBack(row, shop);
  if (row.wrapsSha256 !== undefined && !wrapsHold(wraps, row.wrapsSha256))
    findings.damage.push({ ...changed, file: 'wraps' });
  for (const { index: chunk, sha256: digest } of allChunks(row, shop)) {
    if (equal(digest, digests[chunk] ?? new Uint8Array(0))) continue;
    findings.damage.push({ ...changed, file: 'chunks', chunk });
  }
}

import { toHex } from '../../proto/bytes.ts';
import { formatInstant } from '../../proto/instant.ts';
import { peekManifest, type Manifest } from '../../proto/manifest.ts';
import type { Holding, ReleaseStatus, Viewer } from '../ports.ts';
import type { QuarantinedRow, Row } from './schema/recordings.ts';

const QUARANTINE_ROLES: ReadonlySet<string> = new Set([
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
]);
// A summary is a few hundred bytes; past this many the oldest are read again from their manifests.
const SUMMARIES_MAX = 10_000;

type Summary = Pick<
  Row,
  'officer' | 'incident' | 'startedAt' | 'endedAt' | 'bytes' | 'chunks' | 'durationMs'
>;

/** May the person know what was refused? Those who must find out why a recording never came. */
export function mayKnowQuarantined(viewer: Viewer): boolean {
  return viewer.roles.some((role) => QUARANTINE_ROLES.has(role));
}

export function quarantinedRow({
  recordingId,
  cameraId,
  transport,
  reason,
  contentBytes,
  received,
}: Holding): QuarantinedRow {
  return {
    id: recordingId,
    camera: cameraId,
    transport,
    reason: reason ?? 'unknown',
    bytes: contentBytes,
    ...(received === undefined ? {} : { receivedAt: formatInstant(received.receivedAtUs) }),
  };
}

/** Makes rows, remembering what each manifest says: it never changes, and decoding one takes milliseconds. */
export class Rows {
  readonly #summaries = new Map<string, Summary>();

  /** Of a recording that the person may know of; undefined when its manifest cannot be read. */
  row(holding: Holding, status: ReleaseStatus): Row | undefined {
    const summary = this.#summary(holding);
    if (summary === undefined) return undefined;
    const { recordingId: id, cameraId: camera, transport, received } = holding;
    const { reason, missing, regime, policySet, viewed, purpose } = status;
    return {
      id,
      camera,
      transport,
      ...summary,
      ...(received === undefined
        ? {}
        : {
            receivedAt: formatInstant(received.receivedAtUs),
            uncertaintyUs: received.uncertaintyUs,
            basis: received.basis,
          }),
      status: status.status === 'released' ? 'released' : 'held',
      reason,
      missing,
      regime,
      ...(policySet === undefined ? {} : { policySet }),
      viewed: viewed === true,
      purpose,
    };
  }

  #summary({ recordingId, manifestSha256, signedManifest }: Holding): Summary | undefined {
    const key = `${recordingId}/${toHex(manifestSha256)}`;
    const known = this.#summaries.get(key);
    if (known !== undefined || signedManifest === undefined) return known;
    // The signature was checked when the recording was accepted, before this holding became `held`.
    const summary = summarise(peekManifest(signedManifest));
    const [oldest] = this.#summaries.keys();
    if (oldest !== undefined && this.#summaries.size >= SUMMARIES_MAX) this.#summaries.delete(oldest);
    this.#summaries.set(key, summary);
    return summary;
  }
}

function summarise({ officerId, incidentTag, started, ended, contentBytes, chunks }: Manifest): Summary {
  const last = chunks.at(-1);
  return {
    officer: officerId,
    incident: incidentTag,
    startedAt: formatInstant(started.wallUs),
    endedAt: formatInstant(ended.wallUs),
    bytes: contentBytes,
    chunks: chunks.length,
    durationMs: last === undefined ? 0 : last.mediaStartMs + last.mediaMs,
  };
}

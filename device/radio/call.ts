import { isCameraId } from '../../proto/ids.ts';
import type { PeerCall } from '../ports.ts';

/** A line of a call, its end not counted; a longer one is no call. */
export const CALL_BYTES_MAX = 512;

/** What a camera answers whoever reaches it: what it hears is of this version. */
export const GREETING = '{"radio":1}';

const VERSION = 1;
const CALL_ID = /^[0-9a-f]{32}$/;
const TAG = /^[A-Za-z0-9._-]{0,32}$/;
const CAUSES: readonly PeerCall['cause'][] = ['button', 'command', 'holster', 'light-bar', 'taser', 'fall'];

/** Whether cameras can be told apart by it: up to 32 letters, digits and ._- */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** The call as one line of JSON, without its end. */
export function callLine({ callId, camera, tag, cause }: PeerCall): string {
  return JSON.stringify({ v: VERSION, call: callId, camera, tag, cause });
}

/** The call of a line; undefined for noise, and for the words of a newer camera. */
export function readCall(line: string): PeerCall | undefined {
  const { v, call: callId, camera, tag, cause: said } = membersOf(line);
  const cause = CAUSES.find((one) => one === said);
  if (v !== VERSION || cause === undefined) return undefined;
  if (typeof callId !== 'string' || !CALL_ID.test(callId)) return undefined;
  if (typeof camera !== 'string' || !isCameraId(camera)) return undefined;
  if (typeof tag !== 'string' || !isTag(tag)) return undefined;
  return { callId, camera, tag, cause };
}

function membersOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

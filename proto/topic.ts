import { type CameraId, isCameraId } from './ids.ts';

// One MQTT topic level: no separator, no wildcard.
const SITE = /^[a-z0-9][a-z0-9-]{0,31}$/;
const CLIENT_ID = /^holdfast-(.+)-[0-9a-z]+$/;

/** A site names one dock's corner of a broker: 1 to 32 lower-case letters, digits and hyphens. */
export const isSite = (text: string): boolean => SITE.test(text);

/** Camera to dock. `cameraId` may be `+` in a subscription of the dock. */
export const upTopic = (site: string, cameraId: CameraId | '+'): string => `bwc/v1/${site}/${cameraId}/up`;

/** Dock to camera. */
export const downTopic = (site: string, cameraId: CameraId): string => `bwc/v1/${site}/${cameraId}/down`;

/** The camera whose `up` topic of this site it is, or undefined for any other topic. */
export function cameraOfUpTopic(site: string, topic: string): CameraId | undefined {
  const [root, version, inSite, cameraId, direction, ...rest] = topic.split('/');
  const isUp =
    root === 'bwc' && version === 'v1' && inSite === site && direction === 'up' && rest.length === 0;
  return isUp && cameraId !== undefined && isCameraId(cameraId) ? cameraId : undefined;
}

/**
 * The MQTT client id of a camera: `holdfast-<camera>-<suffix>`, the suffix being lower-case letters and digits.
 * Two connections with one client id cannot both live (MQTT 3.1.1, 3.1.4-2), so a camera that reconnects
 * with the same suffix throws out what is left of its old connection.
 */
export const clientIdOf = (cameraId: CameraId, suffix: string): string => `holdfast-${cameraId}-${suffix}`;

/** The camera a client id speaks for, or undefined when it is not made like that. */
export function cameraOfClientId(clientId: string): CameraId | undefined {
  const cameraId = CLIENT_ID.exec(clientId)?.[1];
  return cameraId !== undefined && isCameraId(cameraId) ? cameraId : undefined;
}

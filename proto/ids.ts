declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** 16 random bytes as 32 lower-case hex digits; made by the camera, safe as a file name and in a URL. */
export type RecordingId = Branded<string, 'RecordingId'>;
/** Lower-case letters, digits and hyphens, 1 to 32; safe as a file name and as an MQTT topic level. */
export type CameraId = Branded<string, 'CameraId'>;
/** Same alphabet as {@link CameraId}. */
export type DockId = Branded<string, 'DockId'>;
/** A person as the records system names them, e.g. a badge number; 1 to 64 of `A-Za-z0-9._@-`. */
export type PersonId = Branded<string, 'PersonId'>;

const RECORDING_ID = /^[0-9a-f]{32}$/;
const DEVICE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const PERSON_ID = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

export const isRecordingId = (text: string): text is RecordingId => RECORDING_ID.test(text);
export const isCameraId = (text: string): text is CameraId => DEVICE_ID.test(text);
export const isDockId = (text: string): text is DockId => DEVICE_ID.test(text);
export const isPersonId = (text: string): text is PersonId => PERSON_ID.test(text);

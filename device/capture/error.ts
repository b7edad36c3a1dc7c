import { FieldError } from '../../proto/errors.ts';

/**
 * What can go wrong between the lens and a plain chunk. MEDIA_* is about a file to replay: not there, not a
 * whole MP4, or an MP4 without the H.264 video that a camera would have made. FOOTAGE_RANGE is a setting out of
 * range, ENCODER_FAILED a picture that could not be made, CAPTURE_BUSY a command that does not fit the moment, and TRACK a file of places that cannot be followed.
 */
export class CaptureError extends FieldError<
  | 'MEDIA_MISSING'
  | 'MEDIA_UNREADABLE'
  | 'MEDIA_UNSUITABLE'
  | 'FOOTAGE_RANGE'
  | 'ENCODER_FAILED'
  | 'CAPTURE_BUSY'
  | 'TRACK'
> {}

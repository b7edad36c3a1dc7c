import { FieldError } from '../../proto/errors.ts';

/** The radio could not be opened. RADIO_PATH: the folder cannot be used. RADIO_TAKEN: a camera of this name is on the air there. */
export class RadioError extends FieldError<'RADIO_PATH' | 'RADIO_TAKEN'> {}

import type { Row } from '../schema/recordings.ts';

/** The dock's answers as the page uses them, by the schemas that the dock's routes are held to. */
export type { Opened } from '../schema/content.ts';
export type { Arriving, MissingFootage, ShownMissing } from '../schema/missing.ts';
export type { Listing, QuarantinedRow as Quarantined } from '../schema/recordings.ts';
export type { Row };
export type Missing = Row['missing'][number];

import type { ProfileName } from '../result.ts';

/** Who brings how much, and when. */
export interface Profile {
  readonly name: ProfileName;
  readonly cameras: number;
  /** Of one camera in one shift. */
  readonly filesMean: number;
  readonly fileBytesMean: number;
  readonly linkBitsPerSecond: number;
  /** Hours of the day at which a shift ends and its cameras come in. Each camera works one shift a day. */
  readonly shiftEndHours: readonly number[];
}

// The police of Portland, Oregon, measured their pilot: 343 MB a file, 6.8 files and so 2.3 GB a shift. Cameras of this
// kind upload at about 25 Mbit/s each.
const PORTLAND = {
  filesMean: 6.8,
  fileBytesMean: 343e6,
  linkBitsPerSecond: 25e6,
  shiftEndHours: [6, 14, 22],
} as const;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  precinct: { name: 'precinct', cameras: 50, ...PORTLAND },
  city: { name: 'city', cameras: 1_100, ...PORTLAND },
  stress: { name: 'stress', cameras: 5_000, ...PORTLAND },
};

/** Content of so many cameras' shifts together. */
export function shiftBytes(profile: Profile, cameras = 1): number {
  return Math.round(cameras * profile.filesMean * profile.fileBytesMean);
}

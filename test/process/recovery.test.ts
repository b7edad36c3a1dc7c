import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance } from '../../sim/fault/chance.ts';
import { peer } from '../peer.ts';
import { testKeys } from '../unit/device/camera-kit.ts';
import { type Camera, interrupt, shoot, type ShotFilm, writesOf } from '../unit/device/interruption-kit.ts';
import { recipientOf, sealingKeys } from '../unit/device/open-kit.ts';

const ffmpeg = peer('ffmpeg');
const ffprobe = peer('ffprobe');
const PLACES = 8;

const custodian = recipientOf();
const cameras: Readonly<Record<string, Camera>> = {
  plain: { keys: testKeys() },
  sealed: { keys: sealingKeys([custodian]), custodian },
};

let folder = '';
let film: ShotFilm;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-recovery-'));
  film = await shoot();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Frames that FFmpeg decodes, and everything it finds wrong. */
function decode(path: string): { readonly frames: number; readonly complaints: string } {
  const asked = ['-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames'];
  const said = execFileSync(ffprobe ?? '', ['-v', 'error', ...asked, '-of', 'csv=p=0', path], {
    encoding: 'utf8',
  });
  const complaints = execFileSync(
    'sh',
    ['-c', `"${ffmpeg ?? ''}" -v warning -i "$1" -f null - 2>&1`, 'sh', path],
    { encoding: 'utf8' },
  );
  return { frames: Number.parseInt(said, 10), complaints };
}

describe('a recording that was cut off', () => {
  // Goal: what recovery leaves plays in a player of another make, to its last frame. Method: the power goes at random bytes of
  // what a real film writes, in its second half most of all, so that there is something to play; FFmpeg decodes every frame.
  it.skipIf(!ffmpeg || !ffprobe).each(Object.entries(cameras))(
    'plays when it is %s',
    async (name, camera) => {
      const writes = await writesOf(film, camera);
      const total = writes.reduce((sum, { bytes }) => sum + bytes, 0);
      const chance = new Chance(`player ${name}`);
      let played = 0;
      while (played < PLACES) {
        const bytes = Math.floor(total * (0.2 + 0.8 * chance.fraction()));
        const { recovered } = await interrupt(film, camera, { seed: `${name} ${bytes}`, bytes });
        if (!recovered) continue;
        const path = join(folder, `${name}-${bytes}.mp4`);
        await writeFile(path, recovered.plain);
        const fragments = recovered.manifest.chunks.slice(1).filter(({ endOfFragment }) => endOfFragment);
        expect(decode(path), `cut at byte ${bytes}`).toEqual({
          frames: fragments.length * film.framesPerFragment,
          complaints: '',
        });
        played += 1;
      }
    },
  );
});

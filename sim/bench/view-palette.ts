import { execFile } from 'node:child_process';
import { renameSync } from 'node:fs';
import { promisify } from 'node:util';

/** Nobody sees the difference, and the noise of a camera costs less than half. */
const COLOURS = 96;

/** Gives a picture few colours of its own, so that it is small. Needs ffmpeg; without it the picture stays as it is. */
export async function shrink(path: string): Promise<void> {
  const graph = `split[a][b];[a]palettegen=max_colors=${COLOURS}[p];[b][p]paletteuse=dither=none`;
  const small = path.replace(/\.png$/, '.small.png');
  const coding = ['-compression_level', '9', '-pred', 'mixed'];
  const run = promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-y', '-i', path, '-vf', graph, '-frames:v', '1', ...coding, small],
  ]);
  const isSmall = await run.then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (isSmall) renameSync(small, path);
}

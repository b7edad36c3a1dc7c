import { Command } from 'commander';
import { endWith } from './end-with.ts';
import { findChromium, launch } from './view-browser.ts';
import { takePictures } from './view-pictures.ts';
import { openShift } from './view-shift.ts';

interface Plan {
  readonly out: string;
  readonly chromium?: string;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run screenshots`: the pictures in `docs/`, of the running program; exit code 2 without a browser. */
async function main(argv: readonly string[]): Promise<number> {
  const { out, chromium = findChromium() } = read(argv);
  if (chromium === undefined) {
    process.stderr.write('no Chromium on the PATH: install one, or name it with --chromium PATH\n');
    return 2;
  }
  const shift = await openShift(endWith);
  try {
    const browser = await launch(chromium);
    try {
      await takePictures(browser, shift, out);
    } finally {
      await browser.close();
    }
  } finally {
    await shift.close();
  }
  return 0;
}

function read(argv: readonly string[]): Plan {
  return new Command('npm run screenshots --')
    .description(
      'Takes the pictures of docs/VIEWER.md again: a dock, its cameras and a browser as real programs, in light and dark.',
    )
    .option('--out <folder>', 'where `viewer.png` and `screens/` go', 'docs')
    .option('--chromium <path>', 'the browser; the first on the PATH if not given')
    .parse([...argv], { from: 'user' })
    .opts<Plan>();
}

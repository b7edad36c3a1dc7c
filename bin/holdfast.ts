import { run } from './command.ts';

// A reader that stops reading (`holdfast … | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exit(await run(process.argv.slice(2)));

import { run } from './command.ts';

// A reader that stops reading (`holdfast … | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const code = await run(process.argv.slice(2));
// What a slow reader has not taken yet would be lost with the process: a pipe holds 64 KiB.
for (const stream of [process.stdout, process.stderr]) await written(stream);
process.exit(code);

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

import { open, readFile } from 'node:fs/promises';

/** Rot: one bit of a file at rest is no longer what it was. */
export async function flipByte(path: string, offset: number): Promise<void> {
  const byte = (await readFile(path))[offset] ?? 0;
  const file = await open(path, 'r+');
  await file.write(Uint8Array.of(byte ^ 1), 0, 1, offset);
  await file.close();
}

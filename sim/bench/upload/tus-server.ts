import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

// A tus server that answers for what it has: an upload is done once its file was hashed and synced. Prints its port.
const [directory = ''] = process.argv.slice(2);
const server = new Server({
  path: '/files',
  datastore: new FileStore({ directory }),
  onUploadFinish: async (_request, upload) => {
    const path = join(directory, upload.id);
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(path, { highWaterMark: 1_024 * 1_024 }))
      hash.update(bytes as Uint8Array);
    const file = await open(path, 'r+');
    await file.datasync();
    await file.close();
    return { headers: { 'X-Sha256': hash.digest('hex') } };
  },
});
const listening = server.listen({ host: '127.0.0.1', port: 0 }, () => {
  const address = listening.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
process.once('SIGTERM', () => process.exit(0));

import { createServer } from 'node:http';

/** How the operator's commands of a rig reach a program that only this process may stop and start again. */
export interface OperatorPage {
  /** A shell command that asks for this and waits until it is done; it fails when that failed. */
  command(name: string): string;
  close(): Promise<void>;
}

/** A page on loopback; `act` does what a command of this name asks for. */
export async function openOperatorPage(act: (name: string) => Promise<void>): Promise<OperatorPage> {
  const server = createServer((request, answer) => {
    act(request.url?.slice(1) ?? '').then(
      () => answer.end('done'),
      (error: unknown) => answer.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    command: (name) => {
      const ask = `fetch('http://127.0.0.1:${port}/${name}').then((answer) => process.exit(answer.ok ? 0 : 1))`;
      return `"${process.execPath}" -e "${ask}"`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

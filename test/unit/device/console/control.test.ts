import { readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AnswerLine, openControl } from '../../../../device/console/control.ts';
import { folder } from '../camera-kit.ts';

const echo: AnswerLine = (line) => Promise.resolve(`heard ${line}`);

async function listening(answer: AnswerLine = echo): Promise<string> {
  const path = join(await folder(), 'control');
  const control = await openControl(path, answer);
  onTestFinished(() => control.close());
  return path;
}

function client(path: string): Socket {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Says it, and nothing more; gives what came back until the other side hung up. */
function said(path: string, ...parts: readonly string[]): Promise<string> {
  const socket = client(path);
  for (const part of parts) socket.write(part);
  socket.end();
  return text(socket);
}

// Goal: a socket for commands answers each line in its order to whoever asked, and no client can hurt the camera or another client.
// Method: real sockets, with clients that say half lines, too much, or read nothing.
describe('the socket for commands', () => {
  it('answers in order, also one who hung up after the question', async () => {
    let answerSlow: (said: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => {
      answerSlow = resolve;
    });
    const path = await listening((line) => (line === 'slow' ? slow : echo(line)));
    const answers = said(path, 'slow\nquick\r\n');
    expect(await said(path, 'other\n')).toBe('heard other\n');
    answerSlow('at last');
    expect(await answers).toBe('at last\nheard quick\n');
  });

  it('takes a line in pieces, and none that was cut off', async () => {
    const heard: string[] = [];
    const path = await listening((line) => {
      heard.push(line);
      return echo(line);
    });
    expect(await said(path, 'bat', 'tery 5', '0\nbattery 1')).toBe('heard battery 50\n');
    expect(heard).toEqual(['battery 50']);
  });

  it('hangs up on a line without end, and hears nothing behind it', async () => {
    const path = await listening();
    const answer = await said(path, 'x'.repeat(5_000), '\nquit\n');
    expect(answer).toBe('refused: a line is at most 4096 characters\n');
    expect(await said(path, 'status\n')).toBe('heard status\n');
  });

  it('does not read on from one who does not read', async () => {
    let answered = 0;
    const path = await listening((line) => {
      answered += 1;
      return Promise.resolve(line.repeat(1_000));
    });
    const deaf = client(path).pause();
    const lines = 'ab\n'.repeat(20_000);
    // Writing stops by itself once the camera has stopped to read.
    for (let round = 0; round < 40; round++) {
      deaf.write(lines);
      await said(path, 'x\n');
    }
    expect(answered).toBeLessThan(400_000);
    expect(await said(path, 'x\n')).toHaveLength(1_001);
  });

  it('ends while one does not read', async () => {
    const path = join(await folder(), 'control');
    const control = await openControl(path, () => Promise.resolve('x'.repeat(1_000_000)));
    const deaf = client(path).pause();
    deaf.write('status\n');
    await said(path, 'status\n');
    await control.close();
    await expect(openControl(path, echo).then((again) => again.close())).resolves.toBeUndefined();
  });

  it('is not taken from a camera that lives, and is from one that died', async () => {
    const path = await listening();
    await expect(openControl(path, echo)).rejects.toMatchObject({ code: 'CONTROL_TAKEN' });
    await expect(openControl(join(path, 'no'), echo)).rejects.toMatchObject({ code: 'CONTROL_IO' });
  });

  it('does not take the place of a file', async () => {
    const path = join(await folder(), 'notes');
    await writeFile(path, 'mine');
    await expect(openControl(path, echo)).rejects.toMatchObject({ code: 'CONTROL_IO' });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('serves sixteen, and tells the next why not', async () => {
    const path = await listening();
    const all = Array.from({ length: 16 }, () => client(path));
    await Promise.all(all.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect(await said(path)).toBe('refused: too many clients\n');
  });
});

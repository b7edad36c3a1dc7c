import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OFFICER, PARTNER, recording, REPORT, STRANGER } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

const [R1, R2] = [recording(1), recording(2)];

let front: Front;
beforeEach(async () => {
  front = await Front.open(async (stage) => {
    await hold(stage, R1);
    await hold(stage, R2, PARTNER);
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.allow(PARTNER, R2);
  });
});
afterEach(() => front.close());

describe('updates', () => {
  /** Reads the stream of a listening server until the text holds what is wanted. */
  const readUntil = async (
    reader: ReadableStreamDefaultReader<Uint8Array>,
    wanted: string,
  ): Promise<string> => {
    let text = '';
    while (!text.includes(wanted)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`ended after ${text}`);
      text += new TextDecoder().decode(value);
    }
    return text;
  };

  /** What the policy service says now is asked about again. */
  const askedAgain = async (): Promise<void> => {
    front.stage.policy.announce('reconnected');
    await front.stage.pass(200);
  };

  // Goal: a page hears of its own recordings only, with the row as the list has it, and its stream ends with its token.
  it('tell each person of what they may know', async () => {
    const url = await front.app.listen({ host: '127.0.0.1', port: 0 });
    const officer = (await fetch(`${url}/v1/updates`, { headers: front.as(OFFICER) })).body?.getReader();
    if (officer === undefined) throw new Error('no body');
    await readUntil(officer, 'ready');
    front.stage.policy.deny(PARTNER, R2);
    front.stage.policy.allow(OFFICER, R1);
    await askedAgain();
    const text = await readUntil(officer, 'changed');
    const answer = await front.get('/v1/recordings', front.as(OFFICER));
    const [listed] = (answer.json() as { readonly recordings: readonly unknown[] }).recordings;
    const { data = '' } = /^data: (?<data>.*)$/m.exec(text)?.groups ?? {};
    expect(JSON.parse(data)).toEqual({ recording: R1, row: listed });
    expect(listed).toMatchObject({ id: R1, status: 'released' });
    expect(text).not.toContain(R2);
    front.stage.clock.advance(900_000);
    await expect(readUntil(officer, 'never')).rejects.toThrow(/ended/);
  });

  // Goal: nothing about a row leaves after the token has run out, also between two looks at the clock.
  it('end with the token before the next row', async () => {
    const url = await front.app.listen({ host: '127.0.0.1', port: 0 });
    const reader = (await fetch(`${url}/v1/updates`, { headers: front.as(OFFICER) })).body?.getReader();
    if (reader === undefined) throw new Error('no body');
    await readUntil(reader, 'ready');
    front.stage.clock.step(900_000_000);
    front.stage.policy.allow(OFFICER, R1);
    await askedAgain();
    await expect(readUntil(reader, 'changed')).rejects.toThrow(/ended/);
  });

  // Goal: a row that a person may no longer know of goes away, once, and nothing more is said of it.
  it('tell of a row that goes away', async () => {
    const url = await front.app.listen({ host: '127.0.0.1', port: 0 });
    front.stage.policy.allow(STRANGER, R1);
    const reader = (await fetch(`${url}/v1/updates`, { headers: front.as(STRANGER) })).body?.getReader();
    if (reader === undefined) throw new Error('no body');
    await readUntil(reader, 'ready');
    front.stage.policy.deny(STRANGER, R1);
    await askedAgain();
    expect(await readUntil(reader, 'changed')).toContain(`data: {"recording":"${R1}"}\n`);
  });
});

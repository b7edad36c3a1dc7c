import { afterAll, describe, expect, test } from 'vitest';

/** What stopped an attack, and in which words. */
export interface Refused {
  readonly by: string;
  readonly reason: string;
}

/** One attack: does it, sees that it is refused, that nothing leaked and what is on record, and says what refused it. */
export type Attack<Scene> = (scene: Scene) => Promise<Refused>;

export interface Stage<Scene> {
  start(): Promise<Scene>;
  stop(scene: Scene): Promise<void>;
  /** What an honest one gets: were that refused too, every row below it would prove nothing. */
  honest(scene: Scene): Promise<void>;
}

/** Each attack on a scene of its own, as a test of its own; at the end the table is printed, one line a row. */
export function attackTable<Scene>(
  title: string,
  stage: Stage<Scene>,
  attacks: Readonly<Record<string, Attack<Scene>>>,
): void {
  describe(title, () => {
    const lines: string[] = [];
    const on = async <Result>(act: (scene: Scene) => Promise<Result>): Promise<Result> => {
      const scene = await stage.start();
      try {
        return await act(scene);
      } finally {
        await stage.stop(scene);
      }
    };
    test('an honest one is served', async () => {
      await on((scene) => stage.honest(scene));
    });
    test.each(Object.keys(attacks))('%s', async (name) => {
      const attack = attacks[name];
      if (attack === undefined) throw new Error('no such attack');
      const { by, reason } = await on(attack);
      expect(by).not.toBe('');
      expect(reason).not.toBe('');
      lines.push(`${name.padEnd(68)} | ${by.padEnd(36)} | ${reason.split('\n')[0]?.slice(0, 150)}`);
    });
    afterAll(() => {
      process.stdout.write(`\n${title}\n${lines.join('\n')}\n\n`);
    });
  });
}

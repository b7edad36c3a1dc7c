import type { Program } from '../program.ts';

/** What a switched-off or dead camera does by itself: it ends in order, or its battery is gone. */
const ALLOWED: Readonly<Record<string, (program: Program, code: number | null) => boolean>> = {
  camera: (program, code) => code === 0 || program.events.at(-1)?.event === 'power-lost',
  service: () => false,
};

/** Programs that ended though nobody told them to. */
export class Falls {
  readonly problems: string[] = [];
  readonly #told = new WeakSet<Program>();

  /** From now on the end of this program is a problem, unless it is expected. */
  watch(program: Program, kind: 'camera' | 'service'): void {
    void program.exited.then((code) => {
      if (this.#told.has(program) || ALLOWED[kind]?.(program, code) === true) return;
      const how = code === null ? 'was ended by the system' : `ended by itself with ${code}`;
      this.problems.push(`${program.name} ${how}${program.stderr === '' ? '' : `:\n${program.stderr}`}`);
    });
  }

  /** Its end is wanted. */
  expect(program: Program | undefined): void {
    if (program !== undefined) this.#told.add(program);
  }
}

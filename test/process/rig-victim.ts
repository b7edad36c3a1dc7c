import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A small real process that runs what it is told to, a line of JavaScript at a time, and says what came of it. */
export class RigVictim {
  readonly #child: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];
  readonly #exited: Promise<unknown>;
  #stderr = '';

  constructor(prelude: string, env: Readonly<Record<string, string>> = {}) {
    const script = `${prelude}
      const { createInterface: lines } = await import('node:readline');
      const AsyncFunction = (async () => {}).constructor;
      for await (const line of lines({ input: process.stdin })) {
        try {
          const value = await eval('(async () => (' + line + '))()');
          process.stdout.write(JSON.stringify({ value: value ?? null }) + '\\n');
        } catch (error) {
          process.stdout.write(JSON.stringify({ code: error.code, message: error.message }) + '\\n');
        }
      }`;
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: 120_000,
    });
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve));
    void this.#exited.then(() => this.#answers.splice(0).forEach((give) => give('{}')));
    this.#child.stderr?.on('data', (part: Buffer) => (this.#stderr += part.toString()));
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answers.shift()?.(line));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The value of an expression, or the code of the error it ended with as `code`. */
  async run(expression: string): Promise<{ readonly value?: unknown; readonly code?: string }> {
    const answer = new Promise<string>((resolve) => this.#answers.push(resolve));
    this.#child.stdin?.write(`${expression.replaceAll(/\s*\n\s*/g, ' ')}\n`);
    const said = JSON.parse(await answer) as { readonly value?: unknown; readonly code?: string };
    if (Object.keys(said).length === 0) throw new Error(`the victim ended: ${this.#stderr}`);
    return said;
  }

  async number(expression: string): Promise<number> {
    const { value } = await this.run(expression);
    if (typeof value !== 'number') throw new TypeError(`${expression} is no number: ${this.#stderr}`);
    return value;
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

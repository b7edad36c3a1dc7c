import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FieldError } from '../../proto/errors.ts';

/** One line of a program's `--json` output. */
export type ProgramEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** A program that did not do what the rig waited for; carries the end of its stderr. */
export class ProgramError extends FieldError<'PROGRAM_EXIT' | 'PROGRAM_TIMEOUT'> {}

const STDERR_LINES_KEPT = 40;
const BUILT = import.meta.url.endsWith('.ts') ? '../../dist/bin/start.cjs' : '../../bin/start.cjs';
/** The built `holdfast` launcher; programs are run from the built tree also when the rig runs from source in a test. */
export const COMMAND = fileURLToPath(new URL(BUILT, import.meta.url));

/**
 * One `holdfast` program running as a real process. Started from the built tree; its JSON lines are kept and
 * can be waited for. Killed by its own pid, never by name.
 */
export class Program {
  readonly name: string;
  readonly events: ProgramEvent[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #stderr: string[] = [];
  #waiting: (() => void)[] = [];
  #code: number | null | undefined;

  private constructor(name: string, child: ChildProcess, seen: (event: ProgramEvent) => void) {
    this.name = name;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#code = code;
        this.#wake();
        resolve(code);
      });
    });
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#line(line, seen));
    }
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#stderr.push(line);
        if (this.#stderr.length > STDERR_LINES_KEPT) this.#stderr.shift();
      });
    }
  }

  /** Starts `holdfast ARGS --json` from the built tree, or from another tree's `command`. */
  static start(
    args: readonly string[],
    options: {
      name?: string;
      command?: string;
      env?: Readonly<Record<string, string>>;
      seen?: (event: ProgramEvent) => void;
    } = {},
  ): Program {
    const child = spawn(process.execPath, [options.command ?? COMMAND, ...args, '--json'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    return new Program(options.name ?? args[0] ?? 'holdfast', child, options.seen ?? (() => undefined));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#code === undefined;
  }

  /** The end of its stderr, for messages to people. */
  get stderr(): string {
    return this.#stderr.join('\n');
  }

  /** Resolves with the first event, past or future, that fits. Rejects when the program ends or the deadline passes. */
  async until(
    name: string,
    fits: (event: ProgramEvent) => boolean = () => true,
    deadlineMs = 60_000,
  ): Promise<ProgramEvent> {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const found = this.events.find((event) => event.event === name && fits(event));
      if (found !== undefined) return found;
      if (this.#code !== undefined)
        throw this.#error('PROGRAM_EXIT', `${this.name} ended with ${this.#code} before "${name}"`);
      const left = deadline - Date.now();
      if (left <= 0)
        throw this.#error('PROGRAM_TIMEOUT', `${this.name} did not say "${name}" within ${deadlineMs} ms`);
      await this.#changed(left);
    }
  }

  /** Writes one line to its stdin. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** SIGSTOP makes it stand still with its ports open, SIGCONT lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.isRunning) this.#child.kill(name);
  }

  /** SIGTERM, then SIGKILL after `patienceMs`; resolves when it is gone. */
  async stop(patienceMs = 5_000): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** SIGKILL: as if the plug was pulled, but for what the kernel still writes. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.isRunning) this.#child.kill('SIGKILL');
    await this.exited;
  }

  #line(line: string, seen: (event: ProgramEvent) => void): void {
    const event = parse(line);
    if (event === undefined) return;
    this.events.push(event);
    seen(event);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting = [];
  }

  #changed(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #error(code: ProgramError['code'], message: string): ProgramError {
    const detail = this.stderr === '' ? '' : `\n${this.stderr}`;
    return new ProgramError(code, `${message}${detail}`, { retry: 'never' });
  }
}

function parse(line: string): ProgramEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEvent =
      typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string';
    return isEvent ? (value as ProgramEvent) : undefined;
  } catch {
    // Programs speak JSON lines only; anything else is a library's own chatter.
    return undefined;
  }
}

import type { ProgramEvent } from '../program.ts';

/** What the runner knows of a recording from having been there. */
export interface Made {
  readonly id: string;
  readonly camera: string;
  /** Who had the camera when it began. */
  readonly officer: string;
  /** As the timeline calls it. */
  readonly name: string;
  /** Of the whole film, said by the camera when it closed it; a recovered one has none. */
  sha256?: string;
}

/** Every recording that the cameras of a run have begun, by id. */
export class Truth {
  readonly recordings = new Map<string, Made>();
  readonly #names = new Map<string, string>();

  began(made: Made): void {
    this.recordings.set(made.id, made);
    this.#names.set(made.name, made.id);
  }

  closed({ recording, sha256 }: ProgramEvent): void {
    const made = this.recordings.get(String(recording));
    if (made !== undefined && typeof sha256 === 'string') made.sha256 = sha256;
  }

  /** The recording that the timeline calls so; undefined when it never began. */
  named(name: string): Made | undefined {
    return this.recordings.get(this.#names.get(name) ?? '');
  }
}

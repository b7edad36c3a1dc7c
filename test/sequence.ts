import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Ends of the paths of files that take a minute and more on an idle machine with two cores, the longest first. */
export const LONG: readonly string[] = [
  'world/seeds',
  'process/scenarios',
  'process/conformance-camera',
  'process/conformance-dock',
  'process/rig-run',
  'process/capture',
  'process/demo',
  'process/policy',
  'process/rig-example',
  'process/python',
].map((name) => `/test/${name}.test.ts`);

/**
 * Starts the long files of each project first. vitest does so by itself once it has seen them run, and before that starts large files
 * first; the longest ones are short to read, so in a fresh checkout they would be left at the end with the machine to themselves.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const place = ({ project, moduleId }: TestSpecification): number => {
      const long = LONG.findIndex((name) => moduleId.endsWith(name));
      return (LONG.length + 1) * projects.indexOf(project.name) + (long < 0 ? LONG.length : long);
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

import type { Check } from './check.ts';

/** No two Data of a stream have one number: a camera learns from it which copy of its bytes an Ack has seen. */
export function numbersAreUsedOnce(): Check {
  return {
    name: 'numbers-are-used-once',
    promise: 3,
    see: (event) => {
      if (event.what !== 'number-reused') return undefined;
      const { camera, stream, txSeq } = event;
      return `${camera} gave a Data of stream ${stream} the number ${txSeq}, which does not rise`;
    },
  };
}

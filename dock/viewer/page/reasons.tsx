import type { JSX } from 'preact';
import type { Missing } from './answers.ts';
import { ApiError } from './api.ts';
import { said, withoutMissing } from './words.ts';

/** Why something is not given, and what it waits for. */
export interface Reasons {
  readonly because: string;
  readonly missing: readonly Missing[];
}

export function reasonsOf(error: unknown): Reasons {
  return { because: said(error), missing: error instanceof ApiError ? error.missing : [] };
}

/** Each said once. */
export function ReasonLines({ because, missing }: Reasons): JSX.Element {
  return (
    <>
      <span>{withoutMissing(because, missing)}</span>
      {missing.map(({ text }) => (
        <span key={text}>Waiting for the {text}.</span>
      ))}
    </>
  );
}

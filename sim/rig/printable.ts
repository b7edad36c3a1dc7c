// Everything that is no letter, mark, number, punctuation, symbol or space: control characters, halves of surrogate pairs.
const UNPRINTABLE = /[^\P{C}\n\t]/gu;
const REPLACEMENT = '\ufffd';

/** Text for a terminal, which obeys control characters, and for XML (1.0 section 2.2), which forbids them: what a device says may hold any. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, REPLACEMENT);
}

/** The same on one line, so that nothing that was said looks like another line of ours. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', REPLACEMENT);
}

import { describe, expect, it } from 'vitest';
import { COMMANDS, readCommand } from '../../../../device/firmware/command.ts';

// Goal: each command is read as it is listed, and nothing else is taken for one. Method: every line of the list, and lines at its edge.
describe('a command', () => {
  const given: Readonly<Record<string, string>> = {
    ...{ '[KIND]': 'weapon', NAME: 'force', '[CAMERA [TAG]]': 'cam-2 north', '[OFFICER]': '4411' },
    ...{ OFFICER: '4411', PERCENT: '50', '+SECONDS': '+5', '-SECONDS': '-5' },
  };
  const lines = COMMANDS.flatMap(([usage]) => {
    const [first = '', ...others] = usage.split(/ \| |, /);
    const [word] = first.split(' ');
    const bare = new Set(['on', 'off', 'full', 'room', 'reset', '-SECONDS']);
    return [first, ...others.map((one) => (bare.has(one) ? `${word} ${one}` : one))];
  }).map((line) =>
    Object.entries(given).reduce((text, [name, value]) => text.replace(name, () => value), line),
  );

  it.each(lines)('%s is known as it is listed', (line) => {
    expect(readCommand(line)).not.toMatchObject({ do: 'unknown' });
    expect(readCommand(`  ${line.replaceAll(' ', '   ')}\r`)).toEqual(readCommand(line));
  });

  it.each([
    ['battery 101', /0 to 100/],
    ['battery -1', /0 to 100/],
    ['battery', /0 to 100/],
    ['battery 5.5', /0 to 100/],
    ['clock 5', /none of/],
    ['clock +99999999999', /none of/],
    ['clock +Infinity', /none of/],
    ['assign', /^assign: "" is no person id: give 1 to 64 letters/],
    ['assign a b', /^assign: "a b" is no person id/],
    ['assign .hidden', /no person id/],
    [`assign ${'4'.repeat(65)}`, /no person id/],
    ['undock ../x', /^undock: .* no person id/],
    ['category', /1 to 55 bytes/],
    [`category ${'é'.repeat(28)}`, /1 to 55 bytes/],
    ['flash', /no command/],
    ['stop now', /no command/],
    ['record 5', /no command/],
    ['constructor', /no command/],
    ['toString', /no command/],
    ['__proto__', /no command/],
    ['\u0000', /no command/],
  ])('%j is none', (line, why) => {
    expect(readCommand(line)).toMatchObject({ do: 'unknown', why });
  });

  it('may be empty', () => {
    expect(readCommand('  \t')).toEqual({ do: 'nothing' });
  });
});

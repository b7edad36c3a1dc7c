import { describe, expect, it } from 'vitest';
import { Display } from '../../../../device/console/display.ts';
import { terminal } from './terminal.ts';

const REC = {
  light: 'red',
  text: 'REC 00:00:10 | 4411 | battery 80 % | 12.5 GB free | clock unset',
} as const;

// Goal: the display is one line that is redrawn in place, at any width, and what is said stands above it. Method: a terminal that
// wraps, from very narrow to wide; and none at all.
describe('the display', () => {
  it.each([20, 21, 40, 80, 200])('is one line of a terminal of %d columns', (columns) => {
    const { screen, rows } = terminal(columns);
    const display = new Display(screen, true);
    display.show(REC);
    display.show({ ...REC, text: REC.text.replace('10', '11') });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^● REC 00:00:11/);
    expect(rows[0]?.length).toBeLessThan(columns);
    display.say('closed');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toBe('closed');
    display.close();
    expect(rows.at(-1)).toBe('');
  });

  it('is empty in the dark, and says what there is to say', () => {
    const { screen, rows } = terminal(80);
    const display = new Display(screen, true);
    display.show(REC);
    display.show({ light: 'dark', text: '' });
    display.say('status');
    expect(rows).toEqual(['status', '']);
  });

  // What is typed is echoed where the cursor is, and nothing may have changed that would draw it again.
  it('stands below what was typed into it', () => {
    const { screen, rows } = terminal(80);
    const display = new Display(screen, true);
    display.show(REC);
    screen.write('press\n');
    display.typed();
    expect(rows).toEqual([`● ${REC.text}press`, `● ${REC.text}`]);
    display.show({ light: 'dark', text: '' });
    screen.write('status\n');
    display.typed();
    expect(rows.at(-1)).toBe('');
  });

  it.each([
    ['a pipe', { isTTY: false }, true],
    ['a reader of JSON', { isTTY: true }, false],
  ])('is not there for %s', (_whom, kind, hasFace) => {
    const written: string[] = [];
    const display = new Display({ ...kind, write: (text) => written.push(text) }, hasFace);
    display.show(REC);
    display.say('ready');
    display.close();
    expect(written).toEqual(['ready\n']);
  });
});

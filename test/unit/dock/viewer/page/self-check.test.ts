// Goal: what somebody copies into a terminal to check a dock runs nothing that the dock made up. Method: a key whose name is shell, as a
// dock could make one, given to a real shell in every command that holds it.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { formatVkey, parseVkey } from '../../../../../proto/note.ts';
import { stepsFor } from '../../../../../dock/viewer/page/self-check.ts';
import { LEDGER_KEY, sha256 } from '../../../proto/fixture.ts';

describe('the commands to check a dock', () => {
  it('hold its key as one word, whatever its name', () => {
    const vkey = formatVkey("a';echo${IFS}owned;'b", LEDGER_KEY.publicKey, sha256);
    expect(parseVkey(vkey, sha256).name).toContain('owned');
    const about = { dock: 'http://127.0.0.1:8600', recording: '5d0c2b7e9f3a4816b2d7c40e81f6a935' };
    const commands = stepsFor({ ...about, vkey, index: 3, size: 300 }).map(({ command }) => command);
    const held = commands.filter((command) => command.includes('-vkey'));
    expect(held).toHaveLength(2);
    for (const command of held) {
      const words = command.replace(/^.*-vkey /, '').replace(/ \.\)$/, '');
      expect(execFileSync('sh', ['-c', `printf %s ${words}`], { encoding: 'utf8' })).toBe(vkey);
    }
  });
});

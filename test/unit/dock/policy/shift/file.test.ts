import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../../dock/policy/facts/fact.ts';
import { lineOf, parseShift } from '../../../../../dock/policy/shift/file.ts';
import { AT, fact } from '../story.ts';

const entry = (index: number, one: Entry['fact']): Entry => ({
  index,
  source: 'records',
  receivedAt: AT,
  fact: one,
});
const opened = entry(1, fact('incident.opened'));
const line = (changes: object): string => JSON.stringify({ ...opened, ...changes });

// Goal: a shift file says what the stored facts said, and a line that says anything else is refused with its place. Method: what is
// written is read again; one member after the other is wrong.
describe('a shift file', () => {
  it('comes back as it was written, but for manifests', () => {
    const registered = {
      ...fact('recording.registered'),
      ...{ wrapsHash: 'b'.repeat(64), recipients: ['one'], unknownRecipients: ['one'] },
    };
    const adopted = { agency: '', regime: '', policySet: 'a'.repeat(64), from: AT };
    const entries = [
      opened,
      entry(3, { ...registered, manifest: 'AAAA' } as Entry['fact']),
      entry(4, fact('force.classified')),
      entry(7, { id: 'back', at: AT, type: 'regime.adopted', ...adopted }),
    ];
    const text = entries.map(lineOf).join('\n\n');
    expect(text).not.toContain('AAAA');
    const [first, second, ...others] = parseShift('shift.jsonl', `${text}\n`);
    expect([first, ...others]).toEqual([opened, ...entries.slice(2)]);
    expect(second).toEqual(entry(3, { ...registered, manifest: '' } as Entry['fact']));
  });

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'one JSON object'],
    [line({ index: 0 }), 'index'],
    [line({ index: 1.5 }), 'index'],
    [line({ source: '' }), 'source'],
    [line({ receivedAt: '2026-11-21' }), 'receivedAt'],
    [line({ receivedAt: '2026-13-41T00:00:00Z' }), 'receivedAt'],
    [line({ hasManifest: false }), 'hasManifest'],
    [line({ hasManifest: true }), 'hasManifest'],
    [line({ remark: 1 }), 'remark'],
    [line({ fact: [] }), 'fact: must be an object'],
    [line({ fact: { ...opened.fact, incident: 7 } }), 'incident'],
    [line({ fact: { ...opened.fact, draft: true } }), 'draft'],
    [line({ fact: { ...opened.fact, wrapsHash: 'b'.repeat(64) } }), 'fact.wrapsHash'],
    [line({ fact: { ...fact('recording.registered'), recipients: [1] } }), 'fact.recipients'],
    [line({}), 'index: must be more than 1'],
  ])('refuses %s', (text, says) => {
    const read = (): unknown => parseShift('shift.jsonl', `${lineOf(opened)}\n${text}`);
    expect(read).toThrow('shift.jsonl:2: ');
    expect(read).toThrow(says);
  });

  it('holds at least one fact', () => {
    expect(() => parseShift('empty.jsonl', '\n')).toThrow('empty.jsonl holds no facts');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventParser } from '../../../../dock/authzen/events.ts';

const fact = (data: unknown, kind = 'fact'): string =>
  `id: 1\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;

describe('an event stream', () => {
  // Goal: facts come through with what they are about; heartbeats and strangers do not.
  it('yields facts only', () => {
    const parser = new EventParser();
    const text = [
      ': heartbeat\n\n',
      fact({ index: 4, type: 'report.filed', incident: '24-118842', person: '4411' }),
      fact({ index: 5, type: 'x' }, 'other'),
      'data: {"index":6,"type":"no.event.name"}\n\n',
      fact({ index: -1, type: 'x' }),
      'event: fact\ndata: not json\n\n',
      fact({ index: 7, type: 'recording.linked', recording: 'aa', extra: { deep: true } }),
    ].join('');
    expect(parser.push(text)).toEqual([
      { event: 'fact', index: 4, type: 'report.filed', incident: '24-118842', person: '4411' },
      { event: 'fact', index: 7, type: 'recording.linked', recording: 'aa' },
    ]);
  });

  // Goal: which recordings a fact can change is believed when it is said properly, and else it may be any.
  it('reads which recordings a fact is about', () => {
    const about = (recordings: unknown): unknown =>
      new EventParser().push(fact({ index: 1, type: 'report.filed', recordings }));
    const plain = { event: 'fact', index: 1, type: 'report.filed' };
    expect(about(['aa', 'bb'])).toEqual([{ ...plain, recordings: ['aa', 'bb'] }]);
    expect(about([])).toEqual([{ ...plain, recordings: [] }]);
    const one = ['aa'];
    for (const odd of ['aa', [7], [one], { length: 0 }, null, Array.from({ length: 257 }, () => 'aa')])
      expect(about(odd)).toEqual([plain]);
  });

  // Goal: that other rules hold is heard too, and what else the service says of it is left for later versions.
  it('yields that other rules hold', () => {
    const text = `event: rules\ndata: {}\n\n${fact({ more: 1 }, 'rules')}`;
    expect(new EventParser().push(text)).toEqual([{ event: 'rules' }, { event: 'rules' }]);
  });

  // Goal: where the network cuts the stream changes nothing. Method: any cuts of one text.
  it('is the same however it is cut', () => {
    const text = `${fact({ index: 1, type: 'a' })}: beat\r\n\r\n${fact({ index: 2, type: 'b', person: 'ü' })}`;
    const whole = new EventParser().push(text);
    expect(whole).toHaveLength(2);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const parser = new EventParser();
        const ends = [...cuts.toSorted((a, b) => a - b), text.length];
        const events = ends.flatMap((end, i) => [...parser.push(text.slice(ends[i - 1] ?? 0, end))]);
        expect(events).toEqual(whole);
      }),
    );
  });

  // Goal: memory stays bounded whatever a peer sends. Method: a line, and an event, without an end.
  it.each([
    ['a line', 'data: '.padEnd(20_000, 'x')],
    ['an event', `data: ${'x'.repeat(1_000)}\n`.repeat(20)],
  ])('breaks off after %s that does not end', (_, text) => {
    const parser = new EventParser();
    expect(parser.push(text)).toEqual([]);
    expect(parser.broken).toBe(true);
    expect(parser.push(`\n\n${fact({ index: 1, type: 'a' })}`)).toEqual([]);
  });
});

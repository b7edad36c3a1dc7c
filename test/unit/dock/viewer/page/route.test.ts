import { describe, expect, it } from 'vitest';
import {
  formatPlace,
  momentIn,
  parsePlace,
  withoutMoment,
  type Place,
} from '../../../../../dock/viewer/page/route.ts';

// Goal: an address that somebody sends to somebody else leads to the same place. Method: places there and back; addresses that
// lead nowhere.

const ID = '00112233445566778899aabbccddeeff';

describe('a place in the page', () => {
  it.each<[string, Place]>([
    ['#/recordings', { view: 'recordings', query: '' }],
    ['#/recordings?q=held', { view: 'recordings', query: 'q=held' }],
    [`#/recordings/${ID}`, { view: 'recordings', recording: ID, query: '' }],
    [`#/recordings/${ID}?t=12`, { view: 'recordings', recording: ID, query: 't=12' }],
    [`#/recordings/${ID}/custody`, { view: 'recordings', recording: ID, tab: 'custody', query: '' }],
    ['#/bays', { view: 'bays', query: '' }],
    ['#/oversight', { view: 'oversight', query: '' }],
    ['#/oversight?incident=1&a=doj&b=ppa', { view: 'oversight', query: 'incident=1&a=doj&b=ppa' }],
  ])('%s', (address, place) => {
    expect(parsePlace(address)).toEqual(place);
    expect(formatPlace(place)).toBe(address);
  });

  it.each([
    '',
    '#',
    '#/',
    '#/nowhere',
    '#/recordings/12',
    `#/recordings/${ID}/else`,
    '#token=x',
    '#/recordings/',
  ])('is the recordings for "%s"', (address) => {
    expect(parsePlace(address)).toEqual({ view: 'recordings', query: '' });
  });
});

describe('a moment in an address', () => {
  it.each([
    ['', 0],
    ['t=12.5', 12.5],
    ['q=held&t=3', 3],
    ['t=-4', 0],
    ['t=Infinity', 0],
    ['t=soon', 0],
  ])('%j is %j', (query, seconds) => {
    expect(momentIn(query)).toBe(seconds);
  });

  it('does not go along to another film, and the rest does', () => {
    expect(withoutMoment('q=held%20back&t=3&sort=new')).toBe('q=held+back&sort=new');
    expect(withoutMoment('q=held%20back')).toBe('q=held%20back');
  });
});

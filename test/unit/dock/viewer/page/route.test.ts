import { describe, expect, it } from 'vitest';
import { formatPlace, parsePlace, type Place } from '../../../../../dock/viewer/page/route.ts';

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

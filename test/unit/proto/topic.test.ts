import { describe, expect, test } from 'vitest';
import { isCameraId } from '../../../proto/ids.ts';
import {
  cameraOfClientId,
  cameraOfUpTopic,
  clientIdOf,
  downTopic,
  isSite,
  upTopic,
} from '../../../proto/topic.ts';

const CAMERA = 'cam-1';
if (!isCameraId(CAMERA)) throw new TypeError('not a camera id');

describe('topics', () => {
  // The documented form, both ways, and the dock's subscription.
  test('are bwc/v1/site/camera/direction', () => {
    expect(upTopic('north', CAMERA)).toBe('bwc/v1/north/cam-1/up');
    expect(downTopic('north', CAMERA)).toBe('bwc/v1/north/cam-1/down');
    expect(upTopic('north', '+')).toBe('bwc/v1/north/+/up');
    expect(cameraOfUpTopic('north', 'bwc/v1/north/cam-1/up')).toBe('cam-1');
  });

  // Whatever is not exactly an up topic of this site belongs to nobody.
  test.each([
    'bwc/v1/south/cam-1/up',
    'bwc/v1/north/cam-1/down',
    'bwc/v2/north/cam-1/up',
    'bwc/v1/north/cam-1/up/more',
    'bwc/v1/north/CAM/up',
    'bwc/v1/north//up',
    'bwc/v1/north/up',
    '',
  ])('knows no camera behind %j', (topic) => {
    expect(cameraOfUpTopic('north', topic)).toBeUndefined();
  });

  // A site with a separator or a wildcard would reach into other sites.
  test('take no site that is more than one level', () => {
    expect(['north', 'hall-1', 'a', '+', '#', 'a/b', '', 'Hall', 'a b'].filter(isSite)).toEqual([
      'north',
      'hall-1',
      'a',
    ]);
  });
});

describe('client ids', () => {
  // Camera ids may hold hyphens themselves, so the suffix is what follows the last one.
  test('name their camera', () => {
    expect(clientIdOf(CAMERA, 'x7')).toBe('holdfast-cam-1-x7');
    expect(cameraOfClientId('holdfast-cam-1-x7')).toBe('cam-1');
    expect(cameraOfClientId('holdfast-a-b-c-9')).toBe('a-b-c');
  });

  // Anything else speaks for no camera.
  test.each([
    'cam-1',
    'holdfast-',
    'holdfast-cam',
    'holdfast--x',
    'holdfast-CAM-x',
    'xholdfast-cam-1-x',
    'holdfast-cam-1-X',
  ])('%j names none', (clientId) => {
    expect(cameraOfClientId(clientId)).toBeUndefined();
  });
});

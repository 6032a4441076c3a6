import { RongCloudSettings } from './settings';
import { localTime } from './times';

const at = (utcOffsetMinutes?: number) =>
  Object.assign(new RongCloudSettings(), utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes });

describe('a time in an answer of RongCloud', () => {
  test.each([
    ['eight hours ahead of UTC, as in China', undefined, '2026-01-01 07:59:59'],
    ['in UTC, if the tenant says so', 0, '2025-12-31 23:59:59'],
    ['behind UTC, if the tenant says so', -210, '2025-12-31 20:29:59'],
  ])('is %s', (_what, offset, expected) => {
    expect(localTime('2025-12-31T23:59:59.999Z', at(offset))).toBe(expected);
  });

  test('is the last second of the year 9999, in any time zone, if it never comes', () => {
    expect([localTime(undefined, at()), localTime(undefined, at(-720))]).toEqual([
      '9999-12-31 23:59:59',
      '9999-12-31 23:59:59',
    ]);
  });
});

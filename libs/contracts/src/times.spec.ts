import fc from 'fast-check';
import { isTime, millisecondsOf } from './times';

test.each([
  '1970-01-01T00:00:00.000Z',
  '2000-02-29T23:59:59.999Z',
  '2024-02-29T12:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
])('%s is a time', (text) => expect(isTime(text)).toBe(true));

test.each([
  '1969-12-31T23:59:59.999Z',
  '2023-02-29T12:00:00.000Z',
  '1900-02-29T12:00:00.000Z',
  '2024-04-31T12:00:00.000Z',
  '2024-13-01T12:00:00.000Z',
  '2024-01-01T24:00:00.000Z',
  '2024-01-01T00:00:60.000Z',
  '2024-01-01T00:60:00.000Z',
  '2024-00-01T00:00:00.000Z',
  '2024-01-00T00:00:00.000Z',
  '2024-01-32T00:00:00.000Z',
  '2024-01-01 00:00:00.000Z',
  '2024-01-01T00:00:00.00aZ',
  '2024-01-01T00:00:00.0000',
  '２024-01-01T00:00:00.000Z',
  '2024-01-01T00:00:00Z',
  '2024-01-01T00:00:00.000+01:00',
  '2024-01-01',
  1_700_000_000_000,
  null,
])('%p is no time', (value) => expect(isTime(value)).toBe(false));

test('every moment from 1970 to 9999 is a time in the form that `Date` gives it, and is read as `Date` reads it', () => {
  const moment = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
  fc.assert(
    fc.property(moment, (date) => {
      const text = date.toISOString();
      expect([isTime(text), millisecondsOf(text)]).toEqual([true, date.getTime()]);
    }),
  );
});

test.each([
  '1970-01-01',
  '1972-02-29',
  '1972-03-01',
  '1999-12-31',
  '2000-01-01',
  '2000-03-01',
  '2100-03-01',
  '2400-12-31',
])('%s is read as `Date` reads it', (day) => {
  const text = `${day}T23:59:58.987Z`;
  expect(millisecondsOf(text)).toBe(Date.parse(text));
});

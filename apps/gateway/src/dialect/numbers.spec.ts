import { wholeNumber } from './numbers';

test.each([0, 1, -1, 2 ** 53 - 1])('%p is a whole number, in JSON and as text', (number) => {
  expect([wholeNumber(number), wholeNumber(String(number))]).toEqual([number, number]);
});

const TEXTS = [
  ...['', ' 5', '5 ', '5\n', '+5', '5.0', '05', '-0', '00', '1e3', '0x10', '0b1', '1_000', '5n', '٥', '５', 'true'],
  ...['Infinity', '9007199254740992', '-9007199254740992', '9'.repeat(100_000)],
];
const VALUES: readonly unknown[] = [
  ...[true, false, null, undefined, [], [5], {}, { valueOf: () => 5 }, { toString: '5' }, 5n],
  ...[2 ** 53, 0.5, NaN, Infinity],
];

test.each<{ value: unknown }>([...TEXTS, ...VALUES].map((value) => ({ value })))(
  '$value is no whole number',
  ({ value }) => {
    expect(wholeNumber(value)).toBeUndefined();
  },
);

test('zero has no sign', () => {
  expect(Object.is(wholeNumber(-0), 0)).toBe(true);
});

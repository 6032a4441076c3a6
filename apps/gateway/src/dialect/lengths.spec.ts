import { codePoints } from './lengths';

test.each([
  ['', 0],
  ['abc', 3],
  ['销售', 2],
  ['👩‍👩‍👧', 5],
])('%j has %i code points', (text, length) => {
  expect(codePoints(text)).toBe(length);
});

import { equalSecrets } from './secrets';

test.each([
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'abcd', false],
  ['', '', true],
  ['\u00e9', 'e\u0301', false],
])('%j and %j: %s', (a, b, equal) => {
  expect(equalSecrets(a, b)).toBe(equal);
});

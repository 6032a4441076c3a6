import { indexedWords, matchOf } from './words';

test('a word is written in hex, so that nothing in a name or a search means anything to the index', () => {
  expect(indexedWords('A b" OR c*')).toBe('61 62 6f72 63');
  expect(matchOf('demo', 'A b"')).toBe('{app} : "64656d6f" AND {words} : ("61" * AND "62" *)');
  expect(matchOf('demo', '用户')).toBe('{app} : "64656d6f" AND {words} : ("e794a8 e688b7" *)');
  expect(matchOf('demo', '*"')).toBeUndefined();
});

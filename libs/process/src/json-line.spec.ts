import { faultyLine } from './json-line';

test.each([
  ['', 1],
  ['{"a": 1,', 1],
  ['{"a": 1,\n', 2],
  ['{"a": 1\n}\nx', 3],
  ['{"a":\n1,\n}', 3],
  ['{\n"a": colour}', 2],
  ['{\n\n"a": tru\n}', 3],
  ["{\n'a': 1}", 2],
  ['{"a": "x\n"}', 1],
  ['{"a":\n01}', 2],
  ['{"apps": [\n{"id": "a"}\n{"id": "b"}\n]}', 3],
])('the text %j stops being JSON at line %i', (text, line) => {
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  expect(faultyLine(text)).toBe(line);
});

test('every beginning of a JSON text could go on', () => {
  const lines = JSON.stringify({ a: [1, -2.5e3, true, false, null, 'x\\n\u1234\n"'], b: { c: 'd' } }, null, 1);
  for (let end = 0; end < lines.length; end++) {
    const wrong = `${lines.slice(0, end)}\u0001`;
    expect([wrong, faultyLine(wrong)]).toEqual([wrong, lines.slice(0, end).split('\n').length]);
  }
});

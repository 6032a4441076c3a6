import { NotJson } from './errors';
import { asJson, encodeJson, Json } from './json';

const textOf = ({ bytes }: Json) => Buffer.from(bytes).toString('utf8');

test('a value is encoded as UTF-8', () => {
  const json = encodeJson({ text: 'é😀', none: undefined });
  expect(textOf(json)).toBe('{"text":"é😀"}');
  expect(json.bytes.length).toBe(17);
});

test('what is encoded stays as it is', () => {
  const json = encodeJson([1]);
  expect(asJson(json)).toBe(json);
  expect(textOf(asJson([1]))).toBe('[1]');
});

test('what JSON can not hold is refused', () => {
  const loop: { self?: object } = {};
  loop.self = loop;
  for (const value of [loop, { n: 1n }, { toJSON: () => undefined }]) expect(() => encodeJson(value)).toThrow(NotJson);
});

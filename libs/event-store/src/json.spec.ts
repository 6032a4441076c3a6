import { NotJson } from './errors';
import { asJson, encodeJson, Json } from './json';

const textOf = ({ bytes }: Json) => Buffer.from(bytes).toString('utf8');

test('a value is encoded as UTF-8', () => {
  const json = encodeJson({ text: 'é😀', none: undefined });
  expect(textOf(json)).toBe('{"text":"é😀"}');
  expect(json.bytes.length).toBe(17);
});

test('a value that is encoded already stays as it is', () => {
  const json = encodeJson([1]);
  expect(asJson(json)).toBe(json);
  expect(textOf(asJson([1]))).toBe('[1]');
});

test('a value that JSON can not represent is rejected', () => {
  const loop: { self?: object } = {};
  loop.self = loop;
  for (const value of [loop, { n: 1n }, { toJSON: () => undefined }]) expect(() => encodeJson(value)).toThrow(NotJson);
});

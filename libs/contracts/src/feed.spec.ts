import { decodeHeader, encodeHeader } from './feed';

// CloudEvents NATS binding 1.0.3, section 3.1.3.2: space, ", % and all outside U+0021 to U+007E, as UTF-8.
test.each([
  ['plain/value~!#$&', 'plain/value~!#$&'],
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['100%', '100%25'],
  ['"quoted"\r\n', '%22quoted%22%0D%0A'],
  ['', ''],
])('%j is the header %j, and back', (value, header) => {
  expect(encodeHeader(value)).toBe(header);
  expect(decodeHeader(header)).toBe(value);
});

test('what is not encoded well is read as it is', () => expect(decodeHeader('50%')).toBe('50%'));

import fc from 'fast-check';
import { isSignedBy, joinCodeSecret, MAX_JOIN_CODE_LENGTH, readJoinCode, writeJoinCode, type JoinCode } from '.';

const secret = joinCodeSecret(new Uint8Array(32));
const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }).filter((s) => !/\p{Cc}|\p{Cs}/u.test(s));
const time = fc.nat(Number.MAX_SAFE_INTEGER);
const codes: fc.Arbitrary<JoinCode> = fc.record(
  { groupId: id, key: fc.nat(), createdAt: time, expiresAt: time, by: id },
  { requiredKeys: ['groupId', 'key', 'createdAt', 'expiresAt'] },
);

test('a code is read as it was written, and only its tenant has signed it', () => {
  fc.assert(
    fc.property(codes, (code) => {
      const text = writeJoinCode(code, secret);
      expect(readJoinCode(text)).toEqual(code);
      expect(isSignedBy(secret, text)).toBe(true);
      expect(isSignedBy(joinCodeSecret(new Uint8Array(32).fill(1)), text)).toBe(false);
    }),
  );
});

test('a code with one other character is not signed', () => {
  fc.assert(
    fc.property(codes, fc.nat(), fc.constantFrom(...'AZaz09-_'), (code, n, other) => {
      const text = writeJoinCode(code, secret);
      const at = n % text.length;
      const forged = text.slice(0, at) + other + text.slice(at + 1);
      // The last character of base64url has bits without meaning.
      if (forged === text || at === text.length - 1) return;
      expect(isSignedBy(secret, forged)).toBe(false);
    }),
  );
});

test('the longest code fits into the field of a command', () => {
  const longest = '\u{1F600}'.repeat(64);
  const at = Number.MAX_SAFE_INTEGER;
  const text = writeJoinCode({ groupId: longest, key: at, createdAt: at, expiresAt: at, by: longest }, secret);
  expect(text.length).toBeLessThanOrEqual(MAX_JOIN_CODE_LENGTH);
  expect(readJoinCode(text)?.by).toBe(longest);
});

const signed = (content: string) => `${Buffer.from(content).toString('base64url')}.${'A'.repeat(43)}`;
test.each([
  '',
  '.',
  'a.b',
  signed('['),
  signed('{}'),
  signed('["g",0,1]'),
  signed('["g",0,1,2,"u",3]'),
  signed('["",0,1,2]'),
  signed('["g",0,1,-2]'),
  signed('["g",0,1,2,7]'),
  'x'.repeat(2_000),
])('the text %j is no code', (text) => {
  expect(readJoinCode(text)).toBeUndefined();
  expect(isSignedBy(secret, text)).toBe(false);
});

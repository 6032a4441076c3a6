import { errorText } from './error-text';

test('an error of at most 4 KiB is written as it is', () => {
  const body = { code: 1, message: 'x'.repeat(4_000) };
  expect(errorText(body)).toBe(JSON.stringify(body));
});

test.each(['x'.repeat(5_000), '销'.repeat(16_000), '👩'.repeat(100_000), '"\u0001'.repeat(100_000)])(
  'the texts of a larger error are cut to less than 4 KiB in all',
  (text) => {
    const written = errorText({ code: 1, message: text, fields: [text, text] });
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(4_096);
    expect(JSON.parse(written)).toMatchObject({ code: 1, message: expect.stringMatching(/^.+…$/su) as unknown });
    expect(written).not.toMatch(/\\ud[89a-f]/);
  },
);

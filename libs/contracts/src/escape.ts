/**
 * Escapes a text: every byte of its UTF-8 form that isn't plain becomes the mark and two upper-case hex digits.
 *
 * @param plain matches a text that needs no escaping
 */
export function escapeBytes(text: string, plain: RegExp, mark: string): string {
  if (plain.test(text)) return text;
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return plain.test(char) ? char : `${mark}${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/**
 * The rules for texts. Nothing is changed in a text: it is neither trimmed nor normalised, so that two texts are equal only
 * if their code points are. Marks of writing direction are part of many names, and stay.
 */

/** Control characters, line and paragraph separators, and halves of surrogate pairs. */
const NOT_IN_LINES = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
/** The same, without what a text of several lines needs: tab, line feed, carriage return, the separators. */
const NOT_IN_TEXTS = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** Whether the value is a text of one line, of `min` to `max` code points. */
export const isLine = (value: unknown, max: number, min = 0): value is string =>
  isWithin(value, max, min, NOT_IN_LINES);

/** Whether the value is a text of one or several lines, of `min` to `max` code points. */
export const isText = (value: unknown, max: number, min = 0): value is string =>
  isWithin(value, max, min, NOT_IN_TEXTS);

function isWithin(value: unknown, max: number, min: number, never: RegExp): boolean {
  // Units are counted first: a code point has one or two.
  if (typeof value !== 'string' || value.length < min || value.length > max * 2) return false;
  if (never.test(value)) return false;
  if (value.length <= max && value.length >= min * 2) return true;
  const length = codePoints(value);
  return length >= min && length <= max;
}

/** The first characters of a text, with a mark if there are more. A pair of surrogates isn't cut in two. */
export const shortened = (text: string, kept: number): string =>
  text.length <= kept ? text : `${text.slice(0, kept).replace(/\p{Cs}$/u, '')}…`;

/** The number of code points of a text. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A whole number as it is written exactly: no sign but `-`, no leading zero, no fraction, no exponent. */
const WHOLE = /^(?:0|-?[1-9][0-9]{0,15})$/;

/**
 * The number of a field, in JSON or as text, if it is a whole number that JavaScript has exactly; else `undefined`. Every
 * dialect reads its numbers with this function. `true`, `0x10`, `1e3`, ` 5`, `+5` and `5.0` as texts are no numbers.
 */
export function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'string') return WHOLE.test(value) ? exact(Number(value)) : undefined;
  return typeof value === 'number' ? exact(value) : undefined;
}

/** Without the sign of -0. */
const exact = (value: number): number | undefined => (Number.isSafeInteger(value) ? value + 0 : undefined);

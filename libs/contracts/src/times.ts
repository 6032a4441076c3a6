/** The one form that times have on the wire and in events. */
const TIME = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/**
 * Whether the value is a time from 1970 on, in ISO 8601, in UTC and with milliseconds. A million of them come with an import:
 * no `Date` is made.
 */
export function isTime(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== 24) return false;
  const [, year, month, day] = TIME.exec(value) ?? [];
  return year !== undefined && Number(year) >= 1970 && Number(day) <= daysOf(Number(year), Number(month));
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

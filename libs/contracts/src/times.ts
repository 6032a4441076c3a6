/** The one form that times have on the wire and in events. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether the value is a time from 1970 on, in ISO 8601, in UTC and with milliseconds. */
export function isTime(value: unknown): value is string {
  if (typeof value !== 'string' || !TIME.test(value)) return false;
  const time = Date.parse(value);
  return time >= 0 && new Date(time).toISOString() === value;
}

import type { LogEvent } from '../log-event';

// The log may hold anything. A value is checked where an event's data become a row's, so that the event fails by itself
// and not with the row: a later event may be the one that writes it.

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`not a text: ${JSON.stringify(value)}`);
  return value;
}

export function count(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error(`not a whole number: ${JSON.stringify(value)}`);
  return value as number;
}

/** The time of an event in milliseconds since 1970. Throws if its metadata have none. */
export function timeOf({ metadata }: LogEvent): number {
  const at = typeof metadata.at === 'string' ? Date.parse(metadata.at) : NaN;
  if (Number.isNaN(at)) throw new Error('metadata.at is not a time');
  return at;
}

import type { Scanned } from './log';

/** Which events a reader of the log wants: one expression, on the stream's name or on the event's type. */
export interface Filter {
  on: 'stream' | 'type';
  /** Any of these beginnings; when there are none, `regex` decides. */
  prefixes: readonly string[];
  regex: RegExp;
  /** How many events are looked at before a page ends, whether they match or not. */
  window: number;
  /** How many events are looked at between two checkpoints. */
  checkpointInterval: number;
}

export const matches = (filter: Filter, { stream, type }: Pick<Scanned, 'stream' | 'type'>): boolean => {
  const subject = filter.on === 'stream' ? stream : type;
  return filter.prefixes.length > 0
    ? filter.prefixes.some((prefix) => subject.startsWith(prefix))
    : filter.regex.test(subject);
};

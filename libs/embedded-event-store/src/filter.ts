import type { Scanned } from './log';

/** Selects events of the log by the stream's name or by the event's type. */
export interface Filter {
  on: 'stream' | 'type';
  /** Selects texts that begin with one of these. If the list is empty, `regex` selects. */
  prefixes: readonly string[];
  regex: RegExp;
  /** A page ends after this many examined events, matching or not. */
  window: number;
  /** Number of examined events between two checkpoints. */
  checkpointInterval: number;
}

export const matches = (filter: Filter, { stream, type }: Pick<Scanned, 'stream' | 'type'>): boolean => {
  const subject = filter.on === 'stream' ? stream : type;
  return filter.prefixes.length > 0
    ? filter.prefixes.some((prefix) => subject.startsWith(prefix))
    : filter.regex.test(subject);
};

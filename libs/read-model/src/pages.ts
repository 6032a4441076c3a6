import { PAGE } from '@cohort/contracts';
import { encodeCursor, type CursorPlace, type CursorScope } from './cursor';

/** Most bytes of JSON in an answer, as NATS carries 1 MiB by default. A page ends before that. */
export const MAX_ANSWER_BYTES = 768 * 1024;

/** How a list shows its records, and the key by which it continues after a record. */
export interface PageShape<R, E extends object> {
  readonly view: (record: R) => E;
  readonly keyOf: (last: R) => CursorPlace['key'];
}

/** Rows that a page reads at first. */
export const FIRST_ROWS = 32;
/** How many times more it reads next. */
const GROWTH = 8;

/** Reads the rows after a key: at most `count`, and fewer only if no others are left. */
export type ReadRows<R> = (after: CursorPlace['key'] | undefined, count: number) => readonly R[];

/**
 * Makes a page of the rows after a key: at most `limit`, and as many as fit into an answer. It has a cursor if any are left.
 * Rows are read in portions, so that a page of large entries reads few that it doesn't return.
 */
export function page<R, E extends object>(
  scope: CursorScope,
  read: ReadRows<R>,
  after: CursorPlace['key'] | undefined,
  limit: number,
  { view, keyOf }: PageShape<R, E>,
  revision: string,
): { entries: E[]; next: { cursor?: string } } {
  function* rows(): Generator<R> {
    for (let left = limit + 1, size = FIRST_ROWS, from = after; left > 0; size *= GROWTH) {
      const count = Math.min(size, left);
      const some = read(from, count);
      yield* some;
      if (some.length < count) return;
      left -= count;
      from = keyOf(some[count - 1]!);
    }
  }
  const { entries, last, areAll } = taken(rows(), view, limit);
  if (areAll || last === undefined) return { entries, next: {} };
  return { entries, next: { cursor: encodeCursor(scope, { key: keyOf(last), revision }) } };
}

/** How a list shows the records of its changes. */
export interface ChangesShape<R, E extends object> {
  /** Undefined for an entry that left the list. */
  readonly view: (record: R) => E | undefined;
  readonly idOf: (record: R) => string;
  /** Revision or position of the change. A page ends where a step ends, as the next page begins after it. */
  readonly stepOf: (record: R) => string;
}

/**
 * Makes a page of records that are in the order of their changes. It has whole steps: the first in any case, and as many
 * others as `limit` and the size of an answer allow; `isFull` if the size ended it. `upTo` is the last record's step or, if
 * none are left, `now`. Returns undefined if the first step doesn't fit into an answer: then the whole list is needed, which
 * has smaller pages.
 */
export function changesPage<R, E extends object>(
  records: readonly R[],
  limit: number,
  { view, idOf, stepOf }: ChangesShape<R, E>,
  now: string,
): { entries: E[]; removed: string[]; more: boolean; upTo: string; isFull: boolean } | undefined {
  const isEnd = (count: number) => count >= records.length || stepOf(records[count - 1]!) !== stepOf(records[count]!);
  const views = records.map(view);
  const fits = fitting(views.map((entry, i) => entry ?? { id: idOf(records[i]!) }));
  let count = Math.min(limit, fits);
  while (count > 0 && !isEnd(count)) count -= 1;
  if (count === 0) count = records.findIndex((_, i) => isEnd(i + 1)) + 1;
  if (count > fits) return undefined;

  const more = count < records.length;
  const removed = new Set(
    records.slice(0, count).flatMap((record, i) => (views[i] === undefined ? [idOf(record)] : [])),
  );
  return {
    entries: views.slice(0, count).filter((entry) => entry !== undefined),
    removed: [...removed],
    more,
    upTo: more ? stepOf(records[count - 1]!) : now,
    isFull: fits < Math.min(limit, records.length),
  };
}

/**
 * Entries of the records until there are `most` or an answer is full, at least one; and the last record among them. What is
 * beyond isn't viewed.
 */
export function taken<R, E extends object>(
  records: Iterable<R>,
  view: (record: R) => E,
  most = Infinity,
): { entries: E[]; last?: R; areAll: boolean } {
  const entries: E[] = [];
  let bytes = 0;
  let last: { last?: R } = {};
  for (const record of records) {
    if (entries.length === most) return { entries, ...last, areAll: false };
    const entry = view(record);
    bytes += jsonBytes(entry);
    if (bytes > MAX_ANSWER_BYTES && entries.length > 0) return { entries, ...last, areAll: false };
    entries.push(entry);
    last = { last: record };
  }
  return { entries, ...last, areAll: true };
}

/** Number of entries that fit into an answer; at least one. */
export function fitting(entries: readonly object[]): number {
  let bytes = 0;
  const over = entries.findIndex((entry) => (bytes += jsonBytes(entry)) > MAX_ANSWER_BYTES);
  return over < 0 ? entries.length : Math.max(over, 1);
}

/** Bytes of an entry in JSON: exact if it has long texts, else an upper bound that needs no encoding. */
function jsonBytes(entry: object): number {
  let characters = 0;
  let fields = 0;
  for (const value of Object.values(entry) as unknown[]) {
    fields += 1;
    if (typeof value === 'string') characters += value.length;
    // What an object has inside, such as a member's own data, is in the encoding only.
    else if (typeof value === 'object' && value !== null) return Buffer.byteLength(JSON.stringify(entry)) + 1;
  }
  // In JSON a character has at most 6 bytes; a key with its marks, or a number, at most 24.
  const bound = characters * 6 + fields * 48;
  return bound <= MAX_ANSWER_BYTES / PAGE.maxLimit ? bound : Buffer.byteLength(JSON.stringify(entry)) + 1;
}

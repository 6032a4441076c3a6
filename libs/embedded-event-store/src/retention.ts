/** Which events of a stream are still to be seen: the part of its metadata that the store acts on. */
export interface Retention {
  /** Only the newest so many. */
  maxCount?: number;
  /** Only those younger than so many seconds. */
  maxAge?: number;
  /** Only those from this revision on. */
  truncateBefore?: number;
  /** Deleted, but appending brings the stream back: `$tb` is the largest 64-bit integer. */
  deleted: boolean;
}

/** `$tb` of a deleted stream, as JSON text: a JavaScript number can't hold it. */
export const DELETED = '9223372036854775807';

const EVERYTHING: Retention = { deleted: false };
/** A metastream keeps its newest event, unless it has metadata of its own. */
const NEWEST: Retention = { maxCount: 1, deleted: false };

const atLeast = (floor: number, value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= floor ? value : undefined;

/**
 * Reads a metadata event's JSON. What isn't a valid limit is no limit: an event once stored can't be refused any more.
 */
export const parseRetention = (json: Uint8Array | undefined, isMetastream: boolean): Retention => {
  const base = isMetastream ? NEWEST : EVERYTHING;
  const metadata = json && parseObject(json);
  if (!metadata) return base;
  const truncateBefore = metadata.$tb;
  return {
    maxCount: atLeast(1, metadata.$maxCount) ?? base.maxCount,
    maxAge: atLeast(1, metadata.$maxAge),
    truncateBefore: atLeast(0, truncateBefore),
    // 2^63-1 and what JSON.parse rounds it to are the same number here.
    deleted: truncateBefore === Number(DELETED),
  };
};

/** The metadata of a deleted stream that is appended to again: everything before `revision` stays deleted. */
export const restoredMetadata = (json: Uint8Array, revision: number): Buffer =>
  Buffer.from(JSON.stringify({ ...parseObject(json), $tb: revision }));

/** The first revision that may be seen, given the newest one. */
export const firstVisible = (retention: Retention, head: number): number => {
  if (retention.deleted) return head + 1;
  const byCount = retention.maxCount === undefined ? 0 : head - retention.maxCount + 1;
  return Math.max(0, byCount, retention.truncateBefore ?? 0);
};

/** The earliest creation time, in milliseconds, that may be seen. */
export const earliestVisible = (retention: Retention, now: number): number =>
  retention.maxAge === undefined ? 0 : now - retention.maxAge * 1000;

const parseObject = (json: Uint8Array): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(json).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

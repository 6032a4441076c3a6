/** The part of a stream's metadata that hides events. All limits apply together. */
export interface Retention {
  /** Number of newest events that stay visible. */
  maxCount?: number;
  /** Age in seconds from which events are hidden. */
  maxAge?: number;
  /** First visible revision. */
  truncateBefore?: number;
  /** The stream is deleted, until the next append: `$tb` is the largest 64-bit integer. */
  deleted: boolean;
}

/** `$tb` of a deleted stream, as JSON text because a JavaScript number can't represent it. */
export const DELETED = '9223372036854775807';

const EVERYTHING: Retention = { deleted: false };
/** A metastream keeps its newest event, unless it has metadata of its own. */
const NEWEST: Retention = { maxCount: 1, deleted: false };

const atLeast = (floor: number, value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= floor ? value : undefined;

/** Parses the JSON of a metadata event. Invalid limits are ignored, because a stored event can't be rejected any more. */
export const parseRetention = (json: Uint8Array | undefined, isMetastream: boolean): Retention => {
  const base = isMetastream ? NEWEST : EVERYTHING;
  const metadata = json && parseObject(json);
  if (!metadata) return base;
  const truncateBefore = metadata.$tb;
  return {
    maxCount: atLeast(1, metadata.$maxCount) ?? base.maxCount,
    maxAge: atLeast(1, metadata.$maxAge),
    truncateBefore: atLeast(0, truncateBefore),
    // JSON.parse rounds 2^63-1, and `Number` rounds it to the same number.
    deleted: truncateBefore === Number(DELETED),
  };
};

/** Returns the metadata of a restored stream. Events before `revision` stay deleted. */
export const restoredMetadata = (json: Uint8Array, revision: number): Buffer =>
  Buffer.from(JSON.stringify({ ...parseObject(json), $tb: revision }));

/** Returns the first visible revision. `head` is the newest one. */
export const firstVisible = (retention: Retention, head: number): number => {
  if (retention.deleted) return head + 1;
  const byCount = retention.maxCount === undefined ? 0 : head - retention.maxCount + 1;
  return Math.max(0, byCount, retention.truncateBefore ?? 0);
};

/** Returns the earliest visible creation time, in milliseconds since 1970. */
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

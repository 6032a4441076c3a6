/** An event of an append request. */
export interface ProposedEvent {
  /** A UUID in its canonical, lower-case form. */
  id: string;
  type: string;
  /** Whether `data` was declared to be JSON. It is stored unchanged in either case. */
  json: boolean;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** An event in the log. */
export interface RecordedEvent extends ProposedEvent {
  /** The event's place in the log: opaque, ordered, with gaps. Commit and prepare position are equal. */
  position: number;
  stream: string;
  revision: number;
  /** Milliseconds since 1970. */
  created: number;
}

/** The condition on a stream for a write (optimistic concurrency). */
export type Expected =
  { kind: 'any' } | { kind: 'noStream' } | { kind: 'streamExists' } | { kind: 'revision'; revision: bigint };

export type Write =
  | { kind: 'append'; stream: string; expected: Expected; events: readonly ProposedEvent[]; deadline?: number }
  | { kind: 'delete' | 'tombstone'; stream: string; expected: Expected };

/** The result of a write. `revision` and `current` are -1 for a stream without events. */
export type Outcome =
  | { kind: 'success'; revision: number; position: number }
  | { kind: 'wrongExpectedVersion'; current: number }
  | { kind: 'streamDeleted' }
  | { kind: 'timeout' };

export type Direction = 'forwards' | 'backwards';

/** A place in the log, from a client. A checkpoint may have a prepare position below its commit position. */
export interface LogPosition {
  commit: number;
  prepare: number;
}

/** The revision of a tombstoned stream. On the wire it is the largest 64-bit integer. */
export const TOMBSTONE = Number.MAX_SAFE_INTEGER;

export const metastreamOf = (stream: string): string => `$$${stream}`;

/** The stream that a metastream describes, or undefined for any other stream. */
export const describedBy = (stream: string): string | undefined =>
  stream.startsWith('$$') ? stream.slice(2) : undefined;

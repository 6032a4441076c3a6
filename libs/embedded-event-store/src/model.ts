/** What a caller asks to be appended. */
export interface ProposedEvent {
  /** A UUID in its canonical, lower-case form. */
  id: string;
  type: string;
  /** Whether `data` was declared to be JSON; it is stored as it came either way. */
  json: boolean;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** An event as it stands in the log. */
export interface RecordedEvent extends ProposedEvent {
  /** Where the event stands in the log: opaque, ordered, with gaps. Commit and prepare position are the same. */
  position: number;
  stream: string;
  revision: number;
  /** Milliseconds since 1970. */
  created: number;
}

/** What must hold of a stream for a write to happen. */
export type Expected =
  { kind: 'any' } | { kind: 'noStream' } | { kind: 'streamExists' } | { kind: 'revision'; revision: bigint };

export type Write =
  | { kind: 'append'; stream: string; expected: Expected; events: readonly ProposedEvent[]; deadline?: number }
  | { kind: 'delete' | 'tombstone'; stream: string; expected: Expected };

/** What became of a write. `revision` and `current` are -1 for a stream without events. */
export type Outcome =
  | { kind: 'success'; revision: number; position: number }
  | { kind: 'wrongExpectedVersion'; current: number }
  | { kind: 'streamDeleted' }
  | { kind: 'timeout' };

export type Direction = 'forwards' | 'backwards';

/** A place in the log as a client gives it. A checkpoint may have a prepare position below its commit position. */
export interface LogPosition {
  commit: number;
  prepare: number;
}

/** The revision of a stream whose name was retired for ever; on the wire it is the largest 64-bit integer. */
export const TOMBSTONE = Number.MAX_SAFE_INTEGER;

export const metastreamOf = (stream: string): string => `$$${stream}`;

/** The stream that a metastream describes, or undefined for any other stream. */
export const describedBy = (stream: string): string | undefined =>
  stream.startsWith('$$') ? stream.slice(2) : undefined;

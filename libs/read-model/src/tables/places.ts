/** Members of one event at most. */
export const SEQS_PER_EVENT = 1_024;

/** A place in the order of a group's changes: the event's revision, and the place in the event. */
export function seqOf(revision: number, index: number): number {
  if (index >= SEQS_PER_EVENT) throw new Error(`more than ${SEQS_PER_EVENT} members in one event`);
  return revision * SEQS_PER_EVENT + index;
}

export const revisionOf = (seq: number): number => Math.floor(seq / SEQS_PER_EVENT);

/** The last place that an event of this revision can fill. */
export const lastSeqOf = (revision: number): number => seqOf(revision, SEQS_PER_EVENT - 1);

import { CohortError, readStored, type UsableEvent } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { dataDamaged } from '../refusals';

/**
 * A stored event that a decision may be based on. Throws `UNAVAILABLE` at an event that a newer version of this service wrote:
 * deciding without this event could break a rule that the event introduces. Throws `DATA_DAMAGED` at any other event that
 * can't be used.
 */
export function readable(stored: StoredEvent): UsableEvent<StoredEvent> {
  const reading = readStored(stored);
  if (reading.kind === 'usable') return reading;
  const { stream, type, revision, metadata } = stored;
  if (reading.kind !== 'unknown') {
    const why = reading.kind === 'strange' ? reading.why : `it is ${reading.kind}`;
    throw dataDamaged(`The event at revision ${revision} can't be used: ${why}.`);
  }
  const message = `A newer version of this service wrote to ${stream}; this node must be upgraded before it can.`;
  throw new CohortError('UNAVAILABLE', message, { type, schemaVersion: metadata.schemaVersion });
}

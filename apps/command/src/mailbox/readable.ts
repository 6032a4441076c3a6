import { CohortError, isKnown, upcast } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';

/**
 * A stored event in its newest version. Throws `UNAVAILABLE` at an event that a newer version of this service wrote:
 * deciding without this event could break a rule that the event introduces.
 */
export function readable(stored: StoredEvent): StoredEvent {
  if (isKnown(stored)) return upcast(stored);
  const { stream, type, metadata } = stored;
  const message = `A newer version of this service wrote to ${stream}; this node must be upgraded before it can.`;
  throw new CohortError('UNAVAILABLE', message, { type, schemaVersion: metadata.schemaVersion });
}

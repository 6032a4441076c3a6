import type { EventStore } from '@cohort/event-store';

/** What query handlers need of the event store. */
export type EventReader = Pick<EventStore, 'read'>;
export const EVENT_READER = Symbol('EventReader');

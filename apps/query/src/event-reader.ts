import type { EventStore } from '@cohort/event-store';

/** The part of the event store that query handlers use. */
export type EventReader = Pick<EventStore, 'read'>;
export const EVENT_READER = Symbol('EventReader');

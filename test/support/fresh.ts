import { randomUUID } from 'node:crypto';

/** An id that no other test has, in no other run either: the event store may be used by many. */
export const fresh = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

import { v5 } from 'uuid';
import { EVENT_NAMESPACE } from './event-ids';
import type { Actor } from './event';
import type { Notice } from './notice';
import type { NotificationData, NotificationKind } from './registry';
import { encodeToken } from './subjects';

/**
 * A message to a user whom an event concerns, published on `notifySubject` (core NATS: without a listener it is lost). Its
 * CloudEvent id is `notificationId`, so that a second delivery has the same id.
 */
export type Notification = {
  readonly [K in NotificationKind]: {
    readonly kind: K;
    readonly app: string;
    readonly userId: string;
    readonly groupId: string;
    readonly actor: Actor;
    /** Time of the event: ISO 8601 UTC. */
    readonly at: string;
    /** The group's event, and its place in the group. */
    readonly eventId: string;
    readonly revision: string;
    readonly data: NotificationData[K];
    /** What the command's caller wants shown in place of the built-in notice. */
    readonly notice?: Notice;
  };
}[NotificationKind];

/** The subject of a user's notifications: `group.v1.notify.<app>.<userId>.<kind>`, the id as a token. */
export const notifySubject = (app: string, userId: string, kind: NotificationKind): string =>
  `group.v1.notify.${encodeToken(app)}.${encodeToken(userId)}.${kind}`;

/** The id of the notification of this kind that one event causes for one user. */
export const notificationId = (eventId: string, userId: string, kind: NotificationKind): string =>
  v5(`${eventId}\n${userId}\n${kind}`, EVENT_NAMESPACE);

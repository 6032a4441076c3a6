import { v5 } from 'uuid';
import { EVENT_NAMESPACE } from './event-ids';
import type { Actor, JoinVia } from './events';
import { encodeToken } from './subjects';

/** What each kind of notification says beside `Notification`. */
export interface NotificationData {
  /** Somebody else made you a member; `role` is `owner` for the first member of a new group. */
  added: { readonly via: Exclude<JoinVia, 'join' | 'sync'>; readonly role: 'owner' | 'member' };
  /** Somebody else put you out. */
  kicked: Record<string, never>;
  /** You are the owner now (`to`), or no longer (`from`). */
  ownerTransferred: { readonly from: string; readonly to: string; readonly reason: 'requested' | 'ownerLeft' };
  adminGranted: Record<string, never>;
  adminRevoked: Record<string, never>;
  /** Somebody else ended your group: to its last owner only. */
  dismissed: { readonly reason: 'requested' };
}
export type NotificationKind = keyof NotificationData;

/**
 * A word to a person whom an event concerns, on `notifySubject` (core NATS: who doesn't listen doesn't hear it). Its
 * CloudEvent id is `notificationId`, the same when it is told twice.
 */
export type Notification = {
  readonly [K in NotificationKind]: {
    readonly kind: K;
    readonly app: string;
    readonly userId: string;
    readonly groupId: string;
    /** Who did it. */
    readonly actor: Actor;
    /** When: ISO 8601 UTC. */
    readonly at: string;
    /** The group's event, and its place in the group. */
    readonly eventId: string;
    readonly revision: string;
    readonly data: NotificationData[K];
  };
}[NotificationKind];

/** Where notifications for a user go: `group.v1.notify.<app>.<userId>.<kind>`, the id as a token. */
export const notifySubject = (app: string, userId: string, kind: NotificationKind): string =>
  `group.v1.notify.${app}.${encodeToken(userId)}.${kind}`;

/** The id of what one event has to say to one user. */
export const notificationId = (eventId: string, userId: string, kind: NotificationKind): string =>
  v5(`${eventId}\n${userId}\n${kind}`, EVENT_NAMESPACE);

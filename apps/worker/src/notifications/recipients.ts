import {
  isGroupEventType,
  type EventMember,
  type FeedHeaders,
  type GroupEventData,
  type Notification,
  type NotificationData,
  type NotificationKind,
} from '@cohort/contracts';

/** A group's event as the feed tells it. */
export interface FeedEvent extends FeedHeaders {
  readonly data: unknown;
}

/** Who owned the group when the event happened; undefined when nobody knows. */
export type OwnerOf = (event: FeedEvent) => Promise<string | undefined>;

/**
 * The notifications that an event asks for: to the users it concerns, never to every member, and not to who did it
 * himself (also through a service that names him). docs/decisions/0014-feed.md has the table.
 */
export async function notificationsOf(event: FeedEvent, ownerOf: OwnerOf): Promise<Notification[]> {
  const { type, actor } = event;
  if (!isGroupEventType(type)) return [];
  const acting = actor.type === 'user' ? actor.id : actor.onBehalfOf;

  const tell = <K extends NotificationKind>(kind: K, users: readonly string[], data: NotificationData[K]) =>
    users
      .filter((userId) => userId !== acting)
      .map((userId) => {
        const { app, groupId, at, id: eventId, revision } = event;
        return { kind, app, userId, groupId, actor, at, eventId, revision, data } as Notification;
      });

  switch (type) {
    case 'created': {
      const { owner, sync } = event.data as GroupEventData['created'];
      // A sync is the user's own wish.
      return sync === undefined ? tell('added', [owner], { via: 'create', role: 'owner' }) : [];
    }
    case 'memberJoined': {
      const { members, via } = event.data as GroupEventData['memberJoined'];
      return via === 'create' || via === 'add' ? tell('added', ids(members), { via, role: 'member' }) : [];
    }
    case 'memberKicked':
      return tell('kicked', ids((event.data as GroupEventData['memberKicked']).members), {});
    case 'ownerTransferred': {
      const { from, to, reason } = event.data as GroupEventData['ownerTransferred'];
      // The owner who left has left by himself.
      return tell('ownerTransferred', reason === 'ownerLeft' ? [to] : [to, from], { from, to, reason });
    }
    case 'adminGranted':
      return tell('adminGranted', ids((event.data as GroupEventData['adminGranted']).members), {});
    case 'adminRevoked':
      return tell('adminRevoked', ids((event.data as GroupEventData['adminRevoked']).members), {});
    case 'dismissed': {
      const { reason } = event.data as GroupEventData['dismissed'];
      if (reason !== 'requested') return [];
      const owner = await ownerOf(event);
      return owner === undefined ? [] : tell('dismissed', [owner], { reason });
    }
    case 'memberLeft':
    case 'infoChanged':
      return [];
  }
}

const ids = (members: readonly EventMember[]): string[] => members.map(({ userId }) => userId);

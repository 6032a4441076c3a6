import {
  isGroupEventType,
  type EventMember,
  type FeedHeaders,
  type GroupEvent,
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

  const fact = { type, data: event.data } as GroupEvent;
  switch (fact.type) {
    case 'created': {
      const { owner, sync } = fact.data;
      // A sync is the user's own wish.
      return sync === undefined ? tell('added', [owner], { via: 'create', role: 'owner' }) : [];
    }
    case 'memberJoined': {
      const { members, via } = fact.data;
      return via === 'create' || via === 'add' ? tell('added', ids(members), { via, role: 'member' }) : [];
    }
    case 'memberKicked':
      return tell('kicked', ids(fact.data.members), {});
    case 'ownerTransferred': {
      const { from, to, reason } = fact.data;
      // The owner who left has left by himself.
      return tell('ownerTransferred', reason === 'ownerLeft' ? [to] : [to, from], { from, to, reason });
    }
    case 'adminGranted':
    case 'adminRevoked':
      return tell(fact.type, ids(fact.data.members), {});
    case 'dismissed': {
      const { reason } = fact.data;
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

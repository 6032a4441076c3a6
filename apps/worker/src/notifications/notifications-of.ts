import { isGroupEventType, type FeedHeaders, type GroupEventType, type Notification } from '@cohort/contracts';
import { RULES } from '.';
import type { Asked, Rule } from './rule';

/** A group's event as the feed carries it. */
export interface FeedEvent extends FeedHeaders {
  readonly data: unknown;
}

/** What rules may ask about the group of an event. */
export type AskAbout = (event: FeedEvent) => Asked;

/**
 * The notifications that an event asks for: to the users it concerns, never to every member. The user who acted gets none,
 * also when they acted through a service that names them. Events of an import notify nobody.
 */
export async function notificationsOf(event: FeedEvent, askAbout: AskAbout): Promise<Notification[]> {
  const { type, app, groupId, actor, at, id: eventId, revision, notice } = event;
  if (!isGroupEventType(type) || event.imported) return [];
  const rule = RULES[type] as Rule<GroupEventType>;
  const notices = await rule(event.data as never, askAbout(event));
  const acting = actor.type === 'user' ? actor.id : actor.onBehalfOf;
  return notices.flatMap(({ kind, to, data }) =>
    to
      .filter((userId) => userId !== acting)
      .map(
        (userId) =>
          ({
            kind,
            app,
            userId,
            groupId,
            actor,
            at,
            eventId,
            revision,
            data,
            ...(notice ? { notice } : {}),
          }) as Notification,
      ),
  );
}

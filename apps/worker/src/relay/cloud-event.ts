import {
  cloudEventHeaders,
  decodeHeader,
  eventSubject,
  isPosition,
  parseGroupStream,
  type Actor,
  type EventMetadata,
  type Position,
} from '@cohort/contracts';
import { upcast, type StoredEvent } from '@cohort/event-store';
import type { StreamMessage } from '@cohort/bus';

/** An event of the log as the feed carries it. */
export interface FeedMessage {
  readonly event: StoredEvent;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The CloudEvent of a group's event, in the newest version of its type; undefined for what isn't a group's event. */
export function feedMessage(stored: StoredEvent, store: string): FeedMessage | undefined {
  const group = parseGroupStream(stored.stream);
  if (!group) return undefined;
  const event = upcast(stored);
  // What an older or newer build wrote may lack some of it.
  const { at, actor, commandId, batch, schemaVersion, traceparent } = event.metadata as Partial<EventMetadata>;
  const headers = cloudEventHeaders({
    specversion: '1.0',
    id: event.id,
    source: `/cohort/apps/${group.app}`,
    type: `group.v1.${event.type}`,
    subject: group.id,
    time: at ?? event.created.toISOString(),
    datacontenttype: 'application/json',
    revision: String(event.revision),
    position: event.position,
    store,
    schemaversion: String(schemaVersion ?? 1),
    ...(actor ? actorAttributes(actor) : {}),
    ...(commandId === undefined ? {} : { commandid: commandId }),
    ...(batch ? { batchindex: String(batch.index), batchsize: String(batch.size) } : {}),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  return {
    event,
    subject: eventSubject(group.app, group.id, event.type),
    headers,
    body: JSON.stringify(event.data),
  };
}

export const actorAttributes = (actor: Actor) =>
  actor.type === 'user'
    ? { actortype: actor.type, actorid: actor.id }
    : { actortype: actor.type, ...(actor.onBehalfOf === undefined ? {} : { onbehalfof: actor.onBehalfOf }) };

/** Which event of the log a message of the feed is. */
export interface Published {
  readonly sequence: number;
  readonly eventId: string;
  readonly position: Position;
  readonly revision: number;
  readonly app: string;
  readonly groupId: string;
  readonly store: string;
}

/** Reads what `feedMessage` wrote; undefined for a message that no relay published. */
export function published(message: StreamMessage): Published | undefined {
  const attribute = (name: string): string => decodeHeader(message.header(`ce-${name}`) ?? '');
  const [eventId, position, revision] = [attribute('id'), attribute('position'), Number(attribute('revision') || NaN)];
  const app = /^\/cohort\/apps\/(.+)$/.exec(attribute('source'))?.[1];
  if (eventId === '' || !isPosition(position) || !Number.isInteger(revision) || app === undefined) return undefined;
  const { sequence } = message;
  return { sequence, eventId, position, revision, app, groupId: attribute('subject'), store: attribute('store') };
}

import { escapeBytes } from './escape';
import { MAX_EVENT_BYTES, type Actor } from './event';
import { isPosition, type Position } from './positions';

/**
 * The feed: every group event as a CloudEvent 1.0 in a JetStream stream (docs/feed.md). Attributes stand in headers
 * (binary mode of the CloudEvents NATS binding 1.0.3), the body is the event's data as JSON.
 */
export const FEED_STREAM = 'GROUP_EVENTS';
/** All that the stream takes: `eventSubject` of every event. */
export const FEED_SUBJECTS = 'group.v1.event.>';
/** Largest message of the feed: the largest event's data (`MAX_EVENT_BYTES`), and its headers. */
export const MAX_FEED_MESSAGE_BYTES = MAX_EVENT_BYTES + 32 * 1024;

/** Where requests come in. A JetStream stream that overlaps them would answer in the service's place. */
export const REQUEST_SUBJECTS = ['group.v1.command.>', 'group.v1.query.>', 'group.v1.app.>'] as const;

/**
 * The attributes of a CloudEvent of ours, each in the header `ce-<name>`. `id` is the event's id, the same each time the
 * event is published: consumers dedupe by it. The extensions let a consumer join the feed with the query `events`.
 */
export interface CloudEventAttributes {
  readonly specversion: '1.0';
  readonly id: string;
  /** `/cohort/apps/<app>`. */
  readonly source: string;
  /** `group.v1.<event type>`, or `group.v1.notify.<kind>`. */
  readonly type: string;
  /** The group's id. */
  readonly subject: string;
  /** When it happened: the event's `at`. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Extension: the event's place in its group. */
  readonly revision: string;
  /** Extension: the event's place in the log of `store`. */
  readonly position: string;
  /** Extension: UUID of the event store; positions of two can't be compared. */
  readonly store: string;
  /** Extension: version of the shape of the data. */
  readonly schemaversion: string;
  /** Extensions: who acted; `actorid` for a user only, `onbehalfof` for a service that named somebody. */
  readonly actortype?: Actor['type'];
  readonly actorid?: string;
  readonly onbehalfof?: string;
  /** Extension: the command that wrote the event. */
  readonly commandid?: string;
  /** Extensions: place among the events of one append, `0` first, and how many these are. */
  readonly batchindex?: string;
  readonly batchsize?: string;
  /** CloudEvents' own extension for tracing (W3C). */
  readonly traceparent?: string;
}

/** The headers of a CloudEvent, `ce-` and the attribute; values percent-encoded, absent attributes left out. */
export function cloudEventHeaders(attributes: CloudEventAttributes): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes) as [string, string | undefined][]) {
    if (value !== undefined) headers[`ce-${name}`] = encodeHeader(value);
  }
  return headers;
}

/** Who acted, as attributes. */
export const actorAttributes = (actor: Actor): Pick<CloudEventAttributes, 'actortype' | 'actorid' | 'onbehalfof'> =>
  actor.type === 'user'
    ? { actortype: actor.type, actorid: actor.id }
    : { actortype: actor.type, ...(actor.onBehalfOf === undefined ? {} : { onbehalfof: actor.onBehalfOf }) };

/** What the headers of a message of the feed say of its event. */
export interface FeedHeaders {
  readonly id: string;
  readonly app: string;
  readonly groupId: string;
  /** An event's type, or one that this build doesn't know. */
  readonly type: string;
  readonly actor: Actor;
  /** Empty where no command wrote it. */
  readonly commandId: string;
  readonly at: string;
  readonly revision: string;
  readonly position: Position;
  readonly store: string;
}

/**
 * Reads the headers of a message of the feed; undefined for a message that no relay published.
 *
 * @param header the value of a header; undefined or empty when the message has none
 */
export function readFeedHeaders(header: (name: string) => string | undefined): FeedHeaders | undefined {
  const attribute = (name: keyof CloudEventAttributes): string => decodeHeader(header(`ce-${name}`) ?? '');
  const [id, revision, position] = [attribute('id'), attribute('revision'), attribute('position')];
  const app = /^\/cohort\/apps\/(.+)$/.exec(attribute('source'))?.[1];
  if (id === '' || !/^\d+$/.test(revision) || !isPosition(position) || app === undefined) return undefined;
  const onBehalfOf = attribute('onbehalfof');
  return {
    id,
    app,
    groupId: attribute('subject'),
    type: attribute('type').replace(/^group\.v1\./, ''),
    actor:
      attribute('actortype') === 'user'
        ? { type: 'user', id: attribute('actorid') }
        : { type: 'service', ...(onBehalfOf === '' ? {} : { onBehalfOf }) },
    commandId: attribute('commandid'),
    at: attribute('time'),
    revision,
    position,
    store: attribute('store'),
  };
}

const PLAIN = /^[!#-$&-~]*$/;

/** A header's value: space, `"`, `%` and all outside U+0021 to U+007E become `%` and two hex digits for each UTF-8 byte. */
export const encodeHeader = (value: string): string => escapeBytes(value, PLAIN, '%');

/** The value that `encodeHeader` was given; what isn't encoded well stays as it is. */
export function decodeHeader(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

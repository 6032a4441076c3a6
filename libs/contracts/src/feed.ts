import { escapeBytes } from './escape';
import { MAX_EVENT_BYTES, type Actor } from './event';
import { isAppId } from './ids';
import { NOTICE, readNotice, type Notice } from './notice';
import { isPosition, type Position } from './positions';

/**
 * The JetStream stream of the feed: every group event as a CloudEvent 1.0 (docs/feed.md). The attributes are headers
 * (binary mode of the CloudEvents NATS binding 1.0.3). The body is the event's data as JSON.
 */
export const FEED_STREAM = 'GROUP_EVENTS';
/** The stream's subjects: `eventSubject` of every event. */
export const FEED_SUBJECTS = 'group.v1.event.>';
/**
 * Largest message of the feed, in bytes: the largest event's data (`MAX_EVENT_BYTES`), and its headers. A notice
 * takes at most four bytes for each of its own, as a quotation mark is escaped in JSON and then encoded.
 */
export const MAX_FEED_MESSAGE_BYTES = MAX_EVENT_BYTES + 32 * 1024 + 4 * NOTICE.payloadBytes;

/** The subjects of requests. A JetStream stream that overlaps them would answer in the service's place. */
export const REQUEST_SUBJECTS = ['group.v1.command.>', 'group.v1.query.>', 'group.v1.app.>'] as const;

/**
 * The attributes of Cohort's CloudEvents, each in the header `ce-<name>`. `id` is the event's id, the same at each
 * publication, so that consumers can dedupe by it. The extensions let a consumer join the feed with the query `events`.
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
  /** Time of the event: its `at`. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Extension: the event's place in its group. */
  readonly revision: string;
  /** Extension: the event's place in the log of `store`. */
  readonly position: string;
  /** Extension: UUID of the event store. Positions of two stores can't be compared. */
  readonly store: string;
  /** Extension: version of the shape of the data. */
  readonly schemaversion: string;
  /** Extensions: the actor; `actorid` for a user only, `onbehalfof` for a service that named a user. */
  readonly actortype?: Actor['type'];
  readonly actorid?: string;
  readonly onbehalfof?: string;
  /** Extension: the command that wrote the event. */
  readonly commandid?: string;
  /** Extensions: place among the events of one append, from `0`, and their number. */
  readonly batchindex?: string;
  readonly batchsize?: string;
  /** Extension: `true` for an event of an import, which happened elsewhere and before. */
  readonly imported?: 'true';
  /** Extension: the notice of the command, as JSON. */
  readonly notice?: string;
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

/** The actor as attributes. */
export const actorAttributes = (actor: Actor): Pick<CloudEventAttributes, 'actortype' | 'actorid' | 'onbehalfof'> =>
  actor.type === 'user'
    ? { actortype: actor.type, actorid: actor.id }
    : { actortype: actor.type, ...(actor.onBehalfOf === undefined ? {} : { onbehalfof: actor.onBehalfOf }) };

/** The parts of an event that the headers of its message hold. */
export interface FeedHeaders {
  readonly id: string;
  readonly app: string;
  readonly groupId: string;
  /** An event's type, or one that this build doesn't know. */
  readonly type: string;
  readonly actor: Actor;
  /** Empty if no command wrote the event. */
  readonly commandId: string;
  /** Whether it belongs to an import. */
  readonly imported?: true;
  readonly notice?: Notice;
  readonly at: string;
  readonly revision: string;
  readonly position: Position;
  readonly store: string;
}

/**
 * Reads the headers of a message of the feed; undefined for a message that the relay did not publish.
 *
 * @param header the value of a header; undefined or empty if the message has none
 */
export function readFeedHeaders(header: (name: string) => string | undefined): FeedHeaders | undefined {
  const attribute = (name: keyof CloudEventAttributes): string => decodeHeader(header(`ce-${name}`) ?? '');
  const [id, revision, position] = [attribute('id'), attribute('revision'), attribute('position')];
  const app = /^\/cohort\/apps\/(.+)$/.exec(attribute('source'))?.[1];
  if (id === '' || !/^\d+$/.test(revision) || !isPosition(position) || !isAppId(app)) return undefined;
  const onBehalfOf = attribute('onbehalfof');
  const notice = readNotice(attribute('notice'));
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
    ...(attribute('imported') === 'true' ? { imported: true as const } : {}),
    ...(notice === undefined ? {} : { notice }),
  };
}

const PLAIN = /^[!#-$&-~]*$/;

/** A header's value. Space, `"`, `%` and all outside U+0021 to U+007E become `%` and two hex digits for each UTF-8 byte. */
export const encodeHeader = (value: string): string => escapeBytes(value, PLAIN, '%');

/** The value that `encodeHeader` encoded. A malformed header is returned as it is. */
export function decodeHeader(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

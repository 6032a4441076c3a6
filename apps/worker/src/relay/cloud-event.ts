import {
  actorAttributes,
  cloudEventHeaders,
  eventSubject,
  maySeal,
  readFeedHeaders,
  readStored,
  type EventMetadata,
  type FeedHeaders,
} from '@cohort/contracts';
import type { StreamMessage } from '@cohort/bus';
import type { KeyReader, StoredEvent } from '@cohort/event-store';

/** An event of the log as the feed carries it. */
export interface FeedMessage {
  readonly event: StoredEvent;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The event's data as JSON. Personal texts are sealed in it until `withTexts` opened them. */
  readonly body: string;
}

/** Messages with their personal texts, as they are published. A text that was erased is empty. */
export async function withTexts(
  messages: readonly FeedMessage[],
  keys: Pick<KeyReader, 'open'>,
): Promise<FeedMessage[]> {
  const sealed = messages.filter(({ body }) => maySeal(body));
  if (sealed.length === 0) return [...messages];
  const data = await keys.open(sealed.map(({ event }) => event.data));
  const opened = new Map(sealed.map((message, i) => [message, data[i]]));
  return messages.map((message) => {
    const value = opened.get(message);
    return value === undefined || value === message.event.data ? message : { ...message, body: JSON.stringify(value) };
  });
}

/** Why a stored event is set aside: no build of this service writes it. Undefined for every other event. */
export function whySetAside(stored: StoredEvent): string | undefined {
  const reading = readStored(stored);
  return reading.kind === 'strange' ? reading.why : undefined;
}

/**
 * The CloudEvent of a group's event, in the newest version of its type; undefined for an event that isn't published: one of
 * another stream, the mark of a deleted stream, or a strange one. Never throws, whatever is stored.
 */
export function feedMessage(stored: StoredEvent, store: string): FeedMessage | undefined {
  const reading = readStored(stored);
  if ((reading.kind !== 'usable' && reading.kind !== 'unknown') || reading.category !== 'group') return undefined;
  const { event, owner } = reading;
  // Another build may have written the event without some of these.
  const { at, actor, commandId, batch, schemaVersion, traceparent, imported, notice } =
    event.metadata as Partial<EventMetadata>;
  const headers = cloudEventHeaders({
    specversion: '1.0',
    id: event.id,
    source: `/cohort/apps/${owner.app}`,
    type: `group.v1.${event.type}`,
    subject: owner.id,
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
    ...(imported === true ? { imported: 'true' as const } : {}),
    ...(notice === undefined ? {} : { notice: JSON.stringify(notice) }),
  });
  const subject = eventSubject(owner.app, owner.id, event.type);
  return { event, subject, headers, body: JSON.stringify(event.data) };
}

/** The event that a message of the feed claims to be, and its sequence; undefined for a message that claims nothing. */
export function publishedEvent(message: StreamMessage): (FeedHeaders & { readonly sequence: number }) | undefined {
  const headers = readFeedHeaders((name) => message.header(name));
  return headers && { ...headers, sequence: message.sequence };
}

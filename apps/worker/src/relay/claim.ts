import {
  eventSubject,
  groupStream,
  isOpenedForm,
  keyIdsIn,
  MAX_REVISION,
  parseGroupStream,
  readFeedHeaders,
  shortened,
} from '@cohort/contracts';
import type { StoredMessage } from '@cohort/bus';
import { readOne, StreamDeleted, type EventStore, type StoredEvent } from '@cohort/event-store';
import { feedMessage, type FeedMessage } from './cloud-event';

/** The event that a message of the feed claims to be. Anyone who may publish to its subject can claim it. */
export interface Claim {
  readonly message: StoredMessage;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly store: string;
}

/** What the log knows of a message. */
export type Judgement =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  /** An operator deleted the events of this group, so the message can't be checked. */
  | { readonly kind: 'erased' }
  /** It carries no event of this log. */
  | { readonly kind: 'strange'; readonly why: string };

/** A foreign header in a sentence for an operator. */
export const shown = (text: string): string => shortened(text, 64);

/**
 * The event that a message claims to be; undefined for a message in a form that no relay publishes: a header is missing or
 * there twice, or the subject is another event's.
 */
export function claimOf(message: StoredMessage): Claim | undefined {
  for (const values of message.headers.values()) if (values.length !== 1) return undefined;
  const headers = readFeedHeaders((name) => message.headers.get(name.toLowerCase())?.[0]);
  if (!headers) return undefined;
  const { app, groupId, type, id, position, store } = headers;
  const stream = groupStream(app, groupId);
  const owner = parseGroupStream(stream);
  const revision = Number(headers.revision);
  if (owner?.app !== app || owner.id !== groupId || revision > MAX_REVISION) return undefined;
  if (message.subject !== eventSubject(app, groupId, type)) return undefined;
  return { message, id, stream, revision, position, store };
}

/**
 * Where a message differs from the one that the relay publishes for an event; undefined if it doesn't. Another build may
 * have published the event in another version of its data, and with more headers. A header that a later build adds must be
 * left out here, or the tail of an older build would be taken for a stranger's.
 */
export function unlike(message: StoredMessage, expected: FeedMessage): string | undefined {
  if (message.subject !== expected.subject) return 'its subject';
  const version = 'ce-schemaversion';
  const isOtherVersion = message.headers.get(version)?.[0] !== expected.headers[version];
  for (const [name, value] of Object.entries(expected.headers)) {
    const values = message.headers.get(name);
    if (name === version ? values?.length === 1 : values?.length === 1 && values[0] === value) continue;
    return `its header ${name}`;
  }
  return isOtherVersion || isBodyOf(message, expected) ? undefined : 'its body';
}

/** A text that was erased since the message was published is in the message still. So any text may be in its place. */
function isBodyOf({ body }: StoredMessage, { event, body: expected }: FeedMessage): boolean {
  if (Buffer.from(expected).equals(body)) return true;
  if (keyIdsIn(event.data).size === 0) return false;
  try {
    return isOpenedForm(JSON.parse(Buffer.from(body).toString('utf8')), event.data);
  } catch {
    return false;
  }
}

/** Why a message doesn't carry this event of the log; undefined if it does. */
export function difference(claim: Claim, event: StoredEvent, storeId: string): string | undefined {
  const { id, stream, revision, position, store } = claim;
  if (store !== storeId) return 'it has another store';
  if (id !== event.id || stream !== event.stream || revision !== event.revision) return 'it is another event';
  if (position !== event.position) return `the log has this event at position ${event.position}`;
  const expected = feedMessage(event, storeId);
  // An older build may have published an event that this one sets aside.
  const differs = expected && unlike(claim.message, expected);
  return differs && `the log has this event, but ${differs} is another one`;
}

/** Looks for the event of a message at the place in the log that it names. */
export async function judge(claim: Claim, store: Pick<EventStore, 'read' | 'storeId'>): Promise<Judgement> {
  if (claim.store !== store.storeId) {
    return { kind: 'strange', why: `it is one of the events of another event store (${shown(claim.store)})` };
  }
  let event: StoredEvent | undefined;
  try {
    event = await readOne(store, claim.stream, { from: claim.revision });
  } catch (error) {
    if (error instanceof StreamDeleted) return { kind: 'erased' };
    throw error;
  }
  if (event && event.revision > claim.revision) return { kind: 'erased' };
  if (event?.id !== claim.id) return { kind: 'strange', why: "the log doesn't have this event" };
  const why = difference(claim, event, store.storeId);
  return why === undefined ? { kind: 'event', event } : { kind: 'strange', why };
}

import { MAX_EVENT_BYTES, isKnownAmong, upcastAmong, type EventTypes } from './event';
import { isId } from './ids';
import { faultOfMetadata, placeInAppend, timeOf, type PlaceInAppend } from './stored-metadata';
import { GROUP_EVENTS, USER_BAN_EVENTS, USER_EVENTS, USER_NUMBER_EVENTS } from './registry';
import { isModest, isRecord, TOO_MUCH } from './shape';
import { parseGroupStream, parseUserBanStream, parseUserNumberStream, parseUserStream, type Owned } from './streams';

/**
 * The one place that decides what a stored event is worth. Every follower of the log and every reader of a stream asks it,
 * so that all of them agree (docs/decisions/0023-stored-events.md).
 */

/** The parts of a stored event that the decision needs. */
export interface StoredForm {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type StreamCategory = 'group' | 'user' | 'userBan' | 'userNumber';

interface OfStream {
  readonly category: StreamCategory;
  /** The group or user whose stream holds the event. */
  readonly owner: Owned;
}

/** An event with data of the declared shape, in the newest version. */
export interface UsableEvent<E> extends OfStream {
  readonly kind: 'usable';
  readonly event: E;
  /** Time of the event, in milliseconds since 1970. */
  readonly at: number;
  readonly place: PlaceInAppend;
}

/** An event that a newer build wrote: its type is unknown here, or its version. Its size and depth are bounded. */
export interface UnknownEvent<E> extends OfStream {
  readonly kind: 'unknown';
  readonly event: E;
  /** Time of the event, in milliseconds since 1970, if its metadata have one. */
  readonly at: number | undefined;
  readonly place: PlaceInAppend;
}

/** The event store's own mark at the end of a stream that was deleted for ever. */
export interface ErasedStream extends OfStream {
  readonly kind: 'erased';
}

/** An event that no build of this service writes. It is set aside: it changes nothing, and all that follow it count. */
export interface StrangeEvent extends OfStream {
  readonly kind: 'strange';
  /** The reason, as a sentence without its subject. */
  readonly why: string;
}

/** An event in a stream of other software. */
export interface ForeignEvent {
  readonly kind: 'foreign';
}

export type Reading<E extends StoredForm = StoredForm> =
  UsableEvent<E> | UnknownEvent<E> | ErasedStream | StrangeEvent | ForeignEvent;

/** The largest revision that an event can have. The read model orders 1,024 places of each revision by one exact number. */
export const MAX_REVISION = 2 ** 43 - 1;

/** The event store's type for the end of a stream that was deleted for ever. */
const TOMBSTONE = '$streamDeleted';
/** The event by which a group begins. */
const BEGINNING = 'created';

const TYPES: Readonly<Record<StreamCategory, EventTypes>> = {
  group: GROUP_EVENTS,
  user: USER_EVENTS,
  userBan: USER_BAN_EVENTS,
  userNumber: USER_NUMBER_EVENTS,
};
const FOREIGN: ForeignEvent = { kind: 'foreign' };

/** The stream of the last event that was read: events of one stream often come together, and parsing a name takes long. */
let lastStream: { readonly name: string; readonly of: OfStream | undefined } = { name: '', of: undefined };

function parse(stream: string): OfStream | undefined {
  const group = parseGroupStream(stream);
  if (group !== undefined) return { category: 'group', owner: group };
  const user = parseUserStream(stream);
  if (user !== undefined) return { category: 'user', owner: user };
  const banned = parseUserBanStream(stream);
  if (banned !== undefined) return { category: 'userBan', owner: banned };
  const numbered = parseUserNumberStream(stream);
  return numbered && { category: 'userNumber', owner: numbered };
}

/** Decides what a stored event is worth. Never throws, whatever is stored. */
export function readStored<E extends StoredForm>(event: E, types = TYPES): Reading<E> {
  if (event.stream !== lastStream.name) lastStream = { name: event.stream, of: parse(event.stream) };
  if (lastStream.of === undefined) return FOREIGN;
  const { category, owner } = lastStream.of;
  if (event.type === TOMBSTONE && !isRevision(event.revision)) return { kind: 'erased', category, owner };
  const known = types[category];
  try {
    const why = faultOf(event, category, known, owner);
    if (why !== undefined) return { kind: 'strange', category, owner, why };
    const place = placeInAppend(event.metadata);
    const at = timeOf(event.metadata);
    if (Number.isNaN(at))
      return { kind: 'strange', category, owner, why: 'its metadata has a time before 1970, or none that exists' };
    if (!isKnownAmong(known, event)) return { kind: 'unknown', category, owner, event, at, place };
    const newest = upcastAmong(known, event);
    const fault = known[newest.type]!.shape.fault(newest.data);
    if (fault !== undefined) return { kind: 'strange', category, owner, why: `its data ${fault}` };
    return { kind: 'usable', category, owner, event: newest, at: at!, place };
  } catch (error) {
    // An upcaster: the data aren't of the older version's shape.
    return { kind: 'strange', category, owner, why: `it can't be read (${String(error)})` };
  }
}

const isRevision = (revision: number): boolean =>
  Number.isSafeInteger(revision) && revision >= 0 && revision <= MAX_REVISION;

function faultOf(event: StoredForm, category: StreamCategory, types: EventTypes, { app }: Owned): string | undefined {
  const { revision, type, data, metadata } = event;
  if (!isRevision(revision)) return 'its revision is out of range';
  if (type.startsWith('$')) return 'its type is one of the event store';
  if (!isId(type)) return 'its type is too long, or has control characters';
  const fault = faultOfMetadata(metadata, app);
  if (fault !== undefined) return fault;
  if (!isRecord(data)) return 'its data is not a JSON object';
  if (!isKnownAmong(types, event)) return isModest(data, MAX_EVENT_BYTES) ? undefined : `its data ${TOO_MUCH}`;
  if (metadata.at === undefined) return 'its metadata has no time';
  if (category === 'userNumber' && revision > 0) return 'only the first event of its stream counts';
  if (category !== 'group' || (type === BEGINNING) === (revision === 0)) return undefined;
  return revision === 0 ? `a group begins with "${BEGINNING}"` : `"${BEGINNING}" is not the first event of its group`;
}

import type { Notice } from './notice';
import { Shape, type Checks } from './shape';

/**
 * The ground of all events: facts, short and past tense, as they are stored (docs/decisions/0003-events.md, with a golden
 * file for each in test/golden/events). A new shape is a new `schemaVersion` with an upcaster, never an edit.
 */

/**
 * The actor of a command: a service (trusted, skips role checks, never invariants), or a user. A service may name the
 * user whose wish it carries out: `onBehalfOf` is recorded and published, and changes no decision.
 */
export type Actor =
  { readonly type: 'service'; readonly onBehalfOf?: string } | { readonly type: 'user'; readonly id: string };

/** Most members one event carries. */
export const MAX_MEMBERS_PER_EVENT = 500;
/** Largest JSON of one event's data, in bytes. */
export const MAX_EVENT_BYTES = 256 * 1024;

export interface EventMember {
  readonly userId: string;
}

/** One of several users or files that a command named, and why it was refused. */
export type Refusal = ({ readonly userId: string } | { readonly fileId: string }) & { readonly code: string };

/** Metadata of every event that a command wrote. Only the first two keys may start with `$`. */
export interface EventMetadata {
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly app: string;
  readonly actor: Actor;
  readonly commandId: string;
  /** First 16 hex digits of the SHA-256 of the command's canonical JSON. It distinguishes a repeat from a reuse of the id. */
  readonly commandHash: string;
  /** Time of the event: ISO 8601 UTC with milliseconds; never before the event before it. */
  readonly at: string;
  readonly schemaVersion: number;
  /** Place among the events of one append, which are applied together or not at all. */
  readonly batch: { readonly index: number; readonly size: number };
  readonly traceparent?: string;
  /** Users or files that the command refused; on the last event of a command that refused any. */
  readonly refused?: readonly Refusal[];
  /** Id of what the command made, on its last event. It is unique in its group and among things of its kind. */
  readonly made?: string;
  /** The event belongs to an import: it happened elsewhere and before, so nobody is notified. */
  readonly imported?: true;
  /** What the caller wants shown to people; on each event of the command. */
  readonly notice?: Notice;
}

/** Makes data of version n + 1 from data of version n. It must not throw for anything that was ever stored. */
export type Upcaster = (data: unknown) => unknown;

declare const DATA: unique symbol;

/** An event type as its feature declares it. `D` is the shape of its data in the newest version. */
export interface EventDeclaration<D = unknown> {
  /** The newest schema version. */
  readonly version: number;
  /** The i-th makes version i + 2 from version i + 1, so that there is one less than `version`. */
  readonly upcasters: readonly Upcaster[];
  /** The shape of its data in the newest version. */
  readonly shape: Pick<Shape, 'fault' | 'declares'>;
  readonly [DATA]?: D;
}

/**
 * Declares an event type: a check for each field of its data in the newest version, and the upcasters from the older
 * versions. The newest version is one more than the upcasters.
 */
export const event = <D>(checks: Checks<D>, ...upcasters: readonly Upcaster[]): EventDeclaration<D> => ({
  version: upcasters.length + 1,
  upcasters,
  shape: new Shape(checks),
});

/** An upcaster for new fields: the values that they would have had. */
export const adding =
  (fields: object): Upcaster =>
  (data) => ({ ...fields, ...(data as object) });

/** A kind of notification to users as its feature declares it. `D` is the shape of its data. */
export interface NotificationDeclaration<D = unknown> {
  readonly [DATA]?: D;
}

/** Declares a kind of notification. */
export const notification = <D = Record<string, never>>(): NotificationDeclaration<D> => ({});

/** The data of a declared notification. */
export type DataOfNotification<N> = N extends NotificationDeclaration<infer D> ? D : never;

/** The data of a declared event. */
export type DataOfEvent<E> = E extends EventDeclaration<infer D> ? D : never;

/** The parts of a stored event that its version depends on. */
export interface VersionedEvent {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Event types by name. */
export type EventTypes = Readonly<Record<string, EventDeclaration>>;

/** The schema version of an event; an event without one is of the first. */
export const versionOf = ({ metadata }: Pick<VersionedEvent, 'metadata'>): number =>
  typeof metadata.schemaVersion === 'number' ? metadata.schemaVersion : 1;

/** Whether the event is of one of these types, in a version that they know. */
export const isKnownAmong = (types: EventTypes, event: VersionedEvent): boolean =>
  Object.hasOwn(types, event.type) && versionOf(event) <= types[event.type]!.version;

/** Brings an event of an older version to the newest one, in memory only. An unknown event is returned as it is. */
export function upcastAmong<E extends VersionedEvent>(types: EventTypes, event: E): E {
  if (!isKnownAmong(types, event)) return event;
  const { version, upcasters } = types[event.type]!;
  const missing = upcasters.slice(versionOf(event) - 1);
  if (missing.length === 0) return event;
  const data = missing.reduce((older, upcaster) => upcaster(older), event.data);
  return { ...event, data, metadata: { ...event.metadata, schemaVersion: version } };
}

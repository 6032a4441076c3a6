import { GROUP_EVENT_VERSIONS, USER_EVENT_VERSIONS } from '@cohort/contracts';
import type { StoredEvent } from './types';

type Upcaster = (data: unknown) => unknown;

const NEWEST: Readonly<Record<string, number>> = { ...GROUP_EVENT_VERSIONS, ...USER_EVENT_VERSIONS };

/** For each type, what makes version 2 of version 1, version 3 of version 2, and so on. */
const UPCASTERS: Readonly<Record<string, readonly Upcaster[]>> = {};

const versionOf = ({ metadata }: StoredEvent): number =>
  typeof metadata.schemaVersion === 'number' ? metadata.schemaVersion : 1;

/** Whether this build knows the event: its type, in this or an older version. What it doesn't know, it can't apply. */
export const isKnown = (event: StoredEvent): boolean =>
  Object.hasOwn(NEWEST, event.type) && versionOf(event) <= NEWEST[event.type]!;

/**
 * Brings an event of an older schema version to the newest, in memory only. The one place where old shapes live on: the
 * rest of the code knows the newest alone. An event that this build doesn't know (`isKnown`) stays as it is.
 */
export function upcast(event: StoredEvent): StoredEvent {
  const version = versionOf(event);
  const upcasters = isKnown(event) ? (UPCASTERS[event.type] ?? []).slice(version - 1) : [];
  if (upcasters.length === 0) return event;
  const data = upcasters.reduce((older, upcaster) => upcaster(older), event.data);
  return { ...event, data, metadata: { ...event.metadata, schemaVersion: version + upcasters.length } };
}

import {
  CohortError,
  groupStream,
  readStored,
  usersNamedIn,
  type EventMetadata,
  type HistoryEntry,
} from '@cohort/contracts';
import { KeyReader, readOne, StreamDeleted, type StoredEvent } from '@cohort/event-store';
import type { EventReader } from '../event-reader';

/** Users of an event that an entry shows. */
const SHOWN_USERS = 20;

/** One event of a group as histories show it; undefined if it was set aside. `of`: the user whose history it is. */
export function entryOf(groupId: string, stored: StoredEvent, of?: string): HistoryEntry | undefined {
  const reading = readStored(stored);
  if (reading.kind !== 'usable' && reading.kind !== 'unknown') return undefined;
  const { revision, position, type, data, metadata } = reading.event;
  const { actor, at } = metadata as unknown as EventMetadata;
  const named = usersNamedIn(data as object);
  const users = named.slice(0, SHOWN_USERS);
  if (of !== undefined && named.includes(of) && !users.includes(of)) users[SHOWN_USERS - 1] = of;
  return {
    groupId,
    revision: String(revision),
    position,
    type,
    actor,
    users,
    userCount: named.length,
    details: withoutLists(data as object),
    at,
  };
}

const withoutLists = (data: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => !Array.isArray(value)));

/** The entries with their personal texts. */
export async function opened(store: EventReader, entries: readonly HistoryEntry[]): Promise<HistoryEntry[]> {
  const details = await new KeyReader(store).open(entries.map((entry) => entry.details));
  return entries.map((entry, i) => ({ ...entry, details: details[i]! }));
}

/** Reads one event of a group; undefined if it isn't there any more. */
export const eventAt = (
  store: EventReader,
  app: string,
  groupId: string,
  revision: number,
): Promise<StoredEvent | undefined> =>
  orErased(groupId, async () => {
    const event = await readOne(store, groupStream(app, groupId), { from: revision });
    return event?.revision === revision ? event : undefined;
  });

/** Reports a stream that an operator deleted as the data's erasure. */
export async function orErased<T>(groupId: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StreamDeleted)) throw error;
    throw new CohortError('DATA_ERASED', `An operator deleted the stored events of group ${groupId}.`, { groupId });
  }
}

/** Runs the function for each item, a few at a time; the results have the items' order. */
export async function mapSome<T, R>(items: readonly T[], run: (item: T) => Promise<R>, atOnce = 16): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += atOnce) {
    results.push(...(await Promise.all(items.slice(i, i + atOnce).map(run))));
  }
  return results;
}

import { readFeedHeaders, type EventView } from '@cohort/contracts';
import type { Msg } from 'nats';
import { parse } from './reading';

/** Converts a message of this group's feed to the form of the query `events`. Returns undefined if no relay published it. */
export function eventView({ headers: all, data: body }: Msg, app: string, groupId: string): EventView | undefined {
  const published = readFeedHeaders((name) => all?.get(name));
  const data = parse(body);
  if (data === undefined || published?.app !== app || published.groupId !== groupId) return undefined;
  const { id, revision, position, type, actor, commandId, at, notice } = published;
  // Event types that this version doesn't know are passed on, as in the query.
  return { id, revision, position, type, data, actor, commandId, at, ...(notice ? { notice } : {}) } as EventView;
}

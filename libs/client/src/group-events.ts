import { setTimeout as sleep } from 'node:timers/promises';
import { CohortError, PAGE, type EventView, type Position, type QueryAnswers } from '@cohort/contracts';
import type { CohortClient } from './cohort-client';

export interface GroupEventsOptions {
  /** First revision to yield; default 0. */
  readonly fromRevision?: number;
  /** Ends the iteration when aborted. */
  readonly signal?: AbortSignal;
}

type Client = Pick<CohortClient, 'query' | 'onGroupEvent'>;
interface Group {
  readonly app: string;
  readonly groupId: string;
  /** Position of the answer that created the group, if it is new, so that query nodes already have it. */
  readonly after?: Position;
}

/** Most events kept for a slow reader. Later ones are queried when the reader reaches them. */
const BUFFER_SIZE = 1_000;
const PAUSE_MS = 500;
/** Errors after which the query is retried. */
const RETRIED: ReadonlySet<string> = new Set(['UNAVAILABLE', 'OVERLOADED']);

/**
 * Yields a group's events from a revision on, each once and in order. Past events come from the query `events`, new ones
 * from the feed, joined by their revisions. Events missing in the feed (expired, or published during a lost connection) are
 * queried. The iteration survives outages, and ends when the caller leaves the loop or `signal` is aborted.
 *
 * @throws CohortError the query was rejected, for example with `GROUP_NOT_FOUND`
 */
export async function* groupEvents(
  client: Client,
  group: Group,
  { fromRevision = 0, signal }: GroupEventsOptions = {},
): AsyncGenerator<EventView, void, undefined> {
  const buffer: EventView[] = [];
  let missed = true;
  let wake = (): void => undefined;
  const unlisten = client.onGroupEvent(group, {
    event: (event) => {
      if (buffer.length < BUFFER_SIZE) buffer.push(event);
      else missed = true;
      wake();
    },
    gap: () => {
      missed = true;
      wake();
    },
  });
  const end = (): void => wake();
  signal?.addEventListener('abort', end);
  try {
    for (let next = fromRevision; !signal?.aborted;) {
      if (missed) {
        missed = false;
        const { events, nextRevision } = await ask(client, group, next, signal);
        for (const event of events) {
          yield event;
          next = Number(event.revision) + 1;
        }
        if (nextRevision !== undefined) missed = true;
        // The feed has later events than the query, which was answered from a node of the event store that is behind.
        else if (events.length === 0 && buffer.some(({ revision }) => Number(revision) > next)) await pause(signal);
        continue;
      }
      const [event] = buffer;
      if (event === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if (Number(event.revision) > next) {
        missed = true;
      } else {
        buffer.shift();
        if (Number(event.revision) < next) continue;
        yield event;
        next += 1;
      }
    }
  } finally {
    signal?.removeEventListener('abort', end);
    unlisten();
  }
}

async function ask(
  client: Client,
  group: Group,
  fromRevision: number,
  signal: AbortSignal | undefined,
): Promise<QueryAnswers['events']> {
  while (!signal?.aborted) {
    try {
      return await client.query('events', { ...group, fromRevision: String(fromRevision), limit: PAGE.maxLimit });
    } catch (error) {
      if (!(error instanceof CohortError) || !RETRIED.has(error.code)) throw error;
      await pause(signal);
    }
  }
  return { events: [] };
}

const pause = (signal: AbortSignal | undefined): Promise<void> =>
  sleep(PAUSE_MS, undefined, signal && { signal }).catch(() => undefined);

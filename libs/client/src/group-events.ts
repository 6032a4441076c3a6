import { setTimeout as sleep } from 'node:timers/promises';
import { CohortError, PAGE, type EventView, type Position, type QueryAnswers } from '@cohort/contracts';
import type { CohortClient } from './cohort-client';

export interface GroupEventsOptions {
  /** First revision wanted; default 0. */
  readonly fromRevision?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

type Client = Pick<CohortClient, 'query' | 'onGroupEvent'>;
interface Group {
  readonly app: string;
  readonly groupId: string;
  /** Position of a command's answer, when the group was made just now. */
  readonly after?: Position;
}

/** Most events that wait for a slow reader; those beyond are asked for when he comes to them. */
const MOST_HEARD = 1_000;
const PAUSE_MS = 500;
/** Of answers: it is asked again. */
const NOT_NOW: ReadonlySet<string> = new Set(['UNAVAILABLE', 'OVERLOADED']);

/**
 * A group's events from a revision on, each once and in order: those there are by the query `events`, the following as the
 * feed brings them, joined by their revisions. What the feed doesn't bring (it keeps a week; the connection was lost) is
 * asked for. Goes on until the caller breaks off or `signal` is aborted, whatever is away meanwhile. Throws what the query
 * is refused with, such as `GROUP_NOT_FOUND`.
 */
export async function* groupEvents(
  client: Client,
  group: Group,
  { fromRevision = 0, signal }: GroupEventsOptions = {},
): AsyncGenerator<EventView, void, undefined> {
  const heard: EventView[] = [];
  let missed = true;
  let wake = (): void => undefined;
  const unlisten = client.onGroupEvent(group, {
    event: (event) => {
      if (heard.length < MOST_HEARD) heard.push(event);
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
        // Heard of, and not to be had yet: from a node of the event store that is behind.
        else if (events.length === 0 && heard.some(({ revision }) => Number(revision) > next)) await pause(signal);
        continue;
      }
      const [event] = heard;
      if (event === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if (Number(event.revision) > next) {
        missed = true;
      } else {
        heard.shift();
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
      if (!(error instanceof CohortError) || !NOT_NOW.has(error.code)) throw error;
      await pause(signal);
    }
  }
  return { events: [] };
}

const pause = (signal: AbortSignal | undefined): Promise<void> =>
  sleep(PAUSE_MS, undefined, signal && { signal }).catch(() => undefined);

import type { CohortClient } from '@cohort/client';
import { CohortError, GROUP_STREAM_PREFIX, LIMITS } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import { distinct, type GroupCounts } from '@cohort/group';
import type { CommandRequest, Learned } from './command-request';
import { errorOfStore } from './refusals';
import type { ToCount } from './users-of';

/** Longest wait for the query app to count, in milliseconds. */
const ASK_TIMEOUT_MS = 5_000;

export interface Counting {
  readonly store: Pick<EventStore, 'head'>;
  readonly client: Pick<CohortClient, 'query'>;
}

/**
 * Counts the groups of a tenant and of users, at or after the end of the log: every command that was answered before is in the
 * numbers. Commands in flight at the same time aren't.
 */
export async function countGroups(
  { store, client }: Counting,
  { app, deadline }: Pick<CommandRequest, 'app' | 'deadline'>,
  { users, makesGroup }: ToCount,
  now: number,
): Promise<NonNullable<Learned['counts']>> {
  try {
    const after = await store.head([GROUP_STREAM_PREFIX]);
    const timeoutMs = Math.max(1, Math.min(ASK_TIMEOUT_MS, deadline - now));
    const upTo = makesGroup ? app.limits?.groups : undefined;
    const parts = await Promise.all(
      partsOf(distinct(users)).map((userIds) =>
        client.query('groupCounts', { app: app.id, userIds, upTo, after }, { timeoutMs }),
      ),
    );
    const counts = parts.flatMap((part) => part.users);
    return {
      groups: Math.max(...parts.map(({ groups }) => groups)),
      users: new Map(counts.map(({ userId, owned, joined }) => [userId, { owned, joined }])),
    } satisfies GroupCounts;
  } catch (error) {
    if (errorOfStore(error, '') instanceof CohortError) return 'unavailable';
    throw error;
  }
}

/** In parts that one query takes; at least one. */
function partsOf(users: string[]): string[][] {
  const count = Math.max(1, Math.ceil(users.length / LIMITS.usersPerCommand));
  return Array.from({ length: count }, (_, i) =>
    users.slice(i * LIMITS.usersPerCommand, (i + 1) * LIMITS.usersPerCommand),
  );
}

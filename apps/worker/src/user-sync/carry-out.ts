import { setTimeout as sleep } from 'node:timers/promises';
import { allUserGroups, type CohortClient } from '@cohort/client';
import {
  CohortError,
  commandHash,
  comparePositions,
  derivedCommandId,
  eventId,
  USER_EVENTS,
  userStream,
  type ErrorCode,
  type EventMetadata,
  type Owned,
  type Position,
  type UserEventData,
} from '@cohort/contracts';
import { readOne, WrongExpectedRevision, type EventStore, type StoredEvent } from '@cohort/event-store';
import { plan, type Step } from './plan';
import type { CarryOut } from './jobs';
import type { Work } from './work';

/** Commands on groups that one user's sync has under way at once. */
const COMMANDS_AT_ONCE = 8;
const LONGEST_PAUSE_MS = 5_000;

/** The newest sync that a user's stream asks for. */
interface Sync {
  readonly number: number;
  readonly request: StoredEvent;
  readonly groups: UserEventData['syncRequested']['groups'];
  readonly capacity: number | undefined;
  /** Up to where it is known to be brought about; undefined while it isn't completed. */
  readonly completedAt: Position | undefined;
  /** Of the stream's last event. */
  readonly revision: number;
}

interface Reached {
  readonly kind: 'reached';
  /** Of the first look: names are compared in that one alone, so what an older sync did since isn't undone yet. */
  readonly position: Position;
  readonly skipped: readonly string[];
}
/** A newer sync was asked for meanwhile. */
interface Superseded {
  readonly kind: 'superseded';
}

export interface UserSyncDependencies {
  readonly store: Pick<EventStore, 'append' | 'read' | 'setTruncateBefore'>;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly signal: AbortSignal;
  /** A sync was completed, by this worker. */
  readonly onCompleted: (user: Owned) => void;
}

/**
 * Brings a user into exactly the groups that his newest sync asks for. It is level-triggered: it ends only when the list
 * of his groups, read at or after its last write, equals the one asked for, whatever else happens to the groups
 * meanwhile and however often it was begun before. Any number of workers may do it at once: the same step of the same
 * cause is the same command, and only one of them can complete the sync.
 */
export const userSync =
  (deps: UserSyncDependencies): CarryOut =>
  async (user, work, newest) => {
    const stream = userStream(user.app, user.id);
    for (;;) {
      const sync = await newestSync(deps, stream);
      if (!sync) return;
      const cause = causeOf(sync, work);
      if (cause !== undefined) {
        const superseded = () => (newest() ?? -1) > sync.number;
        const outcome = await reach(deps, user, sync, { cause, after: work.position, superseded });
        if (outcome.kind === 'superseded') continue;
        // Refused when a newer sync, or another worker's completion, stands in the stream by now: look again.
        if (!(await complete(deps, user, sync, cause, outcome))) continue;
      }
      return truncate(deps, stream, sync);
    }
  };

/**
 * The id of the event that makes it necessary to look at the user's groups; undefined when there is none. An effect of an
 * older sync after the newest was completed reopens it: a worker was late with it.
 */
function causeOf({ request, number, completedAt }: Sync, { effects = [] }: Work): string | undefined {
  if (completedAt === undefined) return request.id;
  return effects.find(({ sync, position }) => sync < number && comparePositions(position, completedAt) > 0)?.eventId;
}

/** The newest sync: the stream's last event asks for it, or says that it is completed. */
async function newestSync({ store }: UserSyncDependencies, stream: string): Promise<Sync | undefined> {
  const last = await readOne(store, stream, { backwards: true });
  if (!last) return undefined;
  const completed = last.type === 'syncCompleted' ? (last.data as UserEventData['syncCompleted']) : undefined;
  const request = completed ? await readOne(store, stream, { from: completed.sync }) : last;
  if (!request) throw new Error(`The request of a completed sync is gone from ${stream}`);
  const { groups, capacity } = request.data as UserEventData['syncRequested'];
  return {
    number: request.revision,
    request,
    groups,
    capacity,
    completedAt: completed?.position,
    revision: last.revision,
  };
}

/** Sends commands and looks again, until there is nothing more to do. */
async function reach(
  deps: UserSyncDependencies,
  user: Owned,
  sync: Sync,
  { cause, after, superseded }: { cause: string; after: Position; superseded: () => boolean },
): Promise<Reached | Superseded> {
  const skipped = new Set<string>();
  let position = after;
  let firstLook: Position | undefined;
  for (let round = 0; ; round++) {
    // The first second look follows at once; when there is still something to do, others are at these groups, too.
    if (round > 1) await sleep(Math.min(LONGEST_PAUSE_MS, 50 * 2 ** round), undefined, { signal: deps.signal });
    const actual = await allUserGroups(deps.client, { app: user.app, userId: user.id, after: position });
    firstLook ??= actual.position;
    const steps = plan({ groups: sync.groups, skipped, names: round === 0 }, actual.groups);
    if (steps.length === 0) return { kind: 'reached', position: firstLook, skipped: [...skipped] };

    await eachOf(steps, COMMANDS_AT_ONCE, async (step) => {
      deps.signal.throwIfAborted();
      if (superseded()) return;
      const outcome = await take(deps, user, sync, step, derivedCommandId(cause, `${round}/${step.groupId}`));
      if (outcome.kind === 'impossible') skipped.add(step.groupId);
      if (outcome.kind === 'done' && comparePositions(outcome.position, position) > 0) position = outcome.position;
    });
    if (superseded()) return { kind: 'superseded' };
  }
}

type Taken =
  | { readonly kind: 'done'; readonly position: Position }
  /** The group can't be joined, now or later. */
  | { readonly kind: 'impossible' }
  /** Whatever became of it, the next look tells. */
  | { readonly kind: 'unclear' };

/** Refusals that stand however often the user is to join. */
const IMPOSSIBLE: readonly ErrorCode[] = ['GROUP_DISMISSED', 'CAPACITY_REACHED', 'GROUP_ID_RESERVED'];
/** The group is gone, for the one who is to leave; or a command under this id was carried out long ago. */
const UNCLEAR: readonly ErrorCode[] = ['GROUP_DISMISSED', 'GROUP_NOT_FOUND', 'COMMAND_EXPIRED', 'COMMAND_ID_REUSED'];

/** Sends one group's command. Throws what may be tried again. */
async function take(
  { client }: UserSyncDependencies,
  user: Owned,
  sync: Sync,
  step: Step,
  commandId: string,
): Promise<Taken> {
  const command = {
    app: user.app,
    actor: { type: 'service' } as const,
    commandId,
    groupId: step.groupId,
    userIds: [user.id],
    sync: sync.number,
  };
  const capacity = sync.capacity === undefined ? {} : { capacity: sync.capacity };
  try {
    const { position } =
      step.kind === 'join'
        ? await client.command('createOrJoin', { ...command, name: step.name, rename: true, ...capacity })
        : await client.command('leaveMany', { ...command, ownerPolicy: 'oldestMember' });
    return { kind: 'done', position };
  } catch (error) {
    const code = error instanceof CohortError ? error.code : undefined;
    if (code !== undefined && step.kind === 'join' && IMPOSSIBLE.includes(code)) return { kind: 'impossible' };
    if (code !== undefined && UNCLEAR.includes(code)) return { kind: 'unclear' };
    throw error;
  }
}

/** Writes that the sync is complete; false when the stream has gone on since it was read. */
async function complete(
  { store, onCompleted }: UserSyncDependencies,
  user: Owned,
  sync: Sync,
  cause: string,
  { position, skipped }: Reached,
): Promise<boolean> {
  const stream = userStream(user.app, user.id);
  const commandId = derivedCommandId(cause, 'complete');
  const asked = sync.request.metadata as unknown as EventMetadata;
  const data: UserEventData['syncCompleted'] = { sync: sync.number, position, skipped };
  const metadata: EventMetadata = {
    $correlationId: asked.$correlationId,
    $causationId: cause,
    app: user.app,
    actor: { type: 'service' },
    commandId,
    commandHash: commandHash('completeSync', data),
    at: new Date(Math.max(Date.now(), Date.parse(asked.at))).toISOString(),
    schemaVersion: USER_EVENTS.syncCompleted.version,
    batch: { index: 0, size: 1 },
    ...(asked.traceparent === undefined ? {} : { traceparent: asked.traceparent }),
  };
  try {
    const event = { id: eventId(stream, commandId, 0), type: 'syncCompleted', data, metadata };
    await store.append(stream, [event], sync.revision);
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return false;
    throw error;
  }
  onCompleted(user);
  return true;
}

/** Drops the syncs before the completed one, of which nothing is needed any more: their lists are large. */
async function truncate({ store }: UserSyncDependencies, stream: string, sync: Sync): Promise<void> {
  const oldest = await readOne(store, stream);
  if (oldest && oldest.revision < sync.number) await store.setTruncateBefore(stream, sync.number);
}

/** Runs through the items, some at a time; the first failure ends it when those under way are done. */
async function eachOf<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const lane = async () => {
    try {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
    } catch (error) {
      left.length = 0;
      throw error;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { allUserGroups, type CohortClient, type UserGroups } from '@cohort/client';
import {
  backoff,
  comparePositions,
  derivedCommandId,
  USER_EVENTS,
  userStream,
  type Owned,
  type Position,
  type UserEventData,
} from '@cohort/contracts';
import { readOne, StreamDeleted, UserKeys, type EventStore } from '@cohort/event-store';
import { appendCompletion } from '../duty/append-completion';
import { eachOf } from '../duty/each-of';
import type { CarryOut } from '../duty/jobs';
import { newestSync, type Sync } from './newest-sync';
import { groupsWithRequests } from './open-requests';
import { plan } from './plan';
import { sendStep } from './send-step';
import type { SyncWork } from './work';

/** Most commands that one user's sync has in flight. */
const COMMANDS_AT_ONCE = 8;
const PAUSES = { first: 200, longest: 5_000 } as const;

interface Reached {
  readonly kind: 'reached';
  /**
   * The position of the first look. Only that look compares names, so effects of an older sync after it aren't undone yet.
   */
  readonly position: Position;
  readonly skipped: readonly string[];
}
/** A newer sync was requested meanwhile. */
interface Superseded {
  readonly kind: 'superseded';
}

export interface UserSyncDependencies {
  readonly store: Pick<EventStore, 'append' | 'read' | 'setTruncateBefore'>;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly signal: AbortSignal;
  /** Called when this worker completed a sync. */
  readonly onCompleted: (user: Owned) => void;
}

/**
 * Brings a user into exactly the groups that their newest sync lists. The sync is level-triggered: it ends only when the
 * user's groups, read at or after its last write, equal the list. Other changes of the groups and earlier attempts don't
 * matter. Several workers may carry it out at the same time: the same step of the same cause has the same command
 * id, and only one worker can append the completion.
 */
export const userSync =
  (deps: UserSyncDependencies): CarryOut<SyncWork> =>
  async (user, work, newest) => {
    const stream = userStream(user.app, user.id);
    for (;;) {
      const sync = await newestSync(deps.store, stream);
      if (!sync) return;
      const cause = causeOf(sync, work);
      if (cause !== undefined) {
        const superseded = () => (newest() ?? -1) > sync.number;
        const outcome = await reach(deps, user, sync, { cause, after: work.position, superseded });
        if (outcome.kind === 'superseded') continue;
        if (sync.erase && sync.completedAt === undefined) await eraseTexts(deps, user, sync);
        // False if a newer sync, or another worker's completion, is in the stream by now: look again.
        if (!(await complete(deps, user, sync, cause, outcome))) continue;
      }
      return truncate(deps, stream, sync);
    }
  };

/**
 * The id of the event because of which the user's groups must be compared; undefined when there is none. A late worker may
 * cause an effect of an older sync after the newest was completed: such an effect reopens the newest sync.
 */
function causeOf({ request, number, completedAt }: Sync, { effects = [] }: SyncWork): string | undefined {
  if (completedAt === undefined) return request.id;
  return effects.find(({ sync, position }) => sync < number && comparePositions(position, completedAt) > 0)?.eventId;
}

/**
 * Erases the keys that the user had when the erasure was requested. A worker that comes late must not erase the key of a text that
 * the user wrote after the completion.
 */
const eraseTexts = ({ store }: UserSyncDependencies, { app, id }: Owned, { request }: Sync): Promise<void> =>
  new UserKeys(store).erase(app, id, request.position);

/** Sends commands and looks at the user's groups again, until they equal the list. */
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
    // The second look follows immediately. If it still finds differences, others change these groups, too.
    if (round > 1) await sleep(backoff(round - 1, PAUSES), undefined, { signal: deps.signal });
    const [actual, requests] = await look(deps.client, user, sync, position);
    firstLook ??= actual.position;
    const steps = plan({ groups: sync.groups, skipped, names: round === 0 }, actual.groups, requests);
    if (steps.length === 0) return { kind: 'reached', position: firstLook, skipped: [...skipped] };

    await eachOf(steps, COMMANDS_AT_ONCE, async (step) => {
      deps.signal.throwIfAborted();
      if (superseded()) return;
      const outcome = await sendStep(
        deps.client,
        user,
        sync,
        step,
        derivedCommandId(cause, `${round}/${step.groupId}`),
      );
      if (outcome.kind === 'impossible') skipped.add(step.groupId);
      if (outcome.kind === 'done' && comparePositions(outcome.position, position) > 0) position = outcome.position;
    });
    if (superseded()) return { kind: 'superseded' };
  }
}

/** The user's groups and, while they are being erased, those in which they have pending requests. */
function look(
  client: UserSyncDependencies['client'],
  { app, id: userId }: Owned,
  { erase, completedAt }: Sync,
  after: Position,
): Promise<[UserGroups, readonly string[]]> {
  const asked = { app, userId, after };
  const withRequests = erase !== undefined && completedAt === undefined;
  return Promise.all([allUserGroups(client, asked), withRequests ? groupsWithRequests(client, asked) : []]);
}

/** Appends the completion; false when the stream has changed since it was read. */
async function complete(
  { store, onCompleted }: UserSyncDependencies,
  user: Owned,
  sync: Sync,
  cause: string,
  { position, skipped }: Reached,
): Promise<boolean> {
  const data: UserEventData['syncCompleted'] = { sync: sync.number, position, skipped };
  const { request, revision } = sync;
  const { version } = USER_EVENTS.syncCompleted;
  const completion = { type: 'syncCompleted', version, data, command: 'completeSync', app: user.app, cause };
  if (!(await appendCompletion(store, { ...completion, request, revision }))) return false;
  onCompleted(user);
  return true;
}

/** Drops the syncs before the completed one: nothing needs them any more, and their lists are large. */
async function truncate({ store }: UserSyncDependencies, stream: string, sync: Sync): Promise<void> {
  try {
    const oldest = await readOne(store, stream);
    if (oldest && oldest.revision < sync.number) await store.setTruncateBefore(stream, sync.number);
  } catch (error) {
    // An operator erased the user meanwhile.
    if (!(error instanceof StreamDeleted)) throw error;
  }
}

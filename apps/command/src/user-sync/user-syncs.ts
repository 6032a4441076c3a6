import { allUserGroups, type CohortClient } from '@cohort/client';
import {
  CohortError,
  eventId,
  GROUP_STREAM_PREFIX,
  USER_EVENTS,
  USER_STREAM_PREFIX,
  userStream,
  type EarlierSync,
  type SyncedGroup,
  type SyncRequestedMetadata,
  type SyncUserAnswer,
  type UserEventData,
} from '@cohort/contracts';
import { readOne, WrongExpectedRevision, type EventStore } from '@cohort/event-store';
import type { CommandRequest } from '../command-request';
import { eventMetadata } from '../event-metadata';
import { InFlight } from '../in-flight';
import { timeOfUuidV7 } from '../mailbox/command-memory';
import {
  commandExpired,
  commandIdReused,
  concurrencyConflict,
  deadlineExceeded,
  storeAway,
  toldOfStore,
} from '../refusals';
import { carriedOn, memoryOf, NO_MEMORY, type SyncMemory } from './earlier-syncs';

/** Other nodes' commands for the same user that come first: each time one of them is written. */
const MAX_CONFLICTS = 100;
/** Longest wait for the query app to say which groups the user is in, in milliseconds. */
const ASK_TIMEOUT_MS = 1_000;

type Request = CommandRequest<'syncUser'>;

/** What a user's stream says about his syncs. */
interface UserSyncState {
  /** Of the stream's last event; undefined when it has none. */
  readonly revision: number | undefined;
  /** The last sync, if it is completed: nothing is on its way. */
  readonly settled: { readonly sync: number; readonly skipped: readonly string[] } | undefined;
  /** Time of the last event. */
  readonly lastAt: number;
  readonly memory: SyncMemory;
}

interface Queue {
  size: number;
  last: Promise<unknown>;
  /** Whether an append may take long to settle, because the event store is away. */
  inDoubt: boolean;
}

/** Takes down, in the user's own stream, which groups he shall be in. A worker sees to it. */
export class UserSyncs {
  /** Of each user who has commands in flight: how many, and the last, which the next one waits for instead of losing to it. */
  private readonly queues = new Map<string, Queue>();

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'read' | 'head'>,
    private readonly client: Pick<CohortClient, 'query'>,
    private readonly now: () => number = Date.now,
    private readonly inFlight = new InFlight(),
  ) {}

  async execute(request: Request): Promise<SyncUserAnswer> {
    const stream = userStream(request.app.id, request.data.userId);
    const queue = this.queues.get(stream) ?? { size: 0, last: Promise.resolve(), inDoubt: false };
    if (queue.inDoubt) throw storeAway();
    const leave = this.inFlight.enter(request.app.id, 'user', queue.size);
    this.queues.set(stream, queue);
    queue.size += 1;
    const run = () => this.write(stream, request, queue);
    const answer = queue.last.then(run, run);
    queue.last = answer;
    try {
      return await answer;
    } finally {
      leave();
      queue.size -= 1;
      if (queue.size === 0) this.queues.delete(stream);
    }
  }

  private async write(stream: string, request: Request, queue: Queue): Promise<SyncUserAnswer> {
    if (request.data.actor.type === 'user') throw new CohortError('FORBIDDEN', 'Only a service may do this.');
    for (let conflicts = 0; ; conflicts++) {
      try {
        return await this.attempt(stream, request, queue);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw toldOfStore(error, request.commandId);
        if (conflicts === MAX_CONFLICTS) throw new CohortError('OVERLOADED', 'Too many syncs of this user at once.');
      }
    }
  }

  private async attempt(stream: string, request: Request, queue: Queue): Promise<SyncUserAnswer> {
    const { userId } = request.data;
    const state = await this.load(stream);
    const first = findFirst(state.memory, request);
    if (first) return { userId, sync: first.sync, revision: String(first.sync), position: first.position };

    if (this.now() > request.deadline) throw deadlineExceeded();
    const { expectedRevision } = request;
    if (expectedRevision !== undefined && expectedRevision !== state.revision) {
      throw concurrencyConflict("The user's stream", expectedRevision, state.revision);
    }
    return (await this.holdsAlready(request, state)) ?? (await this.append(stream, request, state, queue));
  }

  private async load(stream: string): Promise<UserSyncState> {
    const last = await readOne(this.store, stream, { backwards: true });
    if (!last) return { revision: undefined, settled: undefined, lastAt: 0, memory: NO_MEMORY };
    // The last event asks for the newest sync, or says that it is completed.
    const settled = last.type === 'syncCompleted' ? (last.data as UserEventData['syncCompleted']) : undefined;
    const request = settled ? await readOne(this.store, stream, { from: settled.sync }) : last;
    if (!request) throw new Error(`The request of a completed sync is gone from ${stream}`);
    return {
      revision: last.revision,
      settled,
      lastAt: Date.parse(String(last.metadata.at)),
      memory: memoryOf(request),
    };
  }

  /**
   * The answer when nothing has to be done: no sync is on its way, and the user is in the groups that are asked for. When
   * that can't be learned in time, the worker will find it out.
   */
  private async holdsAlready(request: Request, { settled, revision }: UserSyncState) {
    if (!settled) return undefined;
    const { app, data } = request;
    try {
      const position = await this.store.head([GROUP_STREAM_PREFIX, USER_STREAM_PREFIX]);
      const asked = { app: app.id, userId: data.userId, after: position };
      const actual = await allUserGroups(this.client, asked, { timeoutMs: ASK_TIMEOUT_MS });
      if (!equal(data.groups, settled.skipped, actual.groups)) return undefined;
      return { userId: data.userId, sync: settled.sync, revision: String(revision), position };
    } catch (error) {
      if (error instanceof CohortError) return undefined;
      throw error;
    }
  }

  private async append(stream: string, request: Request, state: UserSyncState, queue: Queue): Promise<SyncUserAnswer> {
    const { data, commandId } = request;
    const { userId, groups, capacity } = data;
    const at = Math.max(this.now(), state.lastAt);
    const requested: UserEventData['syncRequested'] = {
      groups: groups.map(({ groupId, name }) => ({ groupId, name })),
      ...(capacity === undefined ? {} : { capacity }),
    };
    const metadata: SyncRequestedMetadata = {
      ...eventMetadata(request, { at, schemaVersion: USER_EVENTS.syncRequested.version }),
      batch: { index: 0, size: 1 },
      ...carriedOn(state.memory, at),
    };
    const event = {
      id: eventId(stream, commandId, metadata.commandHash, 0),
      type: 'syncRequested',
      data: requested,
      metadata,
    };
    try {
      const onInDoubt = (): void => void (queue.inDoubt = true);
      const { revision, position } = await this.store.append(stream, [event], state.revision ?? 'none', onInDoubt);
      return { userId, sync: revision, revision: String(revision), position };
    } finally {
      queue.inDoubt = false;
    }
  }
}

/** The first carrying out of a repeated command. */
function findFirst({ earlier, forgottenUntil }: SyncMemory, request: Request): EarlierSync | undefined {
  const { commandId, commandHash } = request;
  const first = earlier.find((sync) => sync.commandId === commandId);
  if (first && first.commandHash !== commandHash) throw commandIdReused(commandId);
  const madeAt = timeOfUuidV7(commandId);
  if (!first && forgottenUntil !== undefined && madeAt !== undefined && madeAt <= Date.parse(forgottenUntil)) {
    throw commandExpired(commandId);
  }
  return first;
}

/** Whether a user who is in these groups (id to name) is where he shall be, but for the groups that can't be joined. */
function equal(
  groups: readonly SyncedGroup[],
  skipped: readonly string[],
  actual: ReadonlyMap<string, string>,
): boolean {
  const impossible = new Set(skipped);
  const possible = groups.filter(({ groupId }) => actual.has(groupId) || !impossible.has(groupId));
  return possible.length === actual.size && possible.every(({ groupId, name }) => actual.get(groupId) === name);
}

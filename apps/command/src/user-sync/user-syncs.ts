import { allUserGroups, type CohortClient } from '@cohort/client';
import {
  CohortError,
  eventId,
  GROUP_STREAM_PREFIX,
  USER_EVENT_VERSIONS,
  USER_STREAM_PREFIX,
  userStream,
  type EarlierSync,
  type SyncedGroup,
  type SyncRequestedMetadata,
  type SyncUserAnswer,
  type UserEventData,
} from '@cohort/contracts';
import {
  AppendTooLarge,
  OutcomeUnknown,
  StoreUnavailable,
  upcast,
  WrongExpectedRevision,
  type EventStore,
  type StoredEvent,
} from '@cohort/event-store';
import type { CommandRequest } from '../command-request';
import { timeOfUuidV7 } from '../mailbox/command-memory';
import { carriedOn, memoryOf, NO_MEMORY, type SyncMemory } from './earlier-syncs';

/** Commands for one user that meet: each time one of them is written. */
const MAX_CONFLICTS = 50;
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

/** Takes down, in the user's own stream, which groups he shall be in. A worker sees to it. */
export class UserSyncs {
  constructor(
    private readonly store: Pick<EventStore, 'append' | 'read' | 'head'>,
    private readonly client: Pick<CohortClient, 'query'>,
    private readonly now: () => number = Date.now,
  ) {}

  async execute(request: Request): Promise<SyncUserAnswer> {
    if (request.data.actor.type === 'user') throw new CohortError('FORBIDDEN', 'Only a service may do this.');
    const stream = userStream(request.app.id, request.data.userId);
    for (let conflicts = 0; ; conflicts++) {
      try {
        return await this.attempt(stream, request);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw explained(error, request);
        if (conflicts === MAX_CONFLICTS) throw new CohortError('OVERLOADED', 'Too many syncs of this user at once.');
      }
    }
  }

  private async attempt(stream: string, request: Request): Promise<SyncUserAnswer> {
    const { userId } = request.data;
    const state = await this.load(stream);
    const first = findFirst(state.memory, request);
    if (first) return { userId, sync: first.sync, revision: String(first.sync), position: first.position };

    if (this.now() > request.deadline) {
      throw new CohortError('DEADLINE_EXCEEDED', "The command's time was over before it was begun; nothing was done.");
    }
    checkExpected(request, state.revision);
    return (await this.holdsAlready(request, state)) ?? (await this.append(stream, request, state));
  }

  private async load(stream: string): Promise<UserSyncState> {
    let revision: number | undefined;
    let lastAt = 0;
    let request: StoredEvent | undefined;
    let completed: UserEventData['syncCompleted'] | undefined;
    // The completion of a sync follows its request at once: one of the last two events is the newest request.
    for await (const stored of this.store.read(stream, { backwards: true, limit: 2 })) {
      const event = upcast(stored);
      if (revision === undefined) {
        revision = event.revision;
        lastAt = Date.parse(String(event.metadata.at));
      }
      if (event.type === 'syncCompleted') completed ??= event.data as UserEventData['syncCompleted'];
      if (event.type === 'syncRequested') request ??= event;
    }
    const settled = completed !== undefined && completed.sync === request?.revision ? completed : undefined;
    return { revision, settled, lastAt, memory: request ? memoryOf(request) : NO_MEMORY };
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
      if (!equal(data.groups, settled.skipped, actual)) return undefined;
      return { userId: data.userId, sync: settled.sync, revision: String(revision), position };
    } catch (error) {
      if (error instanceof CohortError) return undefined;
      throw error;
    }
  }

  private async append(stream: string, request: Request, state: UserSyncState): Promise<SyncUserAnswer> {
    const { app, data, commandId, commandHash, traceparent } = request;
    const { userId, groups, capacity, actor } = data;
    const at = Math.max(this.now(), state.lastAt);
    const requested: UserEventData['syncRequested'] = {
      groups: groups.map(({ groupId, name }) => ({ groupId, name })),
      ...(capacity === undefined ? {} : { capacity }),
    };
    const metadata: SyncRequestedMetadata = {
      $correlationId: commandId,
      $causationId: commandId,
      app: app.id,
      actor,
      commandId,
      commandHash,
      at: new Date(at).toISOString(),
      schemaVersion: USER_EVENT_VERSIONS.syncRequested,
      batch: { index: 0, size: 1 },
      ...(traceparent === undefined ? {} : { traceparent }),
      ...carriedOn(state.memory, at),
    };
    const event = { id: eventId(stream, commandId, 0), type: 'syncRequested', data: requested, metadata };
    const { revision, position } = await this.store.append(stream, [event], state.revision ?? 'none');
    return { userId, sync: revision, revision: String(revision), position };
  }
}

/** The first carrying out of a repeated command. */
function findFirst({ earlier, forgottenUntil }: SyncMemory, request: Request): EarlierSync | undefined {
  const { commandId, commandHash } = request;
  const first = earlier.find((sync) => sync.commandId === commandId);
  if (first && first.commandHash !== commandHash) {
    const message = 'This commandId was used with another payload: make a new one.';
    throw new CohortError('COMMAND_ID_REUSED', message, { commandId });
  }
  const madeAt = timeOfUuidV7(commandId);
  if (!first && forgottenUntil !== undefined && madeAt !== undefined && madeAt <= Date.parse(forgottenUntil)) {
    const message = 'The command is older than is remembered: whether it was carried out is no longer known.';
    throw new CohortError('COMMAND_EXPIRED', message, { commandId });
  }
  return first;
}

function checkExpected({ expectedRevision }: Request, revision: number | undefined): void {
  if (expectedRevision === undefined || expectedRevision === revision) return;
  const actual = revision === undefined ? null : String(revision);
  const message = `The user's syncs are at revision ${actual ?? 'none'}, not at ${expectedRevision}.`;
  throw new CohortError('CONCURRENCY_CONFLICT', message, { expected: String(expectedRevision), actual });
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

function explained(error: unknown, { commandId }: Request): unknown {
  if (error instanceof AppendTooLarge) {
    const message = `The list takes ${error.bytes} bytes; one append holds ${error.limit}.`;
    return new CohortError('TOO_LARGE', message, { bytes: error.bytes, limit: error.limit });
  }
  if (error instanceof OutcomeUnknown) {
    const message = 'The event store did not say whether it wrote: send the same command id again.';
    return new CohortError('OUTCOME_UNKNOWN', message, { commandId });
  }
  if (error instanceof StoreUnavailable) {
    return new CohortError('UNAVAILABLE', 'The event store is away; nothing was done.');
  }
  return error;
}

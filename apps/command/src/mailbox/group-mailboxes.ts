import {
  CohortError,
  generatedGroupId,
  groupStream,
  isErrorBody,
  type EventMetadata,
  type GroupCommandAnswer,
  type GroupCommandName,
} from '@cohort/contracts';
import type { EventStore, EventStoreLog } from '@cohort/event-store';
import { LRUCache } from 'lru-cache';
import type { Circumstances, CommandRequest } from '../command-request';
import { InFlight } from '../in-flight';
import { commandIdReused } from '../refusals';
import { AliasAllocator } from './aliases';
import { GroupStore } from './group-store';
import { groupStreams, type GroupCommandInput, type GroupTypes } from './group-streams';
import { Mailboxes } from './mailboxes';
import { NewestPosition } from './newest-position';
import { NOBODY, type MailboxObserver } from './observer';
import { Snapshots } from './snapshots';
import { weighRecorded, type RecordedGroup } from './recorded-group';

/** Bytes of groups kept in memory, about. */
const CACHE_BYTES = 256 * 1024 * 1024;

/** What the mailboxes need of the event store. */
export type MailboxStore = Pick<EventStore, 'append' | 'read' | 'head' | 'setTruncateBefore'>;

export interface GroupMailboxesOptions {
  readonly store: MailboxStore;
  readonly inFlight?: InFlight;
  /** Bytes of groups kept in memory, about. Default 256 MiB. */
  readonly cacheBytes?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly log?: EventStoreLog;
  readonly observer?: MailboxObserver;
}

/** Most salts tried for a generated id: about one in 67 million groups takes the second. */
const MOST_SALTS = 16;

/**
 * Carries out commands on groups: one mailbox for each group that has any in flight, a cache of groups between them.
 */
export class GroupMailboxes {
  readonly #mailboxes: Mailboxes<GroupTypes>;
  readonly #store: MailboxStore;
  readonly #cache: LRUCache<string, RecordedGroup>;
  readonly #snapshots: Snapshots;

  constructor(options: GroupMailboxesOptions) {
    const { store, inFlight = new InFlight(), cacheBytes = CACHE_BYTES, observer = NOBODY } = options;
    const { now = Date.now, log } = options;
    this.#store = store;
    this.#snapshots = new Snapshots(store, log, observer);
    this.#cache = new LRUCache({
      maxSize: cacheBytes,
      // A group larger than the whole cache is kept alone: to read it for every command would be worse.
      sizeCalculation: (group) => Math.min(weighRecorded(group), cacheBytes),
    });
    const kind = groupStreams({
      groups: new GroupStore(store, this.#snapshots, observer),
      cache: this.#cache,
      aliases: new AliasAllocator(store),
      onAppended: (key, group) => this.#snapshots.consider(key, group),
    });
    this.#mailboxes = new Mailboxes(kind, { store, newest: new NewestPosition(store), now, observer }, inFlight);
  }

  /** Groups that have a command in flight. */
  get groupsInFlight(): number {
    return this.#mailboxes.size;
  }

  /** Groups kept in memory, and about how many bytes they take. */
  get cached(): { readonly groups: number; readonly bytes: number } {
    return { groups: this.#cache.size, bytes: this.#cache.calculatedSize };
  }

  /**
   * Carries out one command, once: sent again with the same `commandId` it gets its first answer, for 24 hours and the
   * group's last 1,000 commands (at most its last 250,000). A `create` may leave its group's id to be generated. Throws a
   * `CohortError`: what the domain refuses, and `OVERLOADED`, `DEADLINE_EXCEEDED`, `CONCURRENCY_CONFLICT`,
   * `COMMAND_ID_REUSED`, `COMMAND_EXPIRED`, `TOO_LARGE`, `UNAVAILABLE` (nothing was done) or `OUTCOME_UNKNOWN` (it may
   * have been).
   *
   * `COMMAND_EXPIRED` can be told for UUIDv7 command ids only: another id says no time, and once forgotten it can't be
   * told from a new one.
   */
  async execute(request: CommandRequest<GroupCommandName>): Promise<GroupCommandAnswer> {
    if (request.data.groupId === undefined) return this.#createWithoutId(request as CommandRequest<'create'>);
    return this.#post(request as GroupCommandInput);
  }

  /** When the snapshots that are being written are done; for an orderly stop, after the last command was answered. */
  settled(): Promise<void> {
    return this.#snapshots.settled();
  }

  #post(command: GroupCommandInput): Promise<GroupCommandAnswer> {
    return this.#mailboxes.post({ app: command.app.id, groupId: command.data.groupId }, command);
  }

  /**
   * The id is the first free one of a sequence that the command id determines, so that the same command finds the group
   * it made, even when the group has forgotten it.
   */
  async #createWithoutId(request: CommandRequest<'create'>): Promise<GroupCommandAnswer> {
    for (let salt = 0; salt < MOST_SALTS; salt++) {
      const groupId = generatedGroupId(request.app.id, request.commandId, salt);
      try {
        return await this.#post({ ...request, data: { ...request.data, groupId } });
      } catch (error) {
        if (!isErrorBody(error) || !TAKEN.has(error.code)) throw error;
        const first = await this.#madeBy(request, groupId);
        if (first) return first;
      }
    }
    throw new CohortError('INTERNAL', 'No free group id was found.');
  }

  /** The first answer of the command that made this group, if it was this one. */
  async #madeBy(
    { app, commandId, commandHash }: Circumstances,
    groupId: string,
  ): Promise<GroupCommandAnswer | undefined> {
    let answer: GroupCommandAnswer | undefined;
    for await (const event of this.#store.read(groupStream(app.id, groupId))) {
      const written = event.metadata as unknown as EventMetadata;
      const own = written.commandId === commandId;
      if (own && written.commandHash !== commandHash) throw commandIdReused(commandId);
      if (own) answer = { groupId, revision: String(event.revision), position: event.position };
      else if (answer) answer = { ...answer, position: event.position };
      // A command is seen with its neighbours of the same append, or not at all.
      if (written.batch.index === written.batch.size - 1) break;
    }
    return answer;
  }
}

const TAKEN: ReadonlySet<string> = new Set(['GROUP_EXISTS', 'GROUP_DISMISSED', 'COMMAND_EXPIRED']);

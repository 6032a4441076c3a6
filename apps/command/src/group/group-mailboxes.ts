import {
  CohortError,
  generatedGroupId,
  groupStream,
  isErrorBody,
  readStored,
  type EventMetadata,
  type GroupCommandAnswer,
  type GroupCommandName,
} from '@cohort/contracts';
import { UserKeys, type EventStore, type EventStoreLog } from '@cohort/event-store';
import { LRUCache } from 'lru-cache';
import type { Circumstances, CommandRequest } from '../command-request';
import { InFlight } from '../in-flight';
import { commandIdReused } from '../refusals';
import { AliasAllocator } from '../aliases';
import { JoinCodeSecrets } from './join-code-secrets';
import { GroupStore } from './group-store';
import { groupStreams, type GroupCommandInput, type GroupParts, type GroupTypes } from './group-streams';
import { GroupWatch, type WatchedFrom } from './group-watch';
import { Mailboxes } from '../mailbox/mailboxes';
import { NewestPosition } from '../mailbox/newest-position';
import { UNOBSERVED, type MailboxObserver } from '../mailbox/observer';
import { Snapshots } from './snapshots';
import { weighRecorded, type RecordedGroup } from './recorded-group';

/** Approximate bytes of groups kept in memory. */
const CACHE_BYTES = 256 * 1024 * 1024;

/** What the mailboxes need of the event store. */
export type MailboxStore = Pick<EventStore, 'append' | 'read' | 'head' | 'setTruncateBefore'>;

export interface GroupMailboxesOptions {
  readonly store: MailboxStore;
  readonly inFlight?: InFlight;
  /** Approximate bytes of groups kept in memory. Default 256 MiB. */
  readonly cacheBytes?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly log?: EventStoreLog;
  readonly observer?: MailboxObserver;
}

/** The most salts tried for a generated id. About one in 67 million groups takes the second. */
const MOST_SALTS = 16;

/** Carries out commands on groups: a mailbox for each group that has commands in flight, and a cache of groups. */
export class GroupMailboxes {
  readonly #mailboxes: Mailboxes<GroupTypes>;
  readonly #store: MailboxStore;
  readonly #cache: LRUCache<string, RecordedGroup>;
  readonly #snapshots: Snapshots;
  readonly #watch: GroupWatch;

  constructor(options: GroupMailboxesOptions) {
    const { store, inFlight = new InFlight(), cacheBytes = CACHE_BYTES, observer = UNOBSERVED } = options;
    const { now = Date.now, log } = options;
    this.#store = store;
    this.#snapshots = new Snapshots(store, log, observer);
    this.#cache = new LRUCache({
      maxSize: cacheBytes,
      // A group larger than the whole cache is kept alone: to read it for every command would be worse.
      sizeCalculation: (group) => Math.min(weighRecorded(group), cacheBytes),
    });
    this.#watch = new GroupWatch({ store, forget: (stream) => this.#cache.delete(stream), ...(log ? { log } : {}) });
    const kind = groupStreams({
      groups: new GroupStore(store, this.#snapshots, observer),
      cache: this.#watchedCache(),
      isLimited: (stream) => this.#watch.isLimited(stream),
      aliases: new AliasAllocator(store),
      joinCodes: new JoinCodeSecrets(new UserKeys(store)),
      onAppended: (key, group) => this.#snapshots.consider(key, group),
    });
    this.#mailboxes = new Mailboxes(kind, { store, newest: new NewestPosition(store), now, observer }, inFlight);
  }

  /** Groups that have a command in flight. */
  get groupsInFlight(): number {
    return this.#mailboxes.size;
  }

  /** Groups kept in memory, and their approximate bytes. */
  get cached(): { readonly groups: number; readonly bytes: number } {
    return { groups: this.#cache.size, bytes: this.#cache.calculatedSize };
  }

  /**
   * Carries out one command, once. A repeat with the same `commandId` gets the first answer, for 24 hours and the group's
   * last 1,000 commands (at most its last 250,000). A `create` may leave its group's id to be generated.
   *
   * Throws a `CohortError`: the domain's refusal, or `OVERLOADED`, `DEADLINE_EXCEEDED`, `CONCURRENCY_CONFLICT`,
   * `COMMAND_ID_REUSED`, `COMMAND_EXPIRED` (of UUIDv7 command ids only), `TOO_LARGE`, `DATA_ERASED`, `DATA_DAMAGED`,
   * `UNAVAILABLE` (nothing was done) or
   * `OUTCOME_UNKNOWN` (it may have been done).
   */
  async execute(request: CommandRequest<GroupCommandName>): Promise<GroupCommandAnswer> {
    if (request.data.groupId === undefined) return this.#createWithoutId(request as CommandRequest<'create'>);
    return this.#post(request as GroupCommandInput);
  }

  /**
   * Follows changes of streams' retention, from a position before the first command, so that no group stays in memory whose
   * events an operator hides or deletes.
   */
  follow(store: Pick<EventStore, 'follow'>, options: WatchedFrom): Promise<void> {
    return this.#watch.follow(store, options);
  }

  /** Resolves when the snapshots in progress are written; for an orderly stop, after the last command was answered. */
  settled(): Promise<void> {
    return this.#snapshots.settled();
  }

  #watchedCache(): GroupParts['cache'] {
    const cache = this.#cache;
    return {
      get: (stream) => cache.get(stream),
      set: (stream, group) => {
        if (this.#watch.isLimited(stream)) return;
        const before = cache.peek(stream)?.revision ?? group.revision;
        cache.set(stream, group);
        this.#watch.advanced(stream, before, group.revision);
      },
      delete: (stream) => cache.delete(stream),
    };
  }

  #post(command: GroupCommandInput): Promise<GroupCommandAnswer> {
    return this.#mailboxes.post({ app: command.app.id, groupId: command.data.groupId }, command);
  }

  /**
   * The id is the first free one of a sequence that the command id determines. So the same command finds the group it made,
   * even after the group forgot the command.
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

  /** The first answer of this command, if it made this group. */
  async #madeBy(
    { app, commandId, commandHash }: Circumstances,
    groupId: string,
  ): Promise<GroupCommandAnswer | undefined> {
    let answer: GroupCommandAnswer | undefined;
    for await (const event of this.#store.read(groupStream(app.id, groupId))) {
      const reading = readStored(event);
      if (reading.kind !== 'usable') break;
      const written = event.metadata as Partial<EventMetadata>;
      const own = written.commandId === commandId;
      if (own && written.commandHash !== commandHash) throw commandIdReused(commandId);
      if (own) answer = { groupId, revision: String(event.revision), position: event.position };
      else if (answer) answer = { ...answer, position: event.position };
      // The commands of one append become visible together.
      if (reading.place.index === reading.place.size - 1) break;
    }
    return answer;
  }
}

const TAKEN: ReadonlySet<string> = new Set(['GROUP_EXISTS', 'GROUP_DISMISSED', 'COMMAND_EXPIRED']);

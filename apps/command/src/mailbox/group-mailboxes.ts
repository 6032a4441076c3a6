import {
  CohortError,
  generatedGroupId,
  groupStream,
  isErrorBody,
  type AppSettings,
  type CommandData,
  type EventMetadata,
  type GroupCommand,
  type GroupCommandAnswer,
} from '@cohort/contracts';
import type { EventStore, EventStoreLog } from '@cohort/event-store';
import { LRUCache } from 'lru-cache';
import { AliasAllocator } from './aliases';
import type { CommandInput } from './decide-batch';
import { GroupMailbox, type MailboxParts } from './group-mailbox';
import { GroupStore } from './group-store';
import { shared } from './shared';
import { Snapshots } from './snapshots';
import { weighRecorded, type RecordedGroup } from './recorded-group';

/** A command for one group; `create` may leave its id to be generated. */
export interface ExecuteInput extends Omit<CommandInput, 'command'> {
  readonly command: GroupCommand | { readonly type: 'create'; readonly data: CommandData<'create'> };
}

export interface MailboxLimits {
  /** Commands in flight in this process. Default 10,000. */
  readonly inFlight: number;
  /** Commands in flight for one app. Default 5,000. */
  readonly inFlightPerApp: number;
  /** Commands in flight for one group. Default 2,000. */
  readonly inFlightPerGroup: number;
  /** Bytes of groups kept in memory, about. Default 256 MiB. */
  readonly cacheBytes: number;
}

export const DEFAULT_LIMITS: MailboxLimits = {
  inFlight: 10_000,
  inFlightPerApp: 5_000,
  inFlightPerGroup: 2_000,
  cacheBytes: 256 * 1024 * 1024,
};

/** What the mailboxes need of the event store. */
export type MailboxStore = Pick<EventStore, 'append' | 'read' | 'head' | 'setTruncateBefore'>;

export interface GroupMailboxesOptions {
  readonly store: MailboxStore;
  readonly limits?: Partial<MailboxLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly log?: EventStoreLog;
}

/** Most salts tried for a generated id: about one in 67 million groups takes the second. */
const MOST_SALTS = 16;

/**
 * Carries out commands on groups: one mailbox for each group that has any in flight, a cache of groups between them.
 */
export class GroupMailboxes {
  readonly #mailboxes = new Map<string, GroupMailbox>();
  readonly #inFlightOf = new Map<string, number>();
  readonly #store: MailboxStore;
  readonly #limits: MailboxLimits;
  readonly #snapshots: Snapshots;
  readonly #parts: MailboxParts;
  #inFlight = 0;

  constructor({ store, limits = {}, now = Date.now, log }: GroupMailboxesOptions) {
    this.#store = store;
    this.#snapshots = new Snapshots(store, log);
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#parts = {
      store,
      groups: new GroupStore(store, this.#snapshots),
      cache: new LRUCache<string, RecordedGroup>({
        maxSize: this.#limits.cacheBytes,
        // A group larger than the whole cache is kept alone: to read it for every command would be worse.
        sizeCalculation: (group) => Math.min(weighRecorded(group), this.#limits.cacheBytes),
      }),
      aliases: new AliasAllocator(store),
      horizon: shared(() => store.head()),
      now,
      onWritten: (key, group) => this.#snapshots.consider(key, group),
    };
  }

  /** Commands that are waiting or being carried out. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Groups that have a command in flight. */
  get groupsInFlight(): number {
    return this.#mailboxes.size;
  }

  /**
   * Carries out one command, once: sent again with the same `commandId` it gets its first answer, for 24 hours and the
   * group's last 1,000 commands (at most its last 250,000). Throws a `CohortError`: what the domain refuses, and `OVERLOADED`, `DEADLINE_EXCEEDED`,
   * `CONCURRENCY_CONFLICT`, `COMMAND_ID_REUSED`, `COMMAND_EXPIRED`, `TOO_LARGE`, `UNAVAILABLE` (nothing was done) or
   * `OUTCOME_UNKNOWN` (it may have been).
   *
   * `COMMAND_EXPIRED` can be told for UUIDv7 command ids only: another id says no time, and once forgotten it can't be
   * told from a new one.
   */
  async execute(input: ExecuteInput): Promise<GroupCommandAnswer> {
    const { command } = input;
    if (command.data.groupId === undefined) return this.#createWithoutId(input, command.data as CommandData<'create'>);
    return this.#post({ ...input, command: command as GroupCommand });
  }

  /** When the snapshots that are being written are done; for an orderly stop, after the last command was answered. */
  settled(): Promise<void> {
    return this.#snapshots.settled();
  }

  async #post(input: CommandInput): Promise<GroupCommandAnswer> {
    const { app, command } = input;
    const { groupId } = command.data;
    const stream = groupStream(app.id, groupId);
    const leave = this.#enter(app, this.#mailboxes.get(stream)?.size ?? 0);
    try {
      let mailbox = this.#mailboxes.get(stream);
      if (!mailbox) {
        mailbox = new GroupMailbox({ app: app.id, groupId }, this.#parts, () => this.#mailboxes.delete(stream));
        this.#mailboxes.set(stream, mailbox);
      }
      return await mailbox.post(input);
    } finally {
      leave();
    }
  }

  /** Counts a command in, or refuses it; the function that comes back counts it out. */
  #enter({ id }: AppSettings, inMailbox: number): () => void {
    const ofApp = this.#inFlightOf.get(id) ?? 0;
    const { inFlight, inFlightPerApp, inFlightPerGroup } = this.#limits;
    if (this.#inFlight >= inFlight) throw overloaded('this node', inFlight);
    if (ofApp >= inFlightPerApp) throw overloaded('the app', inFlightPerApp);
    if (inMailbox >= inFlightPerGroup) throw overloaded('the group', inFlightPerGroup);
    this.#inFlight += 1;
    this.#inFlightOf.set(id, ofApp + 1);
    return () => {
      this.#inFlight -= 1;
      const left = this.#inFlightOf.get(id)! - 1;
      if (left === 0) this.#inFlightOf.delete(id);
      else this.#inFlightOf.set(id, left);
    };
  }

  /**
   * The id is the first free one of a sequence that the command id determines, so that the same command finds the group
   * it made, even when the group has forgotten it.
   */
  async #createWithoutId(input: ExecuteInput, data: CommandData<'create'>): Promise<GroupCommandAnswer> {
    for (let salt = 0; salt < MOST_SALTS; salt++) {
      const groupId = generatedGroupId(input.app.id, input.commandId, salt);
      try {
        return await this.#post({ ...input, command: { type: 'create', data: { ...data, groupId } } });
      } catch (error) {
        if (!isErrorBody(error) || !TAKEN.has(error.code)) throw error;
        const first = await this.#madeBy(input, groupId);
        if (first) return first;
      }
    }
    throw new CohortError('INTERNAL', 'No free group id was found.');
  }

  /** The first answer of the command that made this group, if it was this one. */
  async #madeBy(
    { app, commandId, commandHash }: ExecuteInput,
    groupId: string,
  ): Promise<GroupCommandAnswer | undefined> {
    let answer: GroupCommandAnswer | undefined;
    for await (const event of this.#store.read(groupStream(app.id, groupId))) {
      const written = event.metadata as unknown as EventMetadata;
      const own = written.commandId === commandId;
      if (own && written.commandHash !== commandHash) {
        throw new CohortError('COMMAND_ID_REUSED', 'This commandId was used with another payload: make a new one.');
      }
      if (own) answer = { groupId, revision: String(event.revision), position: event.position };
      else if (answer) answer = { ...answer, position: event.position };
      // A command is seen with its neighbours of the same append, or not at all.
      if (written.batch.index === written.batch.size - 1) break;
    }
    return answer;
  }
}

const TAKEN: ReadonlySet<string> = new Set(['GROUP_EXISTS', 'GROUP_DISMISSED', 'COMMAND_EXPIRED']);

const overloaded = (what: string, limit: number): CohortError =>
  new CohortError('OVERLOADED', `Too many commands are in flight for ${what} (${limit}); try again later.`, { limit });

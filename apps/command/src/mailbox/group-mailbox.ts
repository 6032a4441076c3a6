import { setTimeout as sleep } from 'node:timers/promises';
import { CohortError, comparePositions, groupStream, type GroupCommandAnswer, type Position } from '@cohort/contracts';
import { OutcomeUnknown, WrongExpectedRevision, type EventStore } from '@cohort/event-store';
import { outcomeUnknown, storeAway, toldOfStore } from '../refusals';
import { decideBatch, ownNumber, type Batch, type CommandInput, type Decided, type Queued } from './decide-batch';
import type { GroupKey } from './group-key';
import type { GroupStore } from './group-store';
import type { NewestPosition } from './newest-position';
import type { MailboxObserver } from './observer';
import { unwritten, type RecordedGroup } from './recorded-group';

/** How often a batch is decided again because another node wrote first. */
const MOST_CONFLICTS = 100;
const LONGEST_JITTER_MS = 20;

/** What a mailbox needs of its surroundings. */
export interface MailboxParts {
  readonly store: Pick<EventStore, 'append'>;
  readonly groups: Pick<GroupStore, 'catchUp'>;
  readonly cache: {
    get(stream: string): RecordedGroup | undefined;
    set(stream: string, group: RecordedGroup): unknown;
    delete(stream: string): unknown;
  };
  readonly aliases: { take(app: string): Promise<string> };
  readonly newest: Pick<NewestPosition, 'get' | 'saw'>;
  now(): number;
  readonly observer: MailboxObserver;
  /** Called after the replies to a batch that wrote events. */
  onWritten(key: GroupKey, group: RecordedGroup): void;
}

interface Letter extends Queued {
  resolve(this: void, answer: GroupCommandAnswer): void;
  reject(this: void, error: Error): void;
}

/**
 * One group's commands, in the order they came. While an append is in flight the next ones gather; then all that wait
 * are decided in order and appended at once. No two mailboxes of a process are for the same group.
 */
export class GroupMailbox {
  readonly #waiting: Letter[] = [];
  readonly #stream: string;
  #alias: string | undefined;
  #running = false;
  /** Whether the append in flight may take long to settle, because the event store is away. */
  #inDoubt = false;

  constructor(
    private readonly key: GroupKey,
    private readonly parts: MailboxParts,
    private readonly onIdle: () => void,
  ) {
    this.#stream = groupStream(key.app, key.groupId);
  }

  /** Commands that are waiting or being decided. */
  get size(): number {
    return this.#waiting.length;
  }

  post(input: CommandInput): Promise<GroupCommandAnswer> {
    if (this.#inDoubt) return Promise.reject(storeAway());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      try {
        await this.#settleBatch();
      } catch (error) {
        // Nothing was done, and what comes after would meet the same: tell all who wait, at once.
        for (const { input, reject } of this.#waiting.splice(0)) reject(toldOfStore(error, input.commandId));
      }
    }
    this.#running = false;
    this.onIdle();
  }

  /** Decides and appends until one batch is settled. Throws when nothing was done. */
  async #settleBatch(): Promise<void> {
    const { cache, groups, store, newest, observer } = this.parts;
    const known = cache.get(this.#stream);
    const cached = known?.stored.differs ? undefined : known;
    // A group that may be to be made is not looked for first: if there is one, the append says so.
    const first = this.#waiting[0];
    const isRead = !cached && !(first && makesGroups(first.input));
    let group = cached ?? unwritten();
    let inTime: number | undefined;
    const catchUp = async (): Promise<void> => {
      // Who comes while it is read may know already of what it doesn't show: he waits for the next batch.
      inTime = this.#waiting.length;
      group = await groups.catchUp(this.key, group);
    };
    if (cached || isRead) observer.onCache(cached ? 'hit' : 'miss');
    if (isRead) await catchUp();
    for (let conflicts = 0; ;) {
      const number = await this.#numberFor(group);
      const batch = decideBatch(this.#stream, group, this.#waiting.slice(0, inTime), number, this.parts.now());
      const willWrite = batch.events.length > 0;
      // Another node may have changed the group, so a refusal or no-effect needs a read. A successful append proves nothing:
      // the store also accepts a repeat of what that node wrote.
      if (batch.tellsState && inTime === undefined) {
        await catchUp();
        continue;
      }
      if (!willWrite) {
        if (group.revision >= 0) cache.set(this.#stream, group);
        observer.onBatch(batch.decided.length, 0);
        this.#answer(batch, group.position, group.position);
        return;
      }
      const expected = group.revision < 0 ? 'none' : group.revision;
      try {
        const seen = await newest.get();
        const appended = await store.append(this.#stream, batch.events, expected, () => this.#giveUpAllBehind(batch));
        if (comparePositions(appended.position, seen) > 0) {
          newest.saw(appended.position);
          const written = afterAppend(group, batch, appended.position);
          cache.set(this.#stream, written);
          observer.onBatch(batch.decided.length, batch.events.length);
          this.#answer(batch, group.position, appended.position);
          this.parts.onWritten(this.key, written);
          return;
        }
        // A repeat: these commands were carried out before.
      } catch (error) {
        if (error instanceof OutcomeUnknown) {
          cache.delete(this.#stream);
          observer.onBatch(batch.decided.length, 0);
          this.#answerInDoubt(batch, group.position);
          return;
        }
        if (!(error instanceof WrongExpectedRevision)) throw error;
      } finally {
        this.#inDoubt = false;
      }
      conflicts += 1;
      if (conflicts > MOST_CONFLICTS) {
        throw new CohortError('OVERLOADED', 'Other nodes keep changing this group; nothing was done, try again later.');
      }
      if (conflicts > 1) await sleep(Math.random() * Math.min(LONGEST_JITTER_MS, conflicts));
      await catchUp();
    }
  }

  /** Tells all but those of the batch in doubt, and who comes until it is settled, that they needn't wait. */
  #giveUpAllBehind({ decided }: Batch<Letter>): void {
    this.#inDoubt = true;
    for (const { reject } of this.#waiting.splice(decided.length)) reject(storeAway());
  }

  /** The number the group gets if a waiting command makes it. */
  async #numberFor(group: RecordedGroup): Promise<string> {
    const own = ownNumber(this.key.groupId);
    if (own !== undefined) return own;
    const mayBeMade = group.revision < 0 && this.#waiting.some(({ input }) => makesGroups(input));
    if (mayBeMade) this.#alias ??= await this.parts.aliases.take(this.key.app);
    return this.#alias ?? '';
  }

  #answer({ decided }: Batch<Letter>, before: Position, after: Position): void {
    this.#waiting.splice(0, decided.length);
    for (const one of decided) this.#reply(one, one.onBatch ? after : before);
  }

  /** Tells those their verdict who don't depend on the append, and the others that its outcome is unknown. */
  #answerInDoubt({ decided }: Batch<Letter>, before: Position): void {
    this.#waiting.splice(0, decided.length);
    for (const one of decided) {
      if (one.onBatch) one.queued.reject(outcomeUnknown(one.queued.input.commandId));
      else this.#reply(one, before);
    }
  }

  #reply({ queued, verdict }: Decided<Letter>, position: Position): void {
    const { groupId } = this.key;
    switch (verdict.type) {
      case 'refused':
        queued.reject(verdict.error);
        return;
      case 'accepted':
        queued.resolve(answer(groupId, verdict.revision, position, verdict.results));
        return;
      case 'repeated':
        queued.resolve(answer(groupId, verdict.first.revision, verdict.first.position, verdict.results));
    }
  }
}

const answer = (
  groupId: string,
  revision: number,
  position: Position,
  results: GroupCommandAnswer['results'],
): GroupCommandAnswer => ({ groupId, revision: String(revision), position, ...(results ? { results } : {}) });

function afterAppend(
  group: RecordedGroup,
  { written, events, bytes, state, lastAt }: Batch,
  position: Position,
): RecordedGroup {
  const { memory, gauge, stored } = group;
  for (const { commandId, ...command } of written) memory.remember(commandId, { ...command, position });
  gauge.add(events.length, bytes);
  const eventId = events.at(-1)?.id ?? group.eventId;
  return { state, revision: group.revision + events.length, eventId, position, lastAt, memory, gauge, stored };
}

const makesGroups = ({ type }: CommandInput): boolean => type === 'create' || type === 'createOrJoin';

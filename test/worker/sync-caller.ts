import {
  GROUP_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  userStream,
  type CommandData,
  type GroupCommandAnswer,
  type GroupView,
  type Position,
  type SyncUserAnswer,
  type SyncedGroup,
  type UserEventData,
} from '@cohort/contracts';
import { service } from '@cohort/contracts/testing';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { TenantClient, type CommandFields } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

export const named = (...groupIds: string[]): SyncedGroup[] =>
  groupIds.map((groupId) => ({ groupId, name: `of ${groupId}` }));

/** Groups as `id: name`, sorted. */
export const listed = (groups: readonly SyncedGroup[]): string[] =>
  groups.map(({ groupId, name }) => `${groupId}: ${name}`).sort();

/** A caller that syncs users of one tenant, and reads what comes of it in the log. */
export class SyncCaller {
  private constructor(
    readonly tenant: TenantClient,
    readonly store: EventStore,
  ) {}

  static async connect(natsUrl: string, eventStoreUrl: string, app: string): Promise<SyncCaller> {
    const store = await connectEventStore({ url: eventStoreUrl });
    return new SyncCaller(await TenantClient.connect(natsUrl, app), store);
  }

  async close(): Promise<void> {
    await this.tenant.close();
    await this.store.close();
  }

  request(userId: string, groups: readonly SyncedGroup[], over: Partial<CommandData<'syncUser'>> = {}) {
    const data = { app: this.tenant.app, actor: service, userId, groups: [...groups], ...over };
    return this.tenant.client.command('syncUser', data, { timeoutMs: 30_000 });
  }

  /** Waits for the end of a sync. Returns a position from which every node has its effects. */
  async completed({ userId, sync, position: after }: SyncUserAnswer): Promise<Position> {
    const asked = { userId, sync, after, waitMs: 1_000 };
    let position = after;
    const isDone = async () => {
      const answer = await this.tenant.query('userSync', asked);
      ({ position } = answer);
      return answer.completed;
    };
    await waitFor(isDone, { withinMs: 80_000 });
    return position;
  }

  async sync(userId: string, groups: readonly SyncedGroup[], over: Partial<CommandData<'syncUser'>> = {}) {
    const answer = await this.request(userId, groups, over);
    await this.completed(answer);
    return answer;
  }

  create(groupId: string, owner: string, over: Partial<CommandFields<'create'>> = {}): Promise<GroupCommandAnswer> {
    return this.tenant.run('create', { groupId, name: `of ${groupId}`, owner, ...over });
  }

  private head() {
    return this.store.head([GROUP_STREAM_PREFIX, USER_STREAM_PREFIX]);
  }

  /** The user's current groups as `id: name`, sorted. */
  async groupsOf(userId: string): Promise<string[]> {
    const after = await this.head();
    const groups: SyncedGroup[] = [];
    let cursor: string | undefined;
    do {
      const asked = { userId, after, limit: 1_000, ...(cursor ? { cursor } : {}) };
      const page = await this.tenant.query('userGroups', asked);
      groups.push(...page.groups);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return listed(groups);
  }

  async members(groupId: string): Promise<string[]> {
    const { members } = await this.tenant.query('members', { groupId, after: await this.head() });
    return members.map(({ userId }) => userId);
  }

  async group(groupId: string): Promise<GroupView> {
    return this.tenant.query('group', { groupId, after: await this.head() });
  }

  async eventsOf(stream: string): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const event of this.store.read(stream)) events.push(event);
    return events;
  }

  async typesOf(stream: string): Promise<string[]> {
    return (await this.eventsOf(stream)).map(({ type }) => type);
  }

  async completionsOf(userId: string): Promise<UserEventData['syncCompleted'][]> {
    return (await this.eventsOf(userStream(this.tenant.app, userId)))
      .filter(({ type }) => type === 'syncCompleted')
      .map(({ data }) => data as UserEventData['syncCompleted']);
  }
}

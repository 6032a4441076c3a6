import {
  GROUP_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  userStream,
  type CommandData,
  type GroupCommandAnswer,
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

  completed({ userId, sync, position: after }: SyncUserAnswer): Promise<void> {
    const asked = { userId, sync, after, waitMs: 1_000 };
    return waitFor(async () => (await this.tenant.query('userSync', asked)).completed, { withinMs: 80_000 });
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

import type { QueryData } from '@cohort/contracts';
import { since, type Recorder } from './recorder';
import { APPS, type Answer, type App } from './service';

/** Lists of which the first page was read, to be continued later. */
export interface OpenLists {
  readonly members: readonly { readonly data: QueryData<'members'>; readonly answer: Answer }[];
  readonly userGroups: readonly { readonly data: QueryData<'userGroups'>; readonly answer: Answer }[];
  readonly appGroups: readonly { readonly data: QueryData<'appGroups'>; readonly answer: Answer }[];
}

const demo = { app: 'demo' } as const;

/** Reads first pages. Their answers aren't recorded, because they describe the present state. */
export async function openLists({ service }: Recorder): Promise<OpenLists> {
  const members = [
    { ...demo, groupId: 'large', limit: 300 },
    { ...demo, groupId: 'large', role: 'member', limit: 500 },
    { ...demo, groupId: 'busy', limit: 100 },
    { ...demo, groupId: 'sales', limit: 2 },
  ] as const;
  const userGroups = ['ann', 'bob', 'syd', 'dan'].map((userId) => ({ ...demo, userId, limit: 4 }));
  const appGroups = [{ ...demo, limit: 6 }];
  const opened = <Q>(data: Q, answer: Answer) => ({ data, answer });
  return {
    members: await Promise.all(members.map(async (data) => opened(data, await service.query('members', data)))),
    userGroups: await Promise.all(
      userGroups.map(async (data) => opened(data, await service.query('userGroups', data))),
    ),
    appGroups: await Promise.all(appGroups.map(async (data) => opened(data, await service.query('appGroups', data)))),
  };
}

/** Reads them to their ends, by cursor and, if a list has a basis, by its changes since. */
export async function closeLists(on: Recorder, { members, userGroups, appGroups }: OpenLists): Promise<void> {
  for (const { data, answer } of appGroups) await on.askAll('appGroups', data, answer);
  for (const { data, answer } of members) {
    await on.askAll('members', data, answer);
    if (data.role === undefined) await on.askAll('members', since(data, answer));
  }
  for (const { data, answer } of userGroups) {
    await on.askAll('userGroups', data, answer);
    await on.askAll('userGroups', since(data, answer));
  }
}

/** Asks everything else, of every group and of every user that is named in some of them. */
export async function readRest(on: Recorder): Promise<void> {
  for (const { id: app } of APPS) {
    await on.ask('status', { app });
    const groupIds = await groupIdsOf(on, app);
    for (let from = 0; from < groupIds.length; from += 20) {
      await on.ask('groups', { app, groupIds: [...groupIds.slice(from, from + 20), 'never made'] });
    }
    const users = new Set<string>();
    for (const groupId of groupIds) {
      await on.ask('group', { app, groupId });
      await on.askAll('events', { app, groupId, limit: 400 });
      const first = await on.ask('members', { app, groupId, limit: 1_000 });
      for (const { userId } of ((first.members ?? []) as { userId: string }[]).slice(0, 8)) users.add(userId);
      await on.askAll('members', { app, groupId, limit: 1_000 }, first);
      for (const role of ['owner', 'admin', 'member'] as const)
        await on.ask('members', { app, groupId, role, limit: 3 });
      await changes(on, app, groupId, first);
    }
    for (const userId of [...users, 'sam', 'syd', 'rob', 'sue', 'eve', 'nobody'])
      await ofUser(on, app, userId, groupIds);
  }
  for (const groupId of ['r1', 'r2', 'r3', 'sales', 'never made']) await on.read('/group/user/query.json', { groupId });
  for (const userId of ['ann', 'rob', 'syd', 'nobody']) await on.read('/user/group/query.json', { userId });
}

/** All changes of a group's members since its beginning, its middle and now. */
async function changes(on: Recorder, app: App, groupId: string, { revision, basis }: Answer): Promise<void> {
  if (revision === undefined) return;
  for (const from of new Set([0, Math.floor(Number(revision) / 2), Number(revision)])) {
    await on.askAll('members', since({ app, groupId, limit: 100 }, { revision: String(from), basis }));
  }
}

async function ofUser(on: Recorder, app: App, userId: string, groupIds: readonly string[]): Promise<void> {
  await on.ask('joinedCount', { app, userId });
  await on.askAll('userGroups', { app, userId, limit: 5 });
  await on.ask('userGroups', { app, userId, limit: 3, page: 1 });
  const { position, basis } = await on.ask('userGroups', { app, userId, limit: 1_000 });
  for (const from of ['0', String(Math.floor(Number(position) / 2))]) {
    await on.askAll('userGroups', since({ app, userId, limit: 10 }, { position: from, basis }));
  }
  for (const sync of [0, 3]) await on.ask('userSync', { app, userId, sync });
  for (const groupId of groupIds.slice(0, 12)) {
    await on.ask('isMember', { app, groupId, userId });
    await on.ask('member', { app, groupId, userId });
  }
}

/** The app's live groups, and those that are over. */
async function groupIdsOf(on: Recorder, app: App): Promise<string[]> {
  const { groups } = await on.ask('appGroups', { app, limit: 1_000 });
  const live = (groups as { groupId: string }[]).map(({ groupId }) => groupId);
  await on.askAll('appGroups', { app, limit: 10 });
  return [...live, 'closed', 'left'];
}

import { groupStream, userKeyStream, type EventView } from '@cohort/contracts';
import { user } from '@cohort/contracts/testing';
import { connectEventStore, UserKeys, type EventStore } from '@cohort/event-store';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { fresh, onBothNodes, TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

let tenant: TenantClient;
let store: EventStore;
let groupId: string;

beforeAll(async () => {
  const { natsUrl, eventStoreUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
  store = await connectEventStore({ url: eventStoreUrl });
}, FIRST_START_MS);
afterAll(async () => {
  await store?.close();
  await tenant?.close();
});
beforeEach(async () => {
  groupId = await tenant.newGroup({ members: ['m', 'n'] });
});

/** The stored data of a group's events. */
async function storedData(): Promise<string> {
  const all: unknown[] = [];
  for await (const { data, metadata } of store.read(groupStream(tenant.app, groupId))) all.push(data, metadata);
  return JSON.stringify(all);
}
const rename = (displayName: string, commandId?: string) =>
  tenant.run('setDisplayName', {
    ...{ groupId, userId: 'm', displayName, actor: user('m') },
    ...(commandId === undefined ? {} : { commandId }),
  });
const nameOf = async (after: string) => (await tenant.query('member', { groupId, userId: 'm', after })).displayName;

test('a display name is sealed in the event store, and plain in answers, in the query events and in the feed', async () => {
  const name = `小明 ${fresh('n')}`;
  const fed: EventView[] = [];
  const unlisten = tenant.client.onGroupEvent(
    { app: tenant.app, groupId },
    { event: (event) => void fed.push(event), gap: () => undefined },
  );
  const { position: after } = await rename(name);
  const stored = await storedData();
  expect(stored).not.toContain(name);
  expect(stored).toContain(`"keyId":"${tenant.app}/m#1"`);
  expect(new Set(await onBothNodes(() => nameOf(after)))).toEqual(new Set([name]));
  const [event] = await tenant.eventsOf(groupId, '2');
  expect(event).toMatchObject({ type: 'displayNameChanged', data: { userId: 'm', displayName: name } });
  const inFeed = () => fed.find(({ type }) => type === 'displayNameChanged');
  await waitFor(() => inFeed() !== undefined);
  expect(inFeed()).toEqual(event);
  unlisten();
});

test('a repeated command gets the first answer, the same name again changes nothing, and both write nothing', async () => {
  const commandId = fresh('c');
  const first = await rename('Ann', commandId);
  expect(new Set((await onBothNodes(() => rename('Ann', commandId))).map(({ revision }) => revision))).toEqual(
    new Set([first.revision]),
  );
  expect((await rename('Ann')).revision).toBe(first.revision);
  await expect(rename('Bob', commandId)).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
});

test('many first texts of a user at the same time share one key', async () => {
  const userId = fresh('u');
  const { position: after } = await tenant.run('addMembers', { groupId, userIds: [userId] });
  await onBothNodes(() => tenant.run('setDisplayName', { groupId, userId, displayName: fresh('n') }));
  const revisions: number[] = [];
  for await (const { revision } of store.read(userKeyStream(tenant.app, userId))) revisions.push(revision);
  expect(revisions).toEqual([0]);
  expect(await tenant.query('isMember', { groupId, userId, after })).toMatchObject({ isMember: true });
});

test('without its key, a name is empty on every node, in the query events, and for good', async () => {
  const { position } = await rename('Ann');
  expect(await nameOf(position)).toBe('Ann');
  await new UserKeys(store).erase(tenant.app, 'm');
  const after = await store.head(['userKey-', '$$userKey-']);
  expect(new Set(await onBothNodes(() => nameOf(after)))).toEqual(new Set([undefined]));
  expect((await tenant.eventsOf(groupId, '2')).map(({ data }) => data)).toEqual([{ userId: 'm', displayName: '' }]);
  const again = await rename('Ann');
  expect(await nameOf(again.position)).toBe('Ann');
});

test('modes and data are set and read, and decide what reaches a member', async () => {
  await tenant.run('setMuteMode', { groupId, userId: 'm', mode: 1, actor: user('m') });
  await tenant.run('setPushMode', { groupId, userId: 'm', mode: 4, actor: user('m') });
  const set = [
    { key: 'nick', text: 'Em' },
    { key: '__proto__', text: 'x' },
  ];
  const { position: after } = await tenant.run('setMemberExtra', { groupId, userId: 'm', set, actor: user('o') });
  expect(await storedData()).not.toContain('Em');
  const extra = JSON.parse('{"__proto__":"x","nick":"Em"}') as Record<string, string>;
  const joinedAt = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  expect(await tenant.query('memberProfiles', { groupId, userIds: ['m', 'n', 'x'], after })).toEqual({
    profiles: [
      {
        userId: 'm',
        joinedAt,
        displayName: '',
        muteMode: 1,
        pushMode: 4,
        extra,
      },
      { userId: 'n', joinedAt, displayName: '', muteMode: 0, pushMode: 0, extra: {} },
    ],
    missing: ['x'],
  });
  const ask = { groupId, userId: 'm', after };
  expect(await tenant.query('deliveryFor', ask)).toEqual({ receive: true, notify: false, push: false });
  expect(await tenant.query('deliveryFor', { ...ask, mentioned: true })).toMatchObject({ push: true });
  const { joinedAt: since } = await tenant.query('member', ask);
  expect(await tenant.query('canReadSince', ask)).toEqual({ canRead: true, since });
});

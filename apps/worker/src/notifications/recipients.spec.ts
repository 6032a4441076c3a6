import type { Actor, GroupEvent } from '@cohort/contracts';
import { notificationsOf, type FeedEvent } from './recipients';

const ann: Actor = { type: 'user', id: 'ann' };
const service: Actor = { type: 'service' };

async function told(event: GroupEvent | { type: string; data: unknown }, actor: Actor, owner?: string) {
  const feedEvent: FeedEvent = {
    id: 'e1',
    app: 'demo',
    groupId: 'g',
    type: event.type,
    data: event.data,
    actor,
    at: '2026-01-01T00:00:00.000Z',
    commandId: 'c1',
    revision: '3',
    position: '30',
    store: 's1',
  };
  const notifications = await notificationsOf(feedEvent, () => Promise.resolve(owner));
  return notifications.map(({ userId, kind }) => `${userId} ${kind}`);
}
const members = (...ids: string[]) => ids.map((userId) => ({ userId }));

test.each<[string, GroupEvent | { type: string; data: unknown }, Actor, string[]]>([
  [
    'a group made for its owner tells him',
    { type: 'created', data: { name: '', owner: 'ann', numericId: '1', capacity: 9, memberCount: 1 } },
    service,
    ['ann added'],
  ],
  [
    'a group made by its owner tells nobody',
    { type: 'created', data: { name: '', owner: 'ann', numericId: '1', capacity: 9, memberCount: 1 } },
    ann,
    [],
  ],
  [
    'a group made by a sync tells nobody',
    { type: 'created', data: { name: '', owner: 'ann', numericId: '1', capacity: 9, memberCount: 1, sync: 0 } },
    service,
    [],
  ],
  [
    'who is added is told, who adds is not',
    { type: 'memberJoined', data: { members: members('ann', 'bob', 'cid'), via: 'add', memberCount: 3 } },
    ann,
    ['bob added', 'cid added'],
  ],
  [
    'first members are told',
    { type: 'memberJoined', data: { members: members('bob'), via: 'create', memberCount: 2 } },
    service,
    ['bob added'],
  ],
  [
    'who joins by himself is not told',
    { type: 'memberJoined', data: { members: members('bob'), via: 'join', memberCount: 2 } },
    service,
    [],
  ],
  [
    'nor is he whose sync joins him',
    { type: 'memberJoined', data: { members: members('bob'), via: 'sync', memberCount: 2, sync: 1 } },
    service,
    [],
  ],
  [
    'who leaves is not told, and the others neither',
    { type: 'memberLeft', data: { members: members('bob'), memberCount: 1 } },
    service,
    [],
  ],
  [
    'who is kicked is told',
    { type: 'memberKicked', data: { members: members('bob'), memberCount: 1 } },
    ann,
    ['bob kicked'],
  ],
  [
    'a transfer tells the new owner, and not the old one who did it',
    { type: 'ownerTransferred', data: { from: 'ann', to: 'bob', reason: 'requested' } },
    ann,
    ['bob ownerTransferred'],
  ],
  [
    'a transfer by a service tells both',
    { type: 'ownerTransferred', data: { from: 'ann', to: 'bob', reason: 'requested' } },
    service,
    ['bob ownerTransferred', 'ann ownerTransferred'],
  ],
  [
    'an owner who left tells his successor only',
    { type: 'ownerTransferred', data: { from: 'ann', to: 'bob', reason: 'ownerLeft' } },
    service,
    ['bob ownerTransferred'],
  ],
  ['a new admin is told', { type: 'adminGranted', data: { members: members('bob') } }, ann, ['bob adminGranted']],
  ['a former admin is told', { type: 'adminRevoked', data: { members: members('bob') } }, ann, ['bob adminRevoked']],
  ['a change of name tells nobody', { type: 'infoChanged', data: { name: 'New' } }, ann, []],
  ['what this build does not know tells nobody', { type: 'painted', data: { members: members('bob') } }, ann, []],
])('%s', async (_, event, actor, expected) => expect(await told(event, actor, 'owner')).toEqual(expected));

test('a dismissed group tells its owner, unless he did it or left; and nobody when nobody knows him', async () => {
  const dismissed = (reason: 'requested' | 'ownerLeft'): GroupEvent => ({ type: 'dismissed', data: { reason } });
  expect(await told(dismissed('requested'), service, 'ann')).toEqual(['ann dismissed']);
  expect(await told(dismissed('requested'), { type: 'service', onBehalfOf: 'bob' }, 'ann')).toEqual(['ann dismissed']);
  expect(await told(dismissed('requested'), ann, 'ann')).toEqual([]);
  expect(await told(dismissed('requested'), { type: 'service', onBehalfOf: 'ann' }, 'ann')).toEqual([]);
  expect(await told(dismissed('ownerLeft'), service, 'ann')).toEqual([]);
  expect(await told(dismissed('requested'), service, undefined)).toEqual([]);
});

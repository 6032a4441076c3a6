import { GROUP_EVENTS, type Actor, type GroupEvent } from '@cohort/contracts';
import {
  adminGranted,
  adminRevoked,
  applicationApproved,
  applicationDeclined,
  applicationExpired,
  applicationWithdrawn,
  applied,
  announcementDeleted,
  announcementPosted,
  allBanned,
  allowListed,
  allowListRemoved,
  allUnbanned,
  banExpired,
  banned,
  blocked,
  created,
  dismissed,
  displayNameChanged,
  fileRemoved,
  fileRenamed,
  fileShared,
  infoChanged,
  invitationAccepted,
  invitationDeclined,
  invitationExpired,
  invitationWithdrawn,
  invited,
  joined,
  joinedBy,
  attributesSet,
  joinKeyChanged,
  kicked,
  memberExtraSet,
  muteModeSet,
  pushModeSet,
  left,
  ofSync,
  service,
  transferred,
  unbanned,
  unblocked,
  user,
} from '@cohort/contracts/testing';
import { FEATURES, RULES } from '.';
import { notificationsOf, type FeedEvent } from './notifications-of';

const ann = user('ann');

/** The notifications as `<user> <kind>`. */
async function notified(event: Pick<FeedEvent, 'type' | 'data'>, actor: Actor, owner?: string): Promise<string[]> {
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
  const asked = { owner: () => Promise.resolve(owner), admins: () => Promise.resolve(['owner', 'ann', 'adam']) };
  const notifications = await notificationsOf(feedEvent, () => asked);
  return notifications.map(({ userId, kind }) => `${userId} ${kind}`);
}

test('every type of event has a rule in exactly one feature', () => {
  expect(Object.keys(RULES).sort()).toEqual(Object.keys(GROUP_EVENTS).sort());
  expect(Object.values(FEATURES).flatMap(Object.keys).sort()).toEqual(Object.keys(RULES).sort());
});

test.each<[string, GroupEvent, Actor, string[]]>([
  ['a group created for its owner notifies the owner', created('ann'), service, ['ann added']],
  ['a group created by its owner notifies nobody', created('ann'), ann, []],
  ['a group created by a sync notifies nobody', created('ann', { sync: 0 }), service, []],
  [
    'adding members notifies them, but not the one who adds them',
    joined('add', 3, 'ann', 'bob', 'cid'),
    ann,
    ['bob added', 'cid added'],
  ],
  ['the first members of a new group are notified', joined('create', 2, 'bob'), service, ['bob added']],
  ['joining notifies nobody', joined('join', 2, 'bob'), service, []],
  ['joining by a sync notifies nobody', ofSync(1, joined('sync', 2, 'bob')), service, []],
  ['leaving notifies nobody', left(1, 'bob'), service, []],
  ['a kicked member is notified', kicked(1, 'bob'), ann, ['bob kicked']],
  ['a transfer by the owner notifies the new owner only', transferred('ann', 'bob'), ann, ['bob ownerTransferred']],
  [
    'a transfer by a service notifies both owners',
    transferred('ann', 'bob'),
    service,
    ['bob ownerTransferred', 'ann ownerTransferred'],
  ],
  [
    'a transfer because the owner left notifies the successor only',
    transferred('ann', 'bob', 'ownerLeft'),
    service,
    ['bob ownerTransferred'],
  ],
  [
    'an application notifies the owner and the admins',
    applied('bob', 1, 9),
    user('bob'),
    ['owner applied', 'ann applied', 'adam applied'],
  ],
  ['an approved applicant is notified, once', applicationApproved('bob', 1, 'ann'), ann, ['bob applicationApproved']],
  ['joining by an approved application notifies nobody further', joinedBy('application', 'ann', 2, 'bob'), ann, []],
  ['a declined applicant is notified', applicationDeclined('bob', 1), service, ['bob applicationDeclined']],
  ['an application that is withdrawn notifies nobody', applicationWithdrawn('bob', 1), user('bob'), []],
  ['an application that expires notifies nobody', applicationExpired('bob', 1, 9), service, []],
  ['an invitation notifies the invitees', invited('ann', { bob: 1, cid: 2 }, 9), ann, ['bob invited', 'cid invited']],
  ['an invitee whose consent is not needed is notified', joinedBy('invitation', 'ann', 2, 'bob'), ann, ['bob added']],
  [
    'an accepted invitation notifies the inviter',
    invitationAccepted('bob', 1, 'ann'),
    user('bob'),
    ['ann invitationAccepted'],
  ],
  [
    'a declined invitation notifies the inviter',
    invitationDeclined('bob', 1, 'ann'),
    user('bob'),
    ['ann invitationDeclined'],
  ],
  [
    'an invitation that is withdrawn notifies the invitee',
    invitationWithdrawn({ bob: 1 }),
    ann,
    ['bob invitationWithdrawn'],
  ],
  ['an invitation that expires notifies nobody', invitationExpired({ bob: 1 }, 9), service, []],
  ['attributes of a group notify nobody', attributesSet({ type: '2' }), ann, []],
  ['a changed join key notifies nobody', joinKeyChanged(1), ann, []],
  ['a new admin is notified', adminGranted('bob'), ann, ['bob adminGranted']],
  ['a former admin is notified', adminRevoked('bob'), ann, ['bob adminRevoked']],
  ['an announcement notifies nobody', announcementPosted('1'), ann, []],
  ['a deleted announcement notifies nobody', announcementDeleted('1'), ann, []],
  ['a shared file notifies nobody', fileShared('1', 'ann'), ann, []],
  ['a renamed file notifies nobody', fileRenamed('1', 'b'), ann, []],
  [
    'removed files notify their uploaders, each once, but not the one who removed them',
    fileRemoved(['1', 'bob'], ['2', 'ann'], ['3', 'bob'], ['4', 'cid']),
    ann,
    ['bob fileRemoved', 'cid fileRemoved'],
  ],
  ['a banned member is notified', banned(undefined, 'bob'), ann, ['bob banned']],
  ['a user whose ban ends is notified', unbanned('bob'), ann, ['bob unbanned']],
  ['a user whose ban runs out is notified', banExpired(5, 'bob', 'cid'), service, ['bob unbanned', 'cid unbanned']],
  ['a ban of all members notifies nobody', allBanned(5), ann, []],
  ['the end of a ban of all members notifies nobody', allUnbanned(), ann, []],
  ['the allow-list notifies nobody', allowListed('bob'), ann, []],
  ['leaving the allow-list notifies nobody', allowListRemoved('bob'), ann, []],
  ['a blocked user is notified', blocked('bob'), ann, ['bob blocked']],
  ['a user who is no longer blocked is notified', unblocked('bob'), ann, ['bob unblocked']],
  ['a display name notifies nobody', displayNameChanged('bob', 'Bob'), ann, []],
  ['a mode notifies nobody', muteModeSet('bob', 1), ann, []],
  ['a push mode notifies nobody', pushModeSet('bob', 1), ann, []],
  ["a member's own data notify nobody", memberExtraSet('bob', { a: 'x' }), ann, []],
  ['a change of the name notifies nobody', infoChanged({ name: 'New' }), ann, []],
])('%s', async (_, event, actor, expected) => expect(await notified(event, actor, 'owner')).toEqual(expected));

test('an event of an unknown type notifies nobody', async () => {
  expect(await notified({ type: 'painted', data: { members: [{ userId: 'bob' }] } }, ann)).toEqual([]);
});

describe('a dismissed group', () => {
  const onBehalfOf = (id: string): Actor => ({ type: 'service', onBehalfOf: id });

  test('notifies its last owner when another user or a service dismissed it', async () => {
    expect(await notified(dismissed(), service, 'ann')).toEqual(['ann dismissed']);
    expect(await notified(dismissed(), onBehalfOf('bob'), 'ann')).toEqual(['ann dismissed']);
  });

  test('notifies nobody when its owner dismissed it, also through a service', async () => {
    expect(await notified(dismissed(), ann, 'ann')).toEqual([]);
    expect(await notified(dismissed(), onBehalfOf('ann'), 'ann')).toEqual([]);
  });

  test('notifies nobody when it ended because its owner left', async () => {
    expect(await notified(dismissed('ownerLeft'), service, 'ann')).toEqual([]);
  });

  test('notifies nobody when its owner is unknown', async () => {
    expect(await notified(dismissed(), service, undefined)).toEqual([]);
  });
});

import type { Actor, GroupCommandName } from '@cohort/contracts';
import type { GroupMailboxes } from '../../apps/command/src/group';
import { send } from '../command/mailbox-support';
import { requires } from '../support/servers';
import { TwoNodes } from './overtaken';

requires('own event store');

/**
 * Races as in races.int-spec.ts, of applications, invitations, bans, admins, settings and erasures: another node writes between a
 * command's read and its append.
 */

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await TwoNodes.start();
});
beforeEach(() => nodes.renew());
afterAll(() => nodes?.stop());

type Sent = readonly [name: GroupCommandName, fields: object];
const user = (id: string): Actor => ({ type: 'user', id });
const by = (id: string, [name, fields]: Sent): Sent => [name, { ...fields, actor: user(id) }];

const run = (on: GroupMailboxes, groupId: string, [name, fields]: Sent) => send(on, name, { groupId, ...fields });

const applied: Sent = ['apply', { userId: 'x' }];
const invited: Sent = ['invite', { userIds: ['x'] }];
const approve: Sent = ['handleApplication', { userId: 'x', approve: true }];
const accept: Sent = ['handleInvitation', { userId: 'x', approve: true }];
const dismiss: Sent = ['dismiss', {}];

interface Race {
  /** A sentence. */
  readonly holds: string;
  /** After the creation with the owner `o`, and the members `a` and `b`. */
  readonly before?: readonly Sent[];
  readonly capacity?: number;
  readonly late: Sent;
  readonly theirs: Sent;
  /** `ok`, or the code of the late command. */
  readonly outcome: string;
  /** The events of both. */
  readonly events: readonly string[];
}

const kick = (id: string): Sent => by(id, ['kick', { userIds: ['b'] }]);
const RACES: readonly Race[] = [
  {
    holds:
      'an application is refused with its group when another node dismisses the group before the approval is written',
    ...{ before: [applied], late: approve, theirs: dismiss, outcome: 'GROUP_DISMISSED', events: ['dismissed'] },
  },
  {
    holds: 'an invitation is refused with its group when another node dismisses the group before it is accepted',
    ...{ before: [invited], late: accept, theirs: dismiss, outcome: 'GROUP_DISMISSED', events: ['dismissed'] },
  },
  {
    holds:
      'two admins who approve one application at the same time make one member, and the second one learns that it was handled',
    before: [applied],
    late: approve,
    theirs: by('o', approve),
    outcome: 'APPLICATION_HANDLED',
    events: ['applicationApproved', 'memberJoined'],
  },
  {
    holds: 'an application that one admin declines is not approved by another one',
    before: [applied],
    late: approve,
    theirs: ['handleApplication', { userId: 'x', approve: false }],
    outcome: 'APPLICATION_HANDLED',
    events: ['applicationDeclined'],
  },
  {
    holds: 'an application that is withdrawn is not approved',
    before: [applied],
    late: approve,
    theirs: by('x', ['withdrawApplication', { userId: 'x' }]),
    outcome: 'APPLICATION_HANDLED',
    events: ['applicationWithdrawn'],
  },
  {
    holds: 'an invitation that is withdrawn is not accepted',
    before: [invited],
    late: accept,
    theirs: ['withdrawInvitations', { userIds: ['x'] }],
    outcome: 'INVITATION_HANDLED',
    events: ['invitationWithdrawn'],
  },
  {
    holds: 'a user who is blocked before their invitation is accepted becomes no member',
    before: [invited],
    late: accept,
    theirs: ['block', { userIds: ['x'] }],
    outcome: 'USER_BLOCKED',
    events: ['blocked'],
  },
  {
    holds: 'of an approval and an accepted invitation for the last free place, one is refused',
    before: [applied, ['invite', { userIds: ['y'] }]],
    capacity: 4,
    late: approve,
    theirs: ['handleInvitation', { userId: 'y', approve: true }],
    outcome: 'CAPACITY_REACHED',
    events: ['invitationAccepted', 'memberJoined'],
  },
  {
    holds: 'of an addition and a transfer to a new member for the last free place, one is refused',
    capacity: 4,
    late: ['addMembers', { userIds: ['x'] }],
    theirs: ['transfer', { newOwner: 'y', addIfMissing: true }],
    outcome: 'CAPACITY_REACHED',
    events: ['memberJoined', 'ownerTransferred'],
  },
  {
    holds: 'a user who joins while the capacity is lowered to the members there are is refused',
    late: ['join', { userId: 'x' }],
    theirs: ['changeCapacity', { capacity: 3 }],
    outcome: 'CAPACITY_REACHED',
    events: ['capacityChanged'],
  },
  {
    // openimsdk/openim-sdk-core#977: a change of the info while joining.
    holds: 'a user who joins while the group begins to need approval is refused',
    before: [['changeSettings', { joinPolicy: 'open' }]],
    late: by('x', ['join', { userId: 'x' }]),
    theirs: ['changeSettings', { joinPolicy: 'approval' }],
    outcome: 'APPROVAL_NEEDED',
    events: ['settingsChanged'],
  },
  {
    holds: 'a user who joins while the name is changed is a member, and both changes are there',
    late: ['join', { userId: 'x' }],
    theirs: ['changeInfo', { name: 'Other' }],
    outcome: 'ok',
    events: ['infoChanged', 'memberJoined'],
  },
  {
    holds: 'a member whom two admins kick at the same time is kicked once, and both get the same result',
    before: [['grantAdmins', { userIds: ['a'] }]],
    late: kick('a'),
    theirs: kick('o'),
    outcome: 'ok',
    events: ['memberKicked'],
  },
  {
    holds: 'an admin whose rights are revoked kicks nobody any more',
    before: [['grantAdmins', { userIds: ['a'] }]],
    late: kick('a'),
    theirs: ['revokeAdmins', { userIds: ['a'] }],
    outcome: 'ADMIN_ONLY',
    events: ['adminRevoked'],
  },
  {
    holds: 'a member who leaves does not become an admin',
    late: ['grantAdmins', { userIds: ['a'] }],
    theirs: ['leave', { userId: 'a' }],
    outcome: 'ok',
    events: ['memberLeft'],
  },
  {
    holds: 'a member who becomes the owner does not become an admin too',
    late: ['grantAdmins', { userIds: ['a'] }],
    theirs: ['transfer', { newOwner: 'a' }],
    outcome: 'ok',
    events: ['ownerTransferred'],
  },
  {
    holds: 'a former owner grants nobody any rights',
    late: by('o', ['grantAdmins', { userIds: ['b'] }]),
    theirs: ['transfer', { newOwner: 'a' }],
    outcome: 'OWNER_ONLY',
    events: ['ownerTransferred'],
  },
  {
    holds: 'a group is not transferred to a member who leaves',
    late: by('o', ['transfer', { newOwner: 'a' }]),
    theirs: ['leave', { userId: 'a' }],
    outcome: 'NOT_A_MEMBER',
    events: ['memberLeft'],
  },
  {
    holds: 'an admin who becomes the owner is not banned',
    before: [['grantAdmins', { userIds: ['a', 'b'] }]],
    late: by('o', ['ban', { userIds: ['a'] }]),
    theirs: ['transfer', { newOwner: 'a' }],
    outcome: 'ADMIN_ONLY',
    events: ['ownerTransferred'],
  },
  {
    holds: 'a member who is erased while they become the owner leaves, and the group has another owner',
    late: ['eraseMember', { userId: 'a' }],
    theirs: ['transfer', { newOwner: 'a' }],
    outcome: 'ok',
    events: ['ownerTransferred', 'ownerTransferred', 'memberLeft'],
  },
];

test.each(RACES)('$holds', async ({ before = [], capacity = 9, late, theirs, outcome, events }) => {
  const settings = { visibility: 'public', joinPolicy: 'approval' };
  const groupId = await nodes.newGroup(['a', 'b'], { capacity, settings });
  for (const one of before) await run(nodes.slow, groupId, one);
  const { length } = await nodes.typesOf(groupId);
  const result = await nodes.overtaken(
    () => run(nodes.slow, groupId, late),
    () => run(nodes.fast, groupId, theirs),
  );
  expect([result, (await nodes.typesOf(groupId)).slice(length)]).toEqual([outcome, events]);
});

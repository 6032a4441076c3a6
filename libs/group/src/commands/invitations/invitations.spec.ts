import { DEFAULT_SETTINGS, LIMITS, type ErrorCode, type GroupSettings, type SealedText } from '@cohort/contracts';
import {
  adminGranted,
  blocked,
  created,
  dismissed,
  invitationAccepted,
  invitationDeclined,
  invitationExpired,
  invitationWithdrawn,
  invited,
  joined,
  joinedBy,
  left,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { AT, context, given } from '../../testing/given';

const END = AT + context.limits.invitationMs;
const groupWith = (over: Partial<GroupSettings>, capacity = 6) => [
  created('o', { capacity, settings: { ...DEFAULT_SETTINGS, ...over } }),
  joined('join', 4, 'a', 'm', 'n'),
  adminGranted('a'),
];
const group = groupWith({});
const asked = [...group, invited('a', { x: 1 }, END)];
const twice = [...asked, invited('m', { x: 2 }, END + 5)];
const hi: SealedText = { enc: 'A256GCM', keyId: 'demo/o#1', ct: 'hi_0123456789abcdef' };

const invite = (userIds: string[], fields: object = {}) => command('invite', { userIds, ...fields });
const handle = (userId: string, approve: boolean, fields: object = {}) =>
  command('handleInvitation', { userId, approve, ...fields });
const withdraw = (userIds: string[], fields: object = {}) => command('withdrawInvitations', { userIds, ...fields });
const expire = (...userIds: string[]) => command('expireInvitations', { userIds });
const ok = (...userIds: string[]) => userIds.map((userId) => ({ userId, ok: true }));
const no = (userId: string, code: ErrorCode) => ({ userId, ok: false, code });

describe('invite', () => {
  test('invites users, each with a number, until the tenant’s time is over; for a service in the owner’s name', () => {
    given(...group)
      .when(invite(['x', 'y', 'x'], { actor: user('a'), reason: hi }))
      .then([invited('a', { x: 1, y: 2 }, END, hi)], ok('x', 'y'));
    given(...group)
      .when(invite(['x']), { limits: { ...context.limits, invitationMs: 5 } })
      .then([invited('o', { x: 1 }, AT + 5)], ok('x'));
    given(...group)
      .when(invite([]))
      .then([], []);
  });

  test('members and blocked users are refused alone', () => {
    given(...group, blocked('y'))
      .when(invite(['m', 'x', 'y', 'o']))
      .then(
        [invited('o', { x: 1 }, END)],
        [no('m', 'ALREADY_A_MEMBER'), ...ok('x'), no('y', 'USER_BLOCKED'), no('o', 'ALREADY_A_MEMBER')],
      );
  });

  test('a new invitation replaces the inviter’s earlier one, and stands beside those of others; the same changes nothing', () => {
    given(...asked)
      .when(invite(['x', 'y'], { actor: user('a') }))
      .then([invited('a', { y: 2 }, END)], ok('x', 'y'));
    given(...asked)
      .when(invite(['x'], { actor: user('a'), reason: hi }))
      .then([invited('a', { x: 2 }, END, hi)], ok('x'));
    given(...asked)
      .when(invite(['x'], { actor: user('o') }))
      .then([invited('o', { x: 2 }, END)], ok('x'));
  });

  test('1,000 users are invited by two events', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
    const numbered = (from: number, to: number) =>
      Object.fromEntries(many.slice(from, to).map((id, i) => [id, from + i + 1]));
    given(...group)
      .when(invite(many))
      .then([invited('o', numbered(0, 500), END), invited('o', numbered(500, 1_000), END)], ok(...many));
  });

  test('where no consent is needed, the users are members at once: all of them, or none', () => {
    const direct = groupWith({ inviteNeedsConfirm: false });
    given(...direct)
      .when(invite(['x', 'm', 'y'], { actor: user('a') }))
      .then([joinedBy('invitation', 'a', 6, 'x', 'y')], [...ok('x'), no('m', 'ALREADY_A_MEMBER'), ...ok('y')]);
    given(...direct)
      .when(invite(['x', 'y', 'z']))
      .refused('CAPACITY_REACHED', { capacity: 6, wanted: 7 });
  });

  test('a member invites where the settings allow it', () => {
    given(...group)
      .when(invite(['x'], { actor: user('m') }))
      .refused('ADMIN_ONLY');
    given(...groupWith({ membersMayInvite: true }))
      .when(invite(['x'], { actor: user('m') }))
      .then([invited('m', { x: 1 }, END)], ok('x'));
    given(...groupWith({ membersMayInvite: true }))
      .when(invite(['x'], { actor: user('x') }))
      .refused('NOT_A_MEMBER', { userId: 'x' });
  });

  test('a group has a bounded number of pending invitations', () => {
    const most = LIMITS.pendingInvitations;
    const all = Array.from({ length: most }, (_, i) => invited('o', { [`u${i}`]: i + 1 }, END));
    given(...group, ...all)
      .when(invite(['x']))
      .refused('TOO_MANY_PENDING', { most, wanted: most + 1 });
    given(...group, ...all)
      .when(invite(['u7']), { at: AT + 1 })
      .then([invited('o', { u7: most + 1 }, END + 1)], ok('u7'));
  });

  test('invite refuses an unknown group and a dismissed one', () => {
    given()
      .when(invite(['x']))
      .refused('GROUP_NOT_FOUND');
    given(...group, dismissed())
      .when(invite(['x']))
      .refused('GROUP_DISMISSED');
  });
});

describe('handleInvitation', () => {
  test('the invitee accepts, and is a member whom the inviter brought in', () => {
    given(...asked)
      .when(handle('x', true, { actor: user('x') }))
      .then([invitationAccepted('x', 1, 'a'), joinedBy('invitation', 'a', 5, 'x')]);
  });

  test('of several invitations, the newest is accepted, or that of the named inviter; the others end', () => {
    given(...twice)
      .when(handle('x', true))
      .then([invitationAccepted('x', 2, 'm'), joinedBy('invitation', 'm', 5, 'x')]);
    given(...twice)
      .when(handle('x', true, { inviter: 'a' }))
      .then([invitationAccepted('x', 1, 'a'), joinedBy('invitation', 'a', 5, 'x')]);
    given(...twice, invitationAccepted('x', 1, 'a'), joinedBy('invitation', 'a', 5, 'x'), left(4, 'x'))
      .when(handle('x', true, { inviter: 'm' }))
      .refused('INVITATION_HANDLED', { userId: 'x' });
  });

  test('the invitee declines all invitations, or that of the named inviter', () => {
    given(...twice)
      .when(handle('x', false, { actor: user('x') }))
      .then([invitationDeclined('x', 1, 'a'), invitationDeclined('x', 2, 'm')]);
    given(...twice)
      .when(handle('x', false, { inviter: 'm' }))
      .then([invitationDeclined('x', 2, 'm')]);
  });

  test('an invitation outlives its inviter’s membership, and needs room and no block', () => {
    given(...twice, left(3, 'm'))
      .when(handle('x', true))
      .then([invitationAccepted('x', 2, 'm'), joinedBy('invitation', 'm', 4, 'x')]);
    given(...groupWith({}, 4), invited('a', { x: 1 }, END))
      .when(handle('x', true))
      .refused('CAPACITY_REACHED', { capacity: 4, wanted: 5 });
    given(...asked, blocked('x'))
      .when(handle('x', true))
      .refused('USER_BLOCKED', { userId: 'x' });
  });

  test.each([
    ['was never made', group],
    ['is another inviter’s', [...group, invited('o', { x: 1 }, END)]],
    ['was accepted', [...asked, invitationAccepted('x', 1, 'a'), joinedBy('invitation', 'a', 5, 'x')]],
    ['was declined', [...asked, invitationDeclined('x', 1, 'a')]],
    ['was withdrawn', [...asked, invitationWithdrawn({ x: 1 })]],
    ['ended when its invitee joined otherwise', [...asked, joined('code', 5, 'x')]],
  ])('an invitation that %s is handled already', (_what, events) => {
    given(...events)
      .when(handle('x', true, { inviter: 'a' }))
      .refused('INVITATION_HANDLED', { userId: 'x' });
  });

  test('an invitation is open until its end and expired at it, before and after that is announced', () => {
    given(...asked)
      .when(handle('x', false), { at: END - 1 })
      .then([invitationDeclined('x', 1, 'a')]);
    for (const events of [asked, [...asked, invitationExpired({ x: 1 }, END)]])
      given(...events)
        .when(handle('x', true), { at: END })
        .refused('INVITATION_EXPIRED', { userId: 'x' });
    given(...twice)
      .when(handle('x', true), { at: END })
      .then([invitationAccepted('x', 2, 'm'), joinedBy('invitation', 'm', 5, 'x')]);
  });

  test('nobody but a service answers for another user', () => {
    given(...asked)
      .when(handle('x', true, { actor: user('o') }))
      .refused('FORBIDDEN');
  });
});

describe('withdrawInvitations', () => {
  test('inviters take their own back, admins and services all', () => {
    given(...twice)
      .when(withdraw(['x', 'y'], { actor: user('m') }))
      .then([invitationWithdrawn({ x: 2 })], ok('x', 'y'));
    given(...asked)
      .when(withdraw(['x'], { actor: user('n') }))
      .then([], [no('x', 'ADMIN_ONLY')]);
    for (const actor of [user('o'), user('a')])
      given(...group, invited('m', { x: 1 }, END))
        .when(withdraw(['x'], { actor }))
        .then([invitationWithdrawn({ x: 1 })], ok('x'));
    given(...group, invited('m', { x: 1, y: 2 }, END))
      .when(withdraw(['y', 'x']))
      .then([invitationWithdrawn({ y: 2, x: 1 })], ok('y', 'x'));
  });

  test('what has run out is announced as expired when it is withdrawn or replaced, by its inviter alone', () => {
    given(...twice, invited('a', { y: 3 }, END - 5))
      .when(withdraw(['x', 'y']), { at: END })
      .then(
        [invitationExpired({ y: 3 }, END - 5), invitationExpired({ x: 1 }, END), invitationWithdrawn({ x: 2 })],
        ok('x', 'y'),
      );
    given(...twice, invited('m', { y: 3 }, END))
      .when(invite(['x', 'y'], { actor: user('a') }), { at: END + 1 })
      .then(
        [invitationExpired({ x: 1 }, END), invited('a', { x: 4, y: 5 }, END + 1 + context.limits.invitationMs)],
        ok('x', 'y'),
      );
  });

  test('who has left the group still takes their own invitations back', () => {
    given(...twice, left(3, 'm'))
      .when(withdraw(['x'], { actor: user('m') }))
      .then([invitationWithdrawn({ x: 2 })], ok('x'));
  });
});

describe('expireInvitations', () => {
  test('announces what has run out, in the order of the ends, and nothing else', () => {
    given(...twice, invited('a', { y: 3 }, END))
      .when(expire('x', 'y', 'z'), { at: END + 5 })
      .then([invitationExpired({ x: 1, y: 3 }, END), invitationExpired({ x: 2 }, END + 5)], ok('x', 'y', 'z'));
    given(...twice)
      .when(expire('x'), { at: END + 4 })
      .then([invitationExpired({ x: 1 }, END)], ok('x'));
    given(...asked)
      .when(expire('x'), { at: END - 1 })
      .then([], ok('x'));
  });

  test('only a service announces it', () => {
    given(...asked)
      .when(command('expireInvitations', { userIds: ['x'], actor: user('o') }), { at: END })
      .refused('FORBIDDEN');
  });
});

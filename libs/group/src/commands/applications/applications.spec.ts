import { DEFAULT_SETTINGS, LIMITS, type ErrorCode, type GroupSettings, type SealedText } from '@cohort/contracts';
import {
  adminGranted,
  applicationApproved,
  applicationDeclined,
  applicationExpired,
  applicationWithdrawn,
  applied,
  blocked,
  created,
  dismissed,
  joined,
  joinedBy,
  left,
  service,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { AT, context, given } from '../../testing/given';

const END = AT + context.limits.applicationMs;
const groupWith = (over: Partial<GroupSettings>, capacity = 5) => [
  created('o', { capacity, settings: { ...DEFAULT_SETTINGS, ...over } }),
  joined('join', 3, 'a', 'm'),
  adminGranted('a'),
];
const group = groupWith({ visibility: 'public' });
const asked = [...group, applied('x', 1, END)];
const sealed = (ct: string): SealedText => ({ enc: 'A256GCM', keyId: 'demo/x#1', ct: `${ct}_0123456789abcdef` });

const apply = (userId: string, fields: object = {}) => command('apply', { userId, ...fields });
const handle = (userId: string, approve: boolean, fields: object = {}) =>
  command('handleApplication', { userId, approve, ...fields });
const withdraw = (userId: string, fields: object = {}) => command('withdrawApplication', { userId, ...fields });
const expire = (...userIds: string[]) => command('expireApplications', { userIds });
const ok = (...userIds: string[]) => userIds.map((userId) => ({ userId, ok: true }));

describe('apply', () => {
  test('a user applies by themself or by a service, with or without a reason, until the tenant’s time is over', () => {
    given(...group)
      .when(apply('x', { actor: user('x') }))
      .then([applied('x', 1, END)]);
    given(...group)
      .when(apply('x', { reason: sealed('hi') }), { limits: { ...context.limits, applicationMs: 5 } })
      .then([applied('x', 1, AT + 5, sealed('hi'))]);
    given(...group)
      .when(apply('x', { actor: user('a') }))
      .refused('FORBIDDEN');
  });

  test('a new application replaces the old one and has the next number; the same one again changes nothing', () => {
    given(...asked)
      .when(apply('x', { reason: sealed('hi') }))
      .then([applied('x', 2, END, sealed('hi'))]);
    given(...asked)
      .when(apply('x'), { at: AT + 1 })
      .then([applied('x', 2, END + 1)]);
    given(...asked)
      .when(apply('x'))
      .then([]);
    given(...group, applied('x', 1, END, sealed('hi')))
      .when(apply('x', { reason: sealed('hi') }))
      .then([]);
    given(...asked)
      .when(apply('y'))
      .then([applied('y', 2, END)]);
  });

  test.each<[string, Partial<GroupSettings>]>([
    ['an open group', { visibility: 'public', joinPolicy: 'open' }],
    ['a chatroom, whatever its policy', { visibility: 'chatroom', joinPolicy: 'forbidden' }],
  ])('in %s, an applicant is a member at once, if there is room', (_what, settings) => {
    given(...groupWith(settings))
      .when(apply('x'))
      .then([joined('join', 4, 'x')]);
    given(...groupWith(settings, 3))
      .when(apply('x'))
      .refused('CAPACITY_REACHED', { capacity: 3, wanted: 4 });
  });

  test.each<[string, Partial<GroupSettings>, ErrorCode]>([
    ['a private group', {}, 'GROUP_PRIVATE'],
    ['a private group, also an open one', { joinPolicy: 'open' }, 'GROUP_PRIVATE'],
    ['a group that takes no applications', { visibility: 'public', joinPolicy: 'forbidden' }, 'JOIN_FORBIDDEN'],
  ])('%s refuses apply, by a service, too', (_what, settings, code) => {
    for (const actor of [service, user('x')])
      given(...groupWith(settings))
        .when(apply('x', { actor }))
        .refused(code);
  });

  test('members and blocked users can not apply', () => {
    given(...group)
      .when(apply('m'))
      .refused('ALREADY_A_MEMBER', { userId: 'm' });
    given(...group, blocked('x'))
      .when(apply('x'))
      .refused('USER_BLOCKED', { userId: 'x' });
  });

  test('a group has a bounded number of pending applications, and a user among them can still replace theirs', () => {
    const most = LIMITS.pendingApplications;
    const all = Array.from({ length: most }, (_, i) => applied(`u${i}`, i + 1, END));
    given(...group, ...all)
      .when(apply('x'))
      .refused('TOO_MANY_PENDING', { most, wanted: most + 1 });
    given(...group, ...all)
      .when(apply('u7'), { at: AT + 1 })
      .then([applied('u7', most + 1, END + 1)]);
  });

  test('apply refuses an unknown group and a dismissed one', () => {
    given().when(apply('x')).refused('GROUP_NOT_FOUND');
    given(...group, dismissed())
      .when(apply('x'))
      .refused('GROUP_DISMISSED');
  });
});

describe('handleApplication', () => {
  test('an admin approves, and the applicant is a member whom they brought in', () => {
    given(...asked)
      .when(handle('x', true, { actor: user('a') }))
      .then([applicationApproved('x', 1, 'a'), joinedBy('application', 'a', 4, 'x')]);
    given(...asked)
      .when(handle('x', true))
      .then([applicationApproved('x', 1), joined('application', 4, 'x')]);
  });

  test('an admin declines', () => {
    given(...asked)
      .when(handle('x', false, { actor: user('o') }))
      .then([applicationDeclined('x', 1, 'o')]);
  });

  test('approval needs room; the application stays', () => {
    given(...groupWith({ visibility: 'public' }, 3), applied('x', 1, END))
      .when(handle('x', true))
      .refused('CAPACITY_REACHED', { capacity: 3, wanted: 4 });
  });

  test('a user who was blocked after they applied can be declined only', () => {
    given(...asked, blocked('x'))
      .when(handle('x', true))
      .refused('USER_BLOCKED', { userId: 'x' });
    given(...asked, blocked('x'))
      .when(handle('x', false))
      .then([applicationDeclined('x', 1)]);
  });

  test.each([
    ['was never made', group],
    ['was approved', [...asked, applicationApproved('x', 1), joined('application', 4, 'x')]],
    ['was approved, and its applicant left', [...asked, joined('application', 4, 'x'), left(3, 'x')]],
    ['was declined', [...asked, applicationDeclined('x', 1)]],
    ['was withdrawn', [...asked, applicationWithdrawn('x', 1)]],
    ['ended when its applicant joined otherwise', [...asked, joined('code', 4, 'x')]],
  ])('an application that %s is handled already', (_what, events) => {
    given(...events)
      .when(handle('x', true))
      .refused('APPLICATION_HANDLED', { userId: 'x' });
  });

  test('an application is open until its end and expired at it, before and after that is announced', () => {
    given(...asked)
      .when(handle('x', false), { at: END - 1 })
      .then([applicationDeclined('x', 1)]);
    for (const events of [asked, [...asked, applicationExpired('x', 1, END)]])
      given(...events)
        .when(handle('x', true), { at: END })
        .refused('APPLICATION_EXPIRED', { userId: 'x' });
    given(...asked, applicationExpired('x', 1, END), applied('x', 2, END + 10))
      .when(handle('x', false), { at: END })
      .then([applicationDeclined('x', 2)]);
  });

  test('members and strangers can not handle applications', () => {
    given(...asked)
      .when(handle('x', true, { actor: user('m') }))
      .refused('ADMIN_ONLY');
    given(...asked)
      .when(handle('x', true, { actor: user('x') }))
      .refused('NOT_A_MEMBER', { userId: 'x' });
  });
});

describe('withdrawApplication', () => {
  test('a user takes their own application back, and without one nothing changes', () => {
    given(...asked)
      .when(withdraw('x', { actor: user('x') }))
      .then([applicationWithdrawn('x', 1)]);
    given(...group)
      .when(withdraw('x'))
      .then([]);
    given(...asked)
      .when(withdraw('x', { actor: user('a') }))
      .refused('FORBIDDEN');
  });

  test('an application that has run out is announced as expired when its user withdraws or replaces it', () => {
    for (const at of [END, END + 7])
      given(...asked)
        .when(withdraw('x', { actor: user('x') }), { at })
        .then([applicationExpired('x', 1, END)]);
    given(...asked)
      .when(withdraw('x'), { at: END - 1 })
      .then([applicationWithdrawn('x', 1)]);
    given(...asked)
      .when(apply('x'), { at: END })
      .then([applicationExpired('x', 1, END), applied('x', 2, END + context.limits.applicationMs)]);
  });
});

describe('expireApplications', () => {
  test('announces what has run out, with its end, and nothing else', () => {
    given(...asked, applied('y', 2, END + 10))
      .when(expire('x', 'y', 'z', 'x'), { at: END + 5 })
      .then([applicationExpired('x', 1, END)], ok('x', 'y', 'z'));
    given(...asked)
      .when(expire('x'), { at: END - 1 })
      .then([], ok('x'));
  });

  test('only a service announces it', () => {
    given(...asked)
      .when(command('expireApplications', { userIds: ['x'], actor: user('o') }), { at: END })
      .refused('FORBIDDEN');
  });
});

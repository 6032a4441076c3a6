import { DEFAULT_SETTINGS, LIMITS, MAX_EVENT_BYTES, type GroupEvent } from '@cohort/contracts';
import { created, dismissed, invited, joined, service, user } from '@cohort/contracts/testing';
import { decide } from '../../decide';
import { initialState } from '../../state';
import { command } from '../../testing/commands';
import { context, given } from '../../testing/given';

const create = (fields: object = {}) => command('create', { name: 'Sales', owner: 'o', ...fields });

test('create writes the owner first, then the other first members', () => {
  given()
    .when(create({ members: ['a', 'b'] }))
    .then([created('o'), joined('create', 3, 'a', 'b')]);
});

test('create without members makes a group of its owner alone', () => {
  given()
    .when(create())
    .then([created('o')]);
  given()
    .when(create({ members: [] }))
    .then([created('o')]);
});

test('create counts an owner among the members, and repeated members, once', () => {
  given()
    .when(create({ members: ['a', 'o', 'a', 'b', 'o'] }))
    .then([created('o'), joined('create', 3, 'a', 'b')]);
});

test('create with `inviteMembers` makes the owner the only member, who invites the others', () => {
  given()
    .when(create({ members: ['a', 'o', 'b', 'a'], inviteMembers: true, capacity: 1 }))
    .then([created('o', { capacity: 1 }), invited('o', { a: 1, b: 2 }, context.at + context.limits.invitationMs)]);
});

test('create with `inviteMembers` makes them members where invitations need no consent', () => {
  const settings = { inviteNeedsConfirm: false };
  given()
    .when(create({ members: ['a'], inviteMembers: true, settings }))
    .then([created('o', { settings: { ...DEFAULT_SETTINGS, ...settings } }), joined('create', 2, 'a')]);
});

test("create takes the tenant's capacity unless the command names one", () => {
  given()
    .when(create(), { groupCapacity: 77 })
    .then([created('o', { capacity: 77 })]);
  given()
    .when(create({ capacity: 5 }))
    .then([created('o', { capacity: 5 })]);
});

test('create takes the number that the context gives', () => {
  given()
    .when(create(), { numericId: '42' })
    .then([created('o', { numericId: '42' })]);
});

test('create writes first members in portions of 500, each with the count after it', () => {
  const members = Array.from({ length: 1_001 }, (_, i) => `u${i}`);
  given()
    .when(create({ members, capacity: 2_000 }))
    .then([
      created('o', { capacity: 2_000 }),
      joined('create', 501, ...members.slice(0, 500)),
      joined('create', 1_001, ...members.slice(500, 1_000)),
      joined('create', 1_002, ...members.slice(1_000)),
    ]);
});

test('create with 3,000 first members of the longest ids stays within the bounds of every event', () => {
  const members = Array.from({ length: LIMITS.createMembers }, (_, i) => `${i}`.padStart(4, '0') + '😀'.repeat(60));
  const decision = decide(create({ members, capacity: 3_001 }), initialState, context);
  const events: readonly GroupEvent[] = decision.ok ? decision.events : [];
  expect(events).toHaveLength(7);
  for (const { data } of events) expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(MAX_EVENT_BYTES);
});

test('create writes all settings: those that it names, and the default of each other', () => {
  const settings = {
    visibility: 'public',
    joinPolicy: 'open',
    membersMayInvite: true,
    inviteNeedsConfirm: false,
  } as const;
  given()
    .when(create({ settings }))
    .then([created('o', { settings: { ...DEFAULT_SETTINGS, ...settings } })]);
  given()
    .when(create({ settings: {} }))
    .then([created('o', { settings: DEFAULT_SETTINGS })]);
});

test('create writes the texts that it names, and no others', () => {
  given()
    .when(create({ description: 'D', avatar: 'https://example.org/a.png', ext: '{}' }))
    .then([created('o', { description: 'D', avatar: 'https://example.org/a.png', ext: '{}' })]);
  given()
    .when(create({ description: 'D' }))
    .then([created('o', { description: 'D' })]);
});

test('create refuses more members than the capacity', () => {
  given()
    .when(create({ members: ['a', 'b'], capacity: 2 }))
    .refused('CAPACITY_REACHED', { capacity: 2, wanted: 3 });
  given()
    .when(create({ members: ['a', 'o', 'a'], capacity: 2 }))
    .then([created('o', { capacity: 2 }), joined('create', 2, 'a')]);
});

test('a user creates groups of their own only', () => {
  given()
    .when(create({ actor: user('o') }))
    .then([created('o')]);
  given()
    .when(create({ actor: user('x') }))
    .refused('FORBIDDEN');
});

test('create refuses the id of a live or dismissed group', () => {
  given(created('x')).when(create()).refused('GROUP_EXISTS');
  given(created('x'), dismissed('requested')).when(create()).refused('GROUP_DISMISSED');
});

test.each(['4503599627370496', '9007199254740991'])('create refuses %s, which is for aliases', (groupId) => {
  given()
    .when(create({ groupId, actor: service }))
    .refused('GROUP_ID_RESERVED');
});

test.each(['4503599627370495', '9007199254740992', '04503599627370496', '1e16'])(
  'create takes %s, which is no alias',
  (groupId) => {
    given()
      .when(create({ groupId }))
      .then([created('o')]);
  },
);

import { KEYS_ERASED, userKeyStream, type QueryAnswers, type QueryData } from '@cohort/contracts';
import {
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
} from '@cohort/contracts/testing';
import type { ReadModel } from '../../read-model';
import { BEGIN, Log } from '../../testing/log';
import { testModels } from '../../testing/models';
import { refused } from '../../testing/refused';
import { time } from '../../testing/three-groups';

const { modelOf } = testModels();
const app = 'demo';
/** The time at which queries are asked, and ends before and after it. */
const NOW = BEGIN + 3_600_000;
const LATER = NOW + 60_000;
const EARLIER = NOW - 60_000;

type Fields = Omit<QueryData<'invitations'>, 'app'>;
const list = (model: ReadModel, fields: Fields) => model.queries.invitations({ app, ...fields });
const shown = (answer: QueryAnswers['invitations']) =>
  answer.invitations.map((one) => `${one.groupId} ${one.invitationId} ${one.inviter} ${one.userId} ${one.status}`);

function log(): Log {
  const made = new Log();
  made.group('g', created('ann'), joined('add', 2, 'bob'));
  made.group('h', created('ann'));
  made.group('g', invited('ann', { x: 1, y: 2 }, LATER, 'Join us'));
  made.group('g', invited('bob', { x: 3 }, EARLIER));
  made.group('h', invited('ann', { x: 1 }, LATER));
  return made;
}

test('an invitation is listed with its reason and times', async () => {
  const model = await modelOf(log(), { now: () => NOW });
  expect(list(model, { groupId: 'g' }).invitations[1]).toEqual({
    groupId: 'g',
    invitationId: '2',
    userId: 'y',
    inviter: 'ann',
    reason: 'Join us',
    status: 'pending',
    invitedAt: time(2),
    expiresAt: new Date(LATER).toISOString(),
    updatedAt: time(2),
  });
});

test('invitations of a group and of a user are listed, the newest first, of every status or of one', async () => {
  const model = await modelOf(log(), { now: () => NOW });
  const ofGroup = ['g 3 bob x expired', 'g 2 ann y pending', 'g 1 ann x pending'];
  expect(shown(list(model, { groupId: 'g' }))).toEqual(ofGroup);
  expect(shown(list(model, { userId: 'x' }))).toEqual(['h 1 ann x pending', 'g 3 bob x expired', 'g 1 ann x pending']);
  for (const status of ['pending', 'expired', 'declined'] as const) {
    const answer = list(model, { groupId: 'g', status });
    const expected = ofGroup.filter((one) => one.endsWith(status));
    expect([shown(answer), answer.total]).toEqual([expected, expected.length]);
  }
  expect(list(model, { userId: 'x', status: 'pending' }).total).toBe(2);
  expect(refused(() => list(model, { groupId: 'none' }))?.code).toBe('GROUP_NOT_FOUND');
});

test('every end of an invitation is shown, and a new one of the same inviter takes its place', async () => {
  const made = new Log();
  const numbered = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => [id, i + 1]));
  made.group('g', created('ann'), invited('ann', numbered, LATER));
  made.group('g', invitationAccepted('a', 1, 'ann'), joinedBy('invitation', 'ann', 2, 'a'));
  made.group('g', invitationDeclined('b', 2, 'ann'));
  made.group('g', invitationWithdrawn({ c: 3 }));
  made.group('g', invitationExpired({ d: 4 }, LATER));
  made.group('g', joined('join', 3, 'e'));
  made.group('g', invited('ann', { f: 7 }, LATER));
  expect(shown(list(await modelOf(made, { now: () => NOW }), { groupId: 'g' }))).toEqual([
    'g 7 ann f pending',
    'g 5 ann e joined',
    'g 4 ann d expired',
    'g 3 ann c withdrawn',
    'g 2 ann b declined',
    'g 1 ann a accepted',
  ]);
});

test.each([{ groupId: 'g' }, { userId: 'x' }])('pages for %j have each invitation once', async (of) => {
  const model = await modelOf(log(), { now: () => NOW });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = list(model, { ...of, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...shown(page));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(shown(list(model, of)));
  expect(seen).toHaveLength(3);
});

test('copies get what changed since their position', async () => {
  const made = log();
  const model = await modelOf(made, { now: () => NOW });
  const { position: sincePosition, basis } = list(model, { userId: 'x' });
  made.group('g', invitationAccepted('x', 1, 'ann'), joinedBy('invitation', 'ann', 3, 'x'));
  made.group('g', invited('ann', { z: 4 }, LATER));
  await model.applyBatch(made.events.slice(-3), made.head);
  const ofUser = list(model, { userId: 'x', sincePosition, basis });
  expect(shown(ofUser)).toEqual(['g 1 ann x accepted', 'g 3 bob x joined']);
  expect(ofUser).toMatchObject({ full: false, more: false, total: 3 });
  const ofGroup = list(model, { groupId: 'g', sincePosition, basis });
  expect(shown(ofGroup)).toEqual(['g 1 ann x accepted', 'g 3 bob x joined', 'g 4 ann z pending']);
});

test('a copy gets the whole list if one event ended more invitations than an answer can hold', async () => {
  const inviters = (from: number, count: number) => Array.from({ length: count }, (_, i) => `i${from + i}`);
  const made = new Log();
  made.group('g', created('o'));
  const before = made.head;
  const append = (from: number, count: number, reason: string) =>
    made.group('g', ...inviters(from, count).map((inviter, i) => invited(inviter, { x: from + i + 1 }, LATER, reason)));
  append(0, 1_024, '');
  made.group('g', joined('add', 2, 'x'));
  const model = await modelOf(made, { now: () => NOW });
  const { basis } = list(model, { userId: 'x' });
  const changes = (sincePosition: string) => list(model, { userId: 'x', sincePosition, basis, limit: 2 });
  expect(changes(before)).toMatchObject({ full: false, more: false, total: 1_024, position: made.head });
  expect(changes(before).invitations).toHaveLength(1_024);

  made.group('g', left(1, 'x'));
  append(1_024, 1_025, '');
  const invitedMore = made.head;
  made.group('g', joined('add', 2, 'x'));
  made.group('g', left(1, 'x'));
  // The bytes of an answer are bounded, too.
  append(3_000, 600, '名'.repeat(512));
  const invitedAtLength = made.head;
  made.group('g', joined('add', 2, 'x'));
  await model.applyBatch(made.events, made.head);
  expect(changes(invitedMore)).toMatchObject({ full: true, position: made.head });
  expect(changes(invitedAtLength)).toMatchObject({ full: true, position: made.head });
  expect(changes(made.head)).toMatchObject({ full: false, invitations: [], more: false });
});

test('a copy gets the whole list after an erasure in its tenant', async () => {
  const made = log();
  const model = await modelOf(made, { now: () => NOW });
  const { position: sincePosition, basis } = list(model, { userId: 'x' });
  made.append(userKeyStream(app, 'ann'), [{ type: KEYS_ERASED, data: {} }]);
  await model.applyBatch(made.events.slice(-1), made.head);
  for (const of of [{ userId: 'x' }, { groupId: 'g' }]) {
    expect(list(model, { ...of, sincePosition, basis }).full).toBe(true);
    expect(list(model, { ...of, sincePosition: made.head, basis }).full).toBe(false);
  }
});

test('the invitations of a group that has ended are gone, and copies get the whole list', async () => {
  const made = log();
  const model = await modelOf(made, { now: () => NOW });
  const { position: sincePosition, basis } = list(model, { userId: 'x' });
  made.group('g', dismissed());
  await model.applyBatch(made.events.slice(-1), made.head);
  const answer = list(model, { userId: 'x', sincePosition, basis });
  expect([shown(answer), answer.full, answer.total]).toEqual([['h 1 ann x pending'], true, 1]);
  expect(list(model, { userId: 'x', sincePosition: answer.position, basis }).full).toBe(false);
  expect(refused(() => list(model, { groupId: 'g' }))?.code).toBe('GROUP_DISMISSED');
});

test('the first end of a user’s pending invitations is announced by the worker', async () => {
  const made = log();
  const ends = async () =>
    (await modelOf(made, { now: () => NOW })).queries
      .expiries({ app })
      .expiries.map(({ groupId, kind, id, endsAt }) => [groupId, kind, id, Date.parse(endsAt)]);
  expect(await ends()).toEqual([
    ['g', 'invitation', 'x', EARLIER],
    ['g', 'invitation', 'y', LATER],
    ['h', 'invitation', 'x', LATER],
  ]);
  made.group('g', invitationExpired({ x: 3 }, EARLIER), invitationDeclined('y', 2, 'ann'));
  made.group('h', joined('code', 2, 'x'));
  expect(await ends()).toEqual([['g', 'invitation', 'x', LATER]]);
});

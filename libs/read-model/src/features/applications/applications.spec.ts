import { KEY_MADE, KEYS_ERASED, sealText, userKeyStream, type QueryAnswers, type QueryData } from '@cohort/contracts';
import {
  adminGranted,
  adminRevoked,
  applicationApproved,
  applicationDeclined,
  applicationExpired,
  applicationWithdrawn,
  applied,
  created,
  dismissed,
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

type Fields = Omit<QueryData<'applications'>, 'app'>;
const list = (model: ReadModel, fields: Fields) => model.queries.applications({ app, ...fields });
const shown = (answer: QueryAnswers['applications']) =>
  answer.applications.map((one) => `${one.groupId} ${one.applicationId} ${one.userId} ${one.status}`);
const count = (model: ReadModel, fields: object) => model.queries.applicationCount({ app, ...fields }).count;

/** Two groups that `ann` administers, and one that she doesn't. */
function log(): Log {
  const made = new Log();
  made.group('g', created('ann'));
  made.group('h', created('bob'), joined('add', 2, 'ann'), adminGranted('ann'));
  made.group('i', created('bob'), joined('add', 2, 'ann'));
  made.group('g', applied('x', 1, LATER, 'Hello'));
  made.group('g', applied('y', 2, EARLIER));
  made.group('h', applied('x', 1, LATER));
  made.group('i', applied('x', 1, LATER));
  return made;
}

test('an application is listed with its reason, its times and who handled it', async () => {
  const made = log();
  made.group('g', applicationApproved('x', 1, 'ann'), joinedBy('application', 'ann', 2, 'x'));
  const model = await modelOf(made, { now: () => NOW });
  const [pending, handled] = list(model, { groupIds: ['g'] }).applications;
  expect(handled).toEqual({
    groupId: 'g',
    applicationId: '1',
    userId: 'x',
    reason: 'Hello',
    status: 'approved',
    appliedAt: time(3),
    expiresAt: new Date(LATER).toISOString(),
    updatedAt: time(7),
    handledBy: 'ann',
  });
  expect(pending).toMatchObject({ userId: 'y', reason: '', status: 'expired' });
  expect(pending).not.toHaveProperty('handledBy');
});

test('applications of some groups, or of all that a user administers, are listed group by group, the newest first', async () => {
  const model = await modelOf(log(), { now: () => NOW });
  expect(shown(list(model, { groupIds: ['g', 'i', 'none', 'g'] }))).toEqual([
    'i 1 x pending',
    'g 2 y expired',
    'g 1 x pending',
  ]);
  expect(shown(list(model, { adminId: 'ann' }))).toEqual(['h 1 x pending', 'g 2 y expired', 'g 1 x pending']);
  expect(shown(list(model, { groupIds: ['h', 'i'], adminId: 'ann' }))).toEqual(['h 1 x pending']);
  expect(shown(list(model, { adminId: 'x' }))).toEqual([]);
  expect(shown(list(model, { groupIds: ['none'] }))).toEqual([]);
});

test('only pending applications that have not run out are counted', async () => {
  const model = await modelOf(log(), { now: () => NOW });
  expect(count(model, { adminId: 'ann' })).toBe(2);
  expect(count(model, { groupIds: ['g', 'h', 'i'] })).toBe(3);
  expect(count(model, { groupIds: ['g'], adminId: 'bob' })).toBe(0);
});

test.each([
  ['pending', ['h 1 x pending', 'g 1 x pending']],
  ['expired', ['g 2 y expired']],
  ['approved', []],
] as const)('of the status %s are listed and counted alone', async (status, expected) => {
  const model = await modelOf(log(), { now: () => NOW });
  const answer = list(model, { adminId: 'ann', status });
  expect([shown(answer), answer.total]).toEqual([expected, expected.length]);
});

test('every end of an application is shown, and a new one takes its place', async () => {
  const made = new Log();
  made.group('g', created('ann'), ...['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => applied(id, i + 1, LATER)));
  made.group('g', applicationApproved('a', 1), joined('application', 2, 'a'));
  made.group('g', applicationDeclined('b', 2));
  made.group('g', applicationWithdrawn('c', 3));
  made.group('g', applicationExpired('d', 4, LATER));
  made.group('g', joined('code', 3, 'e'), left(2, 'e'));
  made.group('g', applicationDeclined('f', 6), applied('f', 7, LATER));
  const answer = list(await modelOf(made, { now: () => NOW }), { groupIds: ['g'] });
  expect(shown(answer)).toEqual([
    'g 7 f pending',
    'g 5 e joined',
    'g 4 d expired',
    'g 3 c withdrawn',
    'g 2 b declined',
    'g 1 a approved',
  ]);
  expect(answer.total).toBe(6);
});

test('pages have each application once, over the ends of groups, while others come', async () => {
  const made = log();
  const model = await modelOf(made, { now: () => NOW });
  const seen: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = list(model, { adminId: 'ann', limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...shown(page));
    cursor = page.cursor;
    if (cursor === undefined) break;
    made.group('h', applied(`z${seen.length}`, 1 + seen.length, LATER));
    await model.applyBatch(made.events.slice(-1), made.head);
  }
  expect(seen).toEqual(['h 1 x pending', 'g 2 y expired', 'g 1 x pending']);
});

test('a copy of the list of some groups gets what changed since its position', async () => {
  const made = log();
  const model = await modelOf(made, { now: () => NOW });
  const { position, basis } = list(model, { groupIds: ['g', 'h'] });
  made.group('h', applicationDeclined('x', 1, 'bob'));
  made.group('i', applicationDeclined('x', 1, 'bob'));
  made.group('g', applied('z', 3, LATER));
  made.group('g', joined('join', 2, 'x'));
  await model.applyBatch(made.events.slice(-4), made.head);
  const since = { sincePosition: position, basis };
  const changes = list(model, { groupIds: ['g', 'h'], ...since });
  expect(shown(changes)).toEqual(['h 1 x declined', 'g 3 z pending', 'g 1 x joined']);
  expect(changes).toMatchObject({ full: false, more: false, removed: [], total: 4, position: made.head });
  const first = list(model, { groupIds: ['g', 'h'], limit: 1, ...since });
  expect([shown(first), first.more]).toEqual([['h 1 x declined'], true]);
});

test('a copy gets the whole list when one of its groups has ended, and for a user who administers', async () => {
  const made = log();
  const model = await modelOf(made, { now: () => NOW });
  const { position, basis } = list(model, { groupIds: ['g', 'h'] });
  const since = { sincePosition: position, basis };
  expect(list(model, { adminId: 'ann', ...since }).full).toBe(true);
  made.group('g', dismissed());
  await model.applyBatch(made.events.slice(-1), made.head);
  const answer = list(model, { groupIds: ['g', 'h'], ...since });
  expect([shown(answer), answer.full, answer.total]).toEqual([['h 1 x pending'], true, 1]);
});

test('a copy of groups of which some ended before, or do not exist yet, gets changes', async () => {
  const made = log();
  made.group('g', dismissed());
  const model = await modelOf(made, { now: () => NOW });
  const groupIds = ['g', 'h', 'later'];
  const { position: sincePosition, basis } = list(model, { groupIds });
  made.group('later', created('ann'));
  made.group('later', applied('x', 1, LATER));
  await model.applyBatch(made.events.slice(-2), made.head);
  const answer = list(model, { groupIds, sincePosition, basis });
  expect([shown(answer), answer.full, answer.total]).toEqual([['later 1 x pending'], false, 2]);
});

test('a copy gets the whole list after an erasure in its tenant, which empties texts without an event of a group', async () => {
  const key = Buffer.alloc(32, 5);
  const made = log();
  made.append(userKeyStream(app, 'z'), [{ type: KEY_MADE, data: { key: key.toString('base64url') } }]);
  made.group('g', applied('z', 3, LATER, sealText('I know Ann', { keyId: 'demo/z#1', key }, 'g')));
  const model = await modelOf(made, { now: () => NOW });
  const { position: sincePosition, basis, applications } = list(model, { groupIds: ['g'] });
  expect(applications[0]?.reason).toBe('I know Ann');
  made.append(userKeyStream(app, 'z'), [{ type: KEYS_ERASED, data: {} }]);
  made.append(userKeyStream('other', 'z'), [{ type: KEYS_ERASED, data: {} }]);
  await model.applyBatch(made.events.slice(-2), made.head);
  const answer = list(model, { groupIds: ['g'], sincePosition, basis });
  expect([answer.full, answer.applications[0]?.reason]).toEqual([true, '']);
  // Only the tenant's own erasures count.
  expect(list(model, { groupIds: ['g'], sincePosition: made.events.at(-2)!.position, basis }).full).toBe(false);
});

test('a user who no longer administers a group no longer sees its applications', async () => {
  const made = log();
  made.group('h', adminRevoked('ann'));
  expect(shown(list(await modelOf(made, { now: () => NOW }), { adminId: 'ann' }))).toEqual([
    'g 2 y expired',
    'g 1 x pending',
  ]);
});

test('a cursor of other groups is refused', async () => {
  const model = await modelOf(log(), { now: () => NOW });
  const { cursor } = list(model, { groupIds: ['g'], limit: 1 });
  expect(refused(() => list(model, { groupIds: ['h'], cursor: cursor! }))?.code).toBe('CURSOR_INVALID');
});

test('ends of applications are announced by the worker while they are pending', async () => {
  const made = log();
  made.group('g', applicationDeclined('y', 2), joined('code', 2, 'x'));
  const model = await modelOf(made, { now: () => NOW });
  const ends = model.queries.expiries({ app }).expiries;
  expect(ends.map(({ groupId, kind, id }) => [groupId, kind, id])).toEqual([
    ['h', 'application', 'x'],
    ['i', 'application', 'x'],
  ]);
});

import { created, importCompleted, importStarted, joined, left, membersImported } from '@cohort/contracts/testing';
import type { ReadModel } from '../read-model';
import { applyAll, Log } from '../testing/log';
import { testModels } from '../testing/models';
import { olderBuild } from '../testing/older-build';
import { refused } from '../testing/refused';

const { modelOf, newModel, close } = testModels();
const app = 'demo';
const [AT, THEN] = ['2020-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'];

const begun = (): Log => {
  const log = new Log();
  log.group('h', created('bob'));
  log.group('g', created('ann'), importStarted('i', { createdAt: AT, ownerJoinedAt: AT }));
  log.group('g', membersImported(0, 3, { userId: 'bob', role: 'admin', joinedAt: THEN }, { userId: 'cid' }));
  return log;
};

const sees = (model: ReadModel, userId: string) => ({
  group: refused(() => model.queries.group({ app, groupId: 'g' }))?.code,
  isMember: model.queries.isMember({ app, groupId: 'g', userId }).isMember,
  groups: model.queries.userGroups({ app, userId }).groups.map(({ groupId }) => groupId),
  total: model.queries.userGroups({ app, userId }).total,
  count: model.queries.joinedCount({ app, userId }).count,
  all: model.queries.appGroups({ app }).groups.map(({ groupId }) => groupId),
});

it('a group that is being imported is seen by nobody, and its progress by its import', async () => {
  const model = newModel();
  const log = begun();
  await model.applyBatch(log.events.slice(0, 1), log.events[0]!.position);
  // What was asked before must not be remembered.
  expect(sees(model, 'ann').isMember).toBe(false);
  await applyAll(model, log);
  const nothing = { group: 'GROUP_NOT_FOUND', isMember: false };
  expect(sees(model, 'ann')).toEqual({ ...nothing, groups: [], total: 0, count: 0, all: ['h'] });
  expect(sees(model, 'bob')).toEqual({ ...nothing, groups: ['h'], total: 1, count: 1, all: ['h'] });
  expect(model.groups.isBeingImported(app, 'g')).toBe(true);
  expect(model.queries.importStatus({ app, groupId: 'g' })).toMatchObject({
    ...{ importId: 'i', chunks: 1, memberCount: 3, completed: false },
  });
  expect(model.lookups.eventsOfUser(app, 'bob', undefined, 9)).toContainEqual(
    expect.objectContaining({ groupId: 'g', hidden: true }),
  );
});

it('an imported group has its members as they were, and copies of lists learn of it', async () => {
  const model = newModel();
  const log = begun();
  await applyAll(model, log);
  const before = model.queries.userGroups({ app, userId: 'cid' });
  expect(model.queries.isMember({ app, groupId: 'g', userId: 'cid' })).toEqual({ isMember: false });
  expect(model.queries.exportUser({ app, userId: 'cid' }).memberships).toEqual([]);
  const events = [...log.group('g', importCompleted(1, 3)), ...log.group('g', joined('join', 4, 'dot'))];
  await model.applyBatch(events, log.head);

  expect(model.queries.group({ app, groupId: 'g' })).toMatchObject({ status: 'live', createdAt: AT, memberCount: 4 });
  expect(model.queries.members({ app, groupId: 'g' }).members).toMatchObject([
    { userId: 'ann', role: 'owner', joinedAt: AT },
    { userId: 'bob', role: 'admin', joinedAt: THEN, joinedVia: 'import' },
    { userId: 'cid', role: 'member', joinedVia: 'import' },
    { userId: 'dot', role: 'member' },
  ]);
  expect(model.queries.isMember({ app, groupId: 'g', userId: 'cid' })).toEqual({ isMember: true, role: 'member' });
  const { basis, position: sincePosition } = before;
  expect(model.queries.userGroups({ app, userId: 'cid', basis, sincePosition })).toMatchObject({
    ...{ full: false, total: 1, groups: [{ groupId: 'g' }] },
  });
  expect(model.queries.importStatus({ app, groupId: 'g' })).toMatchObject({ completed: true });
  expect(refused(() => model.queries.importStatus({ app, groupId: 'h' }))).toMatchObject({ code: 'GROUP_NOT_FOUND' });
  expect(model.lookups.eventsOfUser(app, 'bob', undefined, 9)).toMatchObject([
    { groupId: 'h', revision: 0 },
    { groupId: 'g', revision: 2, at: Date.parse(THEN) },
  ]);
});

it('an import that an earlier build skipped ends in the rows of a rebuild', async () => {
  const log = begun();
  log.group('g', importCompleted(1, 3));
  log.group('g', left(2, 'cid'));
  const name = 'skipped.db';
  const old = await modelOf(log, { features: olderBuild('membersImported') }, name);
  close(old);
  const model = newModel({}, name);
  await applyAll(model, log);
  expect([...model.dump()]).toEqual([...(await modelOf(log)).dump()]);
});

it('imported members keep their ids and times as they are', async () => {
  const model = newModel();
  const log = new Log();
  log.group('g', created('ann'), importStarted('i'));
  const ids = ['007', '"\\😀', ' a', "o'neil", '1'.repeat(64)];
  const times = ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.001Z', THEN, AT, '9999-12-31T23:59:59.999Z'];
  const imported = ids.map((userId, i) => ({ userId, joinedAt: times[i]! }));
  log.group('g', membersImported(0, 6, ...imported), importCompleted(1, 6));
  await applyAll(model, log);
  expect(model.queries.members({ app, groupId: 'g' }).members.slice(1)).toMatchObject(imported);
  for (const userId of ids) expect(model.queries.isMember({ app, groupId: 'g', userId }).isMember).toBe(true);
});

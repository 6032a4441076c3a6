import {
  adminGranted,
  applicationDeclined,
  applied,
  created,
  dismissed,
  displayNameChanged,
  importCompleted,
  importStarted,
  invitationDeclined,
  invited,
  joined,
  joinedBy,
  kicked,
  left,
  memberExtraSet,
  membersImported,
  muteModeSet,
  transferred,
} from '@cohort/contracts/testing';
import type { ExportedMembership } from '@cohort/contracts';
import type { ReadModel } from '../../read-model';
import { MAX_ANSWER_BYTES } from '../../pages';
import { BEGIN, Log } from '../../testing/log';
import { testModels } from '../../testing/models';
import { time } from '../../testing/three-groups';

const { modelOf } = testModels();
const app = 'demo';
const END = BEGIN + 3_600_000;

/** All memberships of a user, read in pages. */
function exported(model: ReadModel, userId: string, limit: number): ExportedMembership[] {
  const all: ExportedMembership[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = model.queries.exportUser({ app, userId, limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.memberships.length).toBeLessThanOrEqual(limit);
    all.push(...page.memberships);
    cursor = page.cursor;
  }
  return all;
}
const short = (all: readonly ExportedMembership[]) =>
  all.map(({ groupId, status, role, endedAt }) => [groupId, status, role, endedAt]);

/** All groups in which a user has something pending, read one at a time. */
function open(model: ReadModel, userId: string): string[] {
  const all: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = model.queries.openRequests({ app, userId, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...page.groups.map(({ groupId }) => groupId));
    cursor = page.cursor;
  }
  return all;
}

describe('an export', () => {
  it('has pages that fit into an answer, whatever data the memberships have', async () => {
    const log = new Log();
    const data = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`k${i}`, '\u{1F600}'.repeat(1_024)]));
    const groups = Array.from({ length: 12 }, (_, i) => `g${i}`);
    for (const id of groups) log.group(id, created('bob'), memberExtraSet('bob', data));
    const model = await modelOf(log);
    const page = model.queries.exportUser({ app, userId: 'bob', limit: 100 });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(MAX_ANSWER_BYTES + 1_024);
    expect(page.memberships.length).toBeGreaterThan(3);
    expect(exported(model, 'bob', 100).map(({ groupId }) => groupId)).toEqual(groups.reverse());
  });

  it.each([1, 2, 100])(
    'has current memberships, those that the user left, and those of groups that ended, in pages of %s',
    async (limit) => {
      const log = new Log();
      log.group('a', created('ann'), joined('add', 2, 'bob'));
      log.group('a', adminGranted('bob'));
      log.group('b', created('bob', { name: 'Mine' }));
      log.group('a', kicked(1, 'bob'));
      log.group('b', dismissed());
      log.group('a', joinedBy('invitation', 'ann', 2, 'bob'));
      log.group('a', left(1, 'bob'));
      log.group('a', joined('join', 2, 'bob'));
      log.group('a', muteModeSet('bob', 1), displayNameChanged('bob', 'Bobby'));
      log.group('c', created('ann'));
      const all = exported(await modelOf(log), 'bob', limit);
      expect(short(all)).toEqual([
        ['a', 'current', 'member', undefined],
        ['a', 'left', 'member', time(6)],
        ['b', 'dismissed', 'owner', time(4)],
        ['a', 'left', 'admin', time(3)],
      ]);
      expect(all[0]).toMatchObject({ displayName: 'Bobby', muteMode: 1, pushMode: 0, extra: {}, joinedVia: 'join' });
      expect(all[1]).toEqual({
        ...{ groupId: 'a', name: 'Sales', status: 'left', role: 'member', joinedVia: 'invitation', joinedBy: 'ann' },
        ...{ joinedAt: time(5), endedAt: time(6) },
      });
      expect(all[2]).toMatchObject({ name: 'Mine', joinedAt: time(2), displayName: '' });
    },
  );

  it('has the role of a creator who left, which is that of the owner unless it changed before', async () => {
    const log = new Log();
    log.group('a', created('bob'), joined('add', 2, 'ann'), left(1, 'bob'));
    log.group('b', created('bob'), joined('add', 2, 'ann'), transferred('bob', 'ann'), left(1, 'bob'));
    const roles = short(exported(await modelOf(log), 'bob', 10)).map(([groupId, , role]) => [groupId, role]);
    expect(Object.fromEntries(roles)).toEqual({ a: 'owner', b: 'member' });
  });

  it('has several memberships in one group that began at the same time, each once', async () => {
    const log = new Log();
    log.group(
      'a',
      created('ann'),
      ...Array.from({ length: 3 }, () => [joined('add', 2, 'bob'), left(1, 'bob')]).flat(),
    );
    for (const limit of [1, 2, 5]) expect(exported(await modelOf(log), 'bob', limit)).toHaveLength(3);
  });

  it('has no group that is being imported, and has it once it is there', async () => {
    const log = new Log();
    log.group('a', created('ann'), importStarted('i'));
    log.group('a', membersImported(0, 2, { userId: 'bob' }));
    expect(exported(await modelOf(log), 'bob', 10)).toEqual([]);
    log.group('a', importCompleted(1, 2));
    expect(short(exported(await modelOf(log), 'bob', 10))).toEqual([['a', 'current', 'member', undefined]]);
  });
});

describe('open requests', () => {
  it('are in the live groups in which the user applied, was invited, or invited somebody, and nothing came of it yet', async () => {
    const log = new Log();
    for (const groupId of ['a', 'b', 'c', 'd', 'e', 'f']) log.group(groupId, created('ann'));
    log.group('a', applied('x', 1, END));
    log.group('b', invited('ann', { x: 1, y: 2 }, END));
    log.group('c', invited('x', { y: 1, z: 2 }, END));
    log.group('d', applied('x', 1, END), invited('ann', { y: 1 }, END));
    log.group('e', applied('x', 1, END), invited('ann', { x: 1 }, END), invited('x', { z: 2 }, END));
    log.group('d', applicationDeclined('x', 1));
    const model = await modelOf(log);
    expect(open(model, 'x')).toEqual(['a', 'b', 'c', 'e']);
    expect(open(model, 'y')).toEqual(['b', 'c', 'd']);
    expect(open(model, 'nobody')).toEqual([]);
    log.group('c', invitationDeclined('y', 1, 'x'));
    log.group('a', dismissed());
    log.group('b', joined('add', 2, 'x'));
    const later = await modelOf(log);
    expect(open(later, 'x')).toEqual(['c', 'e']);
    expect(open(later, 'y')).toEqual(['b', 'd']);
  });
});

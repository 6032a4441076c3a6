import fc from 'fast-check';
import { ROLES, usersNamedIn, type Role } from '@cohort/contracts';
import {
  adminGranted,
  created,
  dismissed,
  infoChanged,
  joined,
  joinedBy,
  kicked,
  left,
  transferred,
} from '@cohort/contracts/testing';
import type { LogEvent } from '../../log-event';
import type { ReadModel } from '../../read-model';
import { FOUNDER, histories, USERS } from '../../testing/histories';
import { applyAll, discard, Log, openModel } from '../../testing/log';
import { testModels } from '../../testing/models';
import { olderBuild } from '../../testing/older-build';

const { modelOf, newModel, close, file } = testModels();
const app = 'demo';

/** Members after a revision, as `ann owner`, read in pages; all, or those with a role. */
function rolesThen(model: ReadModel, revision: number, count = 2, role?: Role): string[] {
  const all: string[] = [];
  for (let after: number | undefined = -1; after !== undefined;) {
    const page = model.lookups.membersThen(model.lookups.groupNow(app, 'g'), revision, after, count, role);
    expect(page.members.length).toBeLessThanOrEqual(count);
    all.push(...page.members.map(({ userId, role }) => `${userId} ${role}`));
    after = page.next;
  }
  return all;
}

/** What events of a user are, as `g/3`, read in pages, the newest first. */
function eventsOf(model: ReadModel, user: string, count = 2): string[] {
  const all: string[] = [];
  for (let page = model.lookups.eventsOfUser(app, user, undefined, count); page.length > 0;) {
    all.push(...page.map(({ groupId, revision }) => `${groupId}/${revision}`));
    page = model.lookups.eventsOfUser(app, user, page.at(-1), count);
  }
  return all;
}

describe('memberships', () => {
  it('a member who was kicked and came again has two memberships, each with its own role', async () => {
    const log = new Log();
    log.group('g', created('ann'));
    log.group('g', joinedBy('add', 'ann', 2, 'bob'));
    log.group('g', adminGranted('bob'));
    log.group('g', kicked(1, 'bob'));
    log.group('g', joinedBy('invitation', 'ann', 2, 'bob'));
    log.group('g', transferred('ann', 'bob'));
    const model = await modelOf(log);
    expect([0, 1, 2, 3, 4, 5].map((revision) => rolesThen(model, revision))).toEqual([
      ['ann owner'],
      ['ann owner', 'bob member'],
      ['ann owner', 'bob admin'],
      ['ann owner'],
      ['ann owner', 'bob member'],
      ['ann member', 'bob owner'],
    ]);
    const then = (revision: number) => model.lookups.membersThen(model.lookups.groupNow(app, 'g'), revision, -1, 10);
    expect(then(2).members[1]).toMatchObject({ joinedVia: 'add', joinedAt: '2026-01-01T00:00:01.000Z' });
    expect(then(4).members[1]).toMatchObject({ joinedVia: 'invitation', joinedBy: 'ann' });
  });

  it('an end that an earlier build skipped belongs to the membership before it', async () => {
    const log = new Log();
    log.group('g', created('ann'));
    log.group('g', joined('join', 2, 'bob'));
    log.group('g', kicked(1, 'bob'));
    log.group('g', joined('join', 2, 'bob'));
    log.group('g', left(1, 'bob'));
    const old = await modelOf(log, { features: olderBuild('memberKicked') }, 'skipped.db');
    expect(rolesThen(old, 2)).toEqual(['ann owner', 'bob member']);
    close(old);
    const model = newModel({}, 'skipped.db');
    await applyAll(model, log);
    expect([1, 2, 3, 4].map((revision) => rolesThen(model, revision).length)).toEqual([2, 1, 2, 1]);
    expect([...model.dump()]).toEqual([...(await modelOf(log)).dump()]);
  });

  it('show the members of every revision, and those with each role, whatever happens to the group', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(['g'], ['join', 'leave', 'kick', 'grant', 'revoke', 'transfer'], { minLength: 5 }),
        async ({ log }) => {
          const whole = openModel(file('property.db'));
          await applyAll(whole, log);
          for (const [i, { position }] of log.events.entries()) {
            const part = openModel(file('part.db'));
            await part.applyBatch(log.events.slice(0, i + 1), position);
            const expected = part.queries
              .members({ app, groupId: 'g' })
              .members.map(({ userId, role }) => `${userId} ${role}`);
            try {
              expect(rolesThen(whole, i, 3)).toEqual(expected);
              for (const role of ROLES) {
                const withRole = expected.filter((member) => member.endsWith(` ${role}`));
                expect(rolesThen(whole, i, 2, role)).toEqual(withRole);
                const group = whole.lookups.groupNow(app, 'g');
                expect(whole.lookups.countThen(group, i, role, expected.length)).toBe(withRole.length);
              }
            } finally {
              await discard([part, file('part.db')]);
            }
          }
          await discard([whole, file('property.db')]);
        },
      ),
      { numRuns: 5 },
    );
  }, 120_000);
});

describe('events of a user', () => {
  it('are those in which they acted and those that name them, over all groups, the newest first', async () => {
    const log = new Log();
    const by = (id: string) => ({ actor: { type: 'user', id } });
    log.append('group-demo/g', [created('ann')], by('ann'));
    log.append('group-demo/h', [created('bob')], by('bob'));
    log.append('group-demo/g', [joined('add', 3, 'bob', 'cid')], by('ann'));
    log.append('group-demo/g', [infoChanged({ name: 'New' })], by('bob'));
    log.append('group-demo/g', [adminGranted('cid')], { actor: { type: 'service', onBehalfOf: 'bob' } });
    log.append('group-demo/g', [kicked(2, 'bob')], by('cid'));
    log.append('group-demo/h', [joined('join', 2, 'ann')], by('ann'));
    log.append('group-demo/h', [transferred('bob', 'ann')], by('bob'));
    log.append('group-demo/h', [dismissed()], by('ann'));
    log.append('group-demo/g', [joined('join', 3, 'bob')], by('bob'));
    const model = await modelOf(log);
    expect(eventsOf(model, 'bob')).toEqual(['g/5', 'h/2', 'g/4', 'g/3', 'g/2', 'g/1', 'h/0']);
    expect(eventsOf(model, 'ann')).toEqual(['h/3', 'h/2', 'h/1', 'g/1', 'g/0']);
    expect(eventsOf(model, 'cid', 100)).toEqual(['g/4', 'g/3', 'g/1']);
    expect(eventsOf(model, 'eve')).toEqual([]);
  });

  it('are complete and in order, whatever happens, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(histories(['g', 'h']), fc.integer({ min: 1, max: 5 }), async ({ log }, count) => {
        const model = openModel(file('users.db'));
        await applyAll(model, log);
        await model.indexForQueries();
        const names = ({ data }: LogEvent, user: string) => usersNamedIn(data as object).includes(user);
        try {
          for (const user of [FOUNDER, ...USERS]) {
            const expected = log.events
              .filter((event) => names(event, user))
              .map(({ stream, revision }) => `${stream.slice(-1)}/${revision}`)
              .reverse();
            // Two groups of one append have the same time.
            expect(eventsOf(model, user, count)).toEqual(expected);
          }
        } finally {
          await discard([model, file('users.db')]);
        }
      }),
      { numRuns: 10 },
    );
  }, 120_000);
});

describe('the events that decide a group', () => {
  it('are the last of each aspect until a revision, however many there are', async () => {
    const log = new Log();
    log.group('g', created('ann'));
    for (let i = 0; i < 50; i++) log.group('g', infoChanged({ name: `N${i}` }));
    log.group('g', infoChanged({ description: 'D' }));
    log.group('g', joined('join', 2, 'bob'));
    log.group('g', transferred('ann', 'bob'));
    log.group('g', dismissed());
    const model = await modelOf(log);
    const { lookups } = model;
    const group = lookups.groupNow(app, 'g');
    expect(lookups.turnsUntil(group, 0)).toEqual([0]);
    expect(lookups.turnsUntil(group, 20)).toEqual([0, 20]);
    expect(lookups.turnsUntil(group, 52)).toEqual([0, 50, 51]);
    expect(lookups.turnsUntil(group, 54)).toEqual([0, 50, 51, 53, 54]);
    expect([0, 51, 52, 54].map((revision) => lookups.lastMembershipUntil(group, revision))).toEqual([0, 0, 52, 52]);
    expect([53, 54].map((revision) => lookups.wasDismissed(group, revision))).toEqual([false, true]);
  });
});

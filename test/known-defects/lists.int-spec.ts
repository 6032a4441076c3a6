import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CohortError, groupStream, PAGE, type GroupCommand } from '@cohort/contracts';
import { decide, evolve, initialState, type GroupState } from '@cohort/group';
import { anyCommand, AT, command, COMMAND_NAMES, context, exampleOf } from '@cohort/group/testing';
import { ReadModel } from '@cohort/read-model';
import { Log } from '../../libs/read-model/src/testing/log';
import { Copies } from './list-copies';
import { endsOf, listsOf, ofUser, shown, silence } from './list-model';

/**
 * Defects that users of other group services met in lists: counts that differ from the list, users who are listed in a group that
 * they left, groups that stay in the list of a user, copies that are wrong after a dismissal or a transfer
 * (openimsdk/openim-sdk-core#1005, #977, #203, open-im-server#3525, #3284, wildfirechat/im-server#309, #196, #47, #327,
 * RocketChat/Rocket.Chat#14896). Commands are decided by the domain, and applied as a query node applies them.
 */

const app = 'demo';
const groupIds = ['g', 'h'];
const userIds = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];
/** Some applications, invitations and bans run out on a way. */
const limits = { ...context.limits, applicationMs: 60, invitationMs: 60 };

interface Step {
  readonly groupId: string;
  readonly command: GroupCommand;
}
/** After these, the others are refused. */
const ENDING: readonly string[] = ['dismiss', 'disable', 'create', 'importGroup'];
const sensible = fc
  .tuple(fc.constantFrom(...COMMAND_NAMES.filter((name) => !ENDING.includes(name))), fc.constantFrom(...userIds))
  .map(([name, userId]) => exampleOf(name, userId));
const step = fc.record({
  groupId: fc.constantFrom(...groupIds),
  command: fc.oneof({ weight: 4, arbitrary: sensible }, { weight: 1, arbitrary: anyCommand }),
});
const settings = { visibility: 'public', membersMayInvite: true } as const;
const publicGroup = (more: object) =>
  command('create', { name: 'G', owner: 'u1', members: ['u2', 'u3'], settings: { ...settings, ...more } });
const beginning = fc.oneof(
  { weight: 4, arbitrary: fc.constant(publicGroup({})) },
  { weight: 4, arbitrary: fc.constant(publicGroup({ joinPolicy: 'open' })) },
  { weight: 1, arbitrary: fc.constant(command('importGroup', { importId: 'i1', name: 'G', owner: 'u1' })) },
);

/** Groups that commands change, and a query node that applies each append. */
class World {
  private readonly log = new Log();
  private readonly states = new Map<string, GroupState>();
  private now = AT;
  readonly model: ReadModel;
  private readonly copies: Copies;

  constructor(file: string) {
    this.model = ReadModel.open({ file, store: 'store', keptChanges: 3, now: () => this.now });
    this.copies = new Copies(this.model, groupIds, userIds);
  }

  /** Returns whether anything changed. */
  async run({ groupId, command: { type, data } }: Step): Promise<boolean> {
    this.now += 4;
    const state = this.states.get(groupId) ?? initialState;
    const numericId = String(groupIds.indexOf(groupId) + 1);
    const decision = decide({ type, data: { ...data, groupId } } as GroupCommand, state, {
      ...{ ...context, at: this.now, limits, numericId },
    });
    if (!decision.ok || decision.events.length === 0) return false;
    const at = new Date(this.now).toISOString();
    const events = this.log.append(groupStream(app, groupId), decision.events, { at, actor: data.actor });
    this.states.set(groupId, decision.events.reduce(evolve, state));
    await this.model.applyBatch(events, events.at(-1)!.position);
    return true;
  }

  /** Every list has what the domain has, from the command's position on. */
  check(): void {
    expect(this.model.degraded()).toEqual([]);
    for (const groupId of groupIds) this.checkGroup(groupId);
    for (const userId of userIds) this.checkUser(userId);
    const { expiries } = this.model.queries.expiries({ app });
    expect(expiries.map(({ groupId, kind, id, endsAt }) => `${groupId} ${kind} ${id} ${endsAt}`).sort()).toEqual(
      endsOf(this.states),
    );
  }

  checkCopies(): void {
    this.copies.mustEqualTheLists(this.now);
  }

  private checkGroup(groupId: string): void {
    const { queries } = this.model;
    const of = { app, groupId, limit: PAGE.maxLimit };
    const state = this.states.get(groupId);
    const group = shown(state);
    for (const userId of userIds) {
      const speech = queries.canSpeak({ app, groupId, userId });
      const because = silence(state, userId, this.now);
      expect([userId, speech.canSpeak, speech.reason]).toEqual([userId, because === undefined, because]);
      const { isMember } = queries.isMember({ app, groupId, userId });
      expect([userId, isMember]).toEqual([userId, group?.membership.members.has(userId) ?? false]);
    }
    if (group === undefined) {
      for (const name of [
        'members',
        'banned',
        'allowList',
        'blocked',
        'invitations',
        'files',
        'announcements',
      ] as const) {
        expect(codeOf(() => queries[name](of))).toBe(
          state?.status === 'dismissed' ? 'GROUP_DISMISSED' : 'GROUP_NOT_FOUND',
        );
      }
      expect(queries.applications({ app, groupIds: [groupId] }).applications).toEqual([]);
      expect(queries.appGroups({ app }).groups.map((one) => one.groupId)).not.toContain(groupId);
      return;
    }
    const members = queries.members(of);
    const view = queries.group(of);
    const pending = { status: 'pending' } as const;
    const applications = queries.applications({ app, groupIds: [groupId], ...pending });
    expect(queries.applicationCount({ app, groupIds: [groupId] }).count).toBe(applications.total);
    const ofApp = queries.appGroups({ app }).groups.find((one) => one.groupId === groupId);
    expect({
      members: members.members.map(({ userId, role }) => `${userId} ${role}`),
      admins: queries.members({ ...of, role: 'admin' }).members.map(({ userId }) => userId),
      counts: [members.total, members.members.length, view.memberCount, ofApp?.memberCount],
      owner: view.owner,
      banned: queries.banned(of).banned.map(({ userId, until = '' }) => `${userId} ${until}`),
      allowed: queries.allowList(of).members.map(({ userId }) => userId),
      blocked: queries.blocked(of).blocked.map(({ userId }) => userId),
      applications: applications.applications.map((one) => `${one.userId} ${one.applicationId}`).sort(),
      invitations: queries
        .invitations({ ...of, ...pending })
        .invitations.map(({ userId, inviter, invitationId }) => `${userId} ${inviter} ${invitationId}`)
        .sort(),
      announcements: queries
        .announcements(of)
        .announcements.map(({ announcementId }) => announcementId)
        .sort(),
      files: queries
        .files(of)
        .files.map(({ fileId, name }) => `${fileId} ${name}`)
        .sort(),
    }).toEqual(listsOf(group, this.now));
  }

  private checkUser(userId: string): void {
    const { queries } = this.model;
    const { groups, total } = queries.userGroups({ app, userId });
    const exported = queries.exportUser({ app, userId, limit: PAGE.maxLimit }).memberships;
    const present = exported.filter(({ endedAt }) => endedAt === undefined);
    const pending = { status: 'pending' } as const;
    const { invitations } = queries.invitations({ app, userId, ...pending });
    const { applications } = queries.applications({ app, adminId: userId, ...pending });
    const expected = ofUser(this.states, userId, this.now);
    expect({
      groups: groups.map(({ groupId, role, memberCount }) => `${groupId} ${role} ${memberCount}`).sort(),
      invitations: invitations.map(({ groupId, inviter }) => `${groupId} ${inviter}`).sort(),
      handled: applications.map((one) => `${one.groupId} ${one.userId}`).sort(),
    }).toEqual(expected);
    const count = expected.groups.length;
    expect([total, queries.joinedCount({ app, userId }).count, present.length]).toEqual([count, count, count]);
  }
}

function codeOf(ask: () => unknown): string | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    return (error as CohortError).code;
  }
}

const directory = mkdtempSync(join(tmpdir(), 'cohort-lists-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Plays ways through groups; `visit` is called after each append. */
async function play(numRuns: number, visit: (world: World, n: number) => void): Promise<void> {
  let run = 0;
  const begin = fc.tuple(...groupIds.map(() => beginning));
  const steps = fc.array(step, { minLength: 90, maxLength: 120, size: 'max' });
  await fc.assert(
    fc.asyncProperty(begin, steps, async (first, rest) => {
      const file = join(directory, `${run++}.db`);
      const world = new World(file);
      try {
        const way = [...first.map((one, i): Step => ({ groupId: groupIds[i]!, command: one })), ...rest];
        for (const [n, one] of way.entries()) if (await world.run(one)) visit(world, n);
      } finally {
        world.model.close();
        rmSync(file, { force: true });
      }
    }),
    { numRuns, interruptAfterTimeLimit: 60_000 },
  );
}

test(
  'after each command, every list of a group and of a user has exactly what the domain has, and every count is its length',
  () => play(12, (world) => world.check()),
  120_000,
);

test(
  'a copy of any list that takes the changes since its last answer equals the whole list, whatever commands changed it',
  () =>
    play(12, (world, n) => {
      if (n % 3 === 0) world.checkCopies();
    }),
  120_000,
);

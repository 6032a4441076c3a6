import {
  adminGranted,
  allBanned,
  allowListed,
  allowListRemoved,
  allUnbanned,
  banExpired,
  banned,
  blocked,
  created,
  disabled,
  dismissed,
  displayNameChanged,
  enabled,
  joined,
  kicked,
  left,
  unbanned,
  unblocked,
} from '@cohort/contracts/testing';
import type { ReadModel } from '../../read-model';
import { applyAll, BEGIN, Log } from '../../testing/log';
import { testModels } from '../../testing/models';

const { newModel, close } = testModels();
const app = 'demo';
const END = BEGIN + 60_000;

let time: number;
let model: ReadModel;
let log: Log;
let applied: number;
beforeEach(async () => {
  time = BEGIN;
  applied = 0;
  model = newModel({ now: () => time, keptChanges: 3 });
  log = new Log();
  log.group('g', created('o'), joined('add', 4, 'a', 'm', 'n'), adminGranted('a'));
  await go();
});

/** Applies what the log has by now. */
async function go(): Promise<void> {
  const events = log.events.slice(applied);
  applied = log.events.length;
  await applyAll(model, { events });
}

const speaks = (userId: string, groupId = 'g') => model.queries.canSpeak({ app, groupId, userId });
const bannedNow = () => model.queries.banned({ app, groupId: 'g' });
const iso = (ms: number) => new Date(ms).toISOString();
const changesSince = (revision: string, basis: string) =>
  model.queries.banned({ app, groupId: 'g', sinceRevision: revision, basis });

describe('canSpeak', () => {
  it('says no to strangers, in unknown groups and in dismissed ones, and yes to members', async () => {
    expect(speaks('x')).toEqual({ canSpeak: false, reason: 'notAMember' });
    expect(speaks('m', 'h')).toEqual({ canSpeak: false, reason: 'noGroup' });
    expect(['o', 'a', 'm'].map((user) => speaks(user))).toEqual(Array(3).fill({ canSpeak: true }));
    log.group('g', dismissed());
    await go();
    expect(speaks('m')).toEqual({ canSpeak: false, reason: 'noGroup' });
  });

  it('says why anew once a group exists that was asked about before', async () => {
    expect(speaks('x', 'later')).toEqual({ canSpeak: false, reason: 'noGroup' });
    log.group('later', created('o'));
    await go();
    expect(speaks('x', 'later')).toEqual({ canSpeak: false, reason: 'notAMember' });
  });

  it('says no from the moment of a ban to its end, and yes from then on, before any event says so', async () => {
    expect(speaks('m')).toEqual({ canSpeak: true });
    log.group('g', banned(END, 'm'), banned(undefined, 'n', 'a'));
    await go();
    expect(speaks('m')).toEqual({ canSpeak: false, reason: 'banned', until: iso(END) });
    expect(speaks('n')).toEqual({ canSpeak: false, reason: 'banned' });
    expect(speaks('a')).toEqual({ canSpeak: false, reason: 'banned' });
    time = END - 1;
    expect(speaks('m').canSpeak).toBe(false);
    time = END;
    expect(speaks('m')).toEqual({ canSpeak: true });
    expect(speaks('n').canSpeak).toBe(false);
    log.group('g', unbanned('n'));
    await go();
    expect(speaks('n')).toEqual({ canSpeak: true });
  });

  it('says no to plain members during a ban-all, and yes to the owner, admins and the allow-list', async () => {
    log.group('g', allBanned(END), allowListed('n'));
    await go();
    expect(speaks('m')).toEqual({ canSpeak: false, reason: 'allBanned', until: iso(END) });
    expect(['o', 'a', 'n'].map((user) => speaks(user).canSpeak)).toEqual([true, true, true]);
    log.group('g', allowListRemoved('n'));
    await go();
    expect(speaks('n').canSpeak).toBe(false);
    time = END;
    expect(speaks('m')).toEqual({ canSpeak: true });
    log.group('g', allBanned());
    await go();
    expect(speaks('m')).toEqual({ canSpeak: false, reason: 'allBanned' });
    log.group('g', allUnbanned());
    await go();
    expect(speaks('m')).toEqual({ canSpeak: true });
  });

  it('says no to members of a disabled group until it is enabled', async () => {
    expect(speaks('o').canSpeak).toBe(true);
    log.group('g', disabled());
    await go();
    expect(['o', 'm'].map((user) => speaks(user))).toEqual(Array(2).fill({ canSpeak: false, reason: 'disabled' }));
    log.group('g', enabled());
    await go();
    expect(speaks('o')).toEqual({ canSpeak: true });
  });

  it('answers for a thread as for its group', async () => {
    log.group('g', banned(undefined, 'm'));
    await go();
    const inThread = (userId: string) => model.queries.canSpeak({ app, groupId: 'g', userId, threadId: 't' });
    expect(['o', 'm', 'x'].map(inThread)).toEqual(['o', 'm', 'x'].map((userId) => speaks(userId)));
    log.group('g', disabled());
    await go();
    expect(['o', 'm'].map(inThread)).toEqual(Array(2).fill({ canSpeak: false, reason: 'disabled' }));
  });

  it('says no to a banned user who left and came back, and knows no allow-list entry of theirs', async () => {
    log.group('g', banned(undefined, 'm'), allowListed('n'));
    log.group('g', left(2, 'm', 'n'));
    await go();
    expect(speaks('m')).toEqual({ canSpeak: false, reason: 'notAMember' });
    log.group('g', joined('add', 4, 'm', 'n'), allBanned());
    await go();
    expect(speaks('m')).toEqual({ canSpeak: false, reason: 'banned' });
    expect(speaks('n')).toEqual({ canSpeak: false, reason: 'allBanned' });
  });
});

describe('the list of banned users', () => {
  it('has no ban that has run out, and counts none', async () => {
    log.group('g', banned(END, 'm'), banned(undefined, 'n'));
    await go();
    const at = iso(BEGIN + 1_000);
    expect(bannedNow()).toMatchObject({
      banned: [
        { userId: 'm', until: iso(END), bannedAt: at },
        { userId: 'n', bannedAt: at },
      ],
      total: 2,
      revision: '4',
      full: true,
    });
    time = END;
    expect(bannedNow()).toMatchObject({ banned: [{ userId: 'n' }], total: 1 });
    log.group('g', banExpired(END, 'm'));
    await go();
    expect(bannedNow()).toMatchObject({ banned: [{ userId: 'n' }], total: 1, revision: '5' });
  });

  it('is read in pages of bounded size, each entry once', async () => {
    const users = Array.from({ length: 5 }, (_, i) => `u${i}`);
    log.group('g', joined('add', 9, ...users), banned(undefined, ...users));
    await go();
    const first = model.queries.banned({ app, groupId: 'g', limit: 3 });
    log.group('g', banned(END, 'u0'), unbanned('u1'));
    await go();
    const second = model.queries.banned({ app, groupId: 'g', limit: 3, cursor: first.cursor! });
    expect([...first.banned, ...second.banned].map(({ userId }) => userId)).toEqual(users);
    expect([first.total, second.total, second.cursor]).toEqual([5, 4, undefined]);
  });

  it('reports what changed since a revision, removals included, and needs the whole list once they are dropped', async () => {
    log.group('g', banned(undefined, 'm'), banned(END, 'n'));
    await go();
    const { revision, basis } = bannedNow();
    log.group('g', unbanned('m'), banned(undefined, 'a'));
    await go();
    expect(changesSince(revision, basis)).toMatchObject({
      full: false,
      banned: [{ userId: 'a' }],
      removed: ['m'],
      total: 2,
      more: false,
      revision: '6',
    });
    time = END;
    expect(changesSince('3', basis)).toMatchObject({ banned: [{ userId: 'a' }], removed: ['n', 'm'], total: 1 });
    for (let i = 0; i < 4; i++) log.group('g', i % 2 === 0 ? unbanned('a') : banned(undefined, 'a'));
    await go();
    expect(changesSince(revision, basis)).toMatchObject({ full: true });
    expect(changesSince('8', basis)).toMatchObject({ full: false });
  });
});

describe('a banned user, whose name dialects show beside the ban,', () => {
  const since = (revision: number) => {
    const { banned: users, removed } = changesSince(String(revision), bannedNow().basis);
    return [users.map(({ userId }) => userId), removed];
  };

  it('is among the changes since their name changed, since they left and since they came back', async () => {
    log.group('g', banned(undefined, 'm', 'n'));
    log.group('g', displayNameChanged('m', 'Mia'), displayNameChanged('a', 'Ann'));
    log.group('g', kicked(3, 'n'));
    log.group('g', joined('add', 4, 'n'));
    await go();
    expect([since(3), since(4), since(6), since(7)]).toEqual([
      [['m', 'n'], []],
      [['n'], []],
      [['n'], []],
      [[], []],
    ]);
  });

  it('is no longer among them once the ban is lifted, and is in a file that was opened again', async () => {
    const name = 'bans.db';
    model = newModel({ now: () => time, keptChanges: 3 }, name);
    log = new Log();
    log.group('g', created('o'), joined('add', 3, 'm', 'n'), banned(undefined, 'm', 'n'), unbanned('m'));
    applied = 0;
    await go();
    close(model);
    model = newModel({ now: () => time, keptChanges: 3 }, name);
    log.group('g', displayNameChanged('m', 'Mia'), displayNameChanged('n', 'Nia'));
    await go();
    expect(since(4)).toEqual([['n'], []]);
  });
});

test('the allow-list and the list of blocked users report additions and removals', async () => {
  log.group('g', allowListed('m', 'n'), kicked(3, 'm'), blocked('m', 'x'));
  await go();
  const allowed = model.queries.allowList({ app, groupId: 'g' });
  expect(allowed).toMatchObject({ members: [{ userId: 'n', allowedAt: iso(BEGIN + 1_000) }], total: 1, full: true });
  const { basis, ...blocking } = model.queries.blocked({ app, groupId: 'g' });
  expect(blocking).toMatchObject({
    blocked: [
      { userId: 'm', blockedAt: iso(BEGIN + 1_000) },
      { userId: 'x', blockedAt: iso(BEGIN + 1_000) },
    ],
    total: 2,
    revision: '5',
  });
  log.group('g', unblocked('m'), blocked('y'), allowListRemoved('n'));
  await go();
  const since = { app, groupId: 'g', sinceRevision: '5', basis };
  expect(model.queries.blocked(since)).toMatchObject({
    full: false,
    blocked: [{ userId: 'y' }],
    removed: ['m'],
    total: 2,
  });
  expect(model.queries.allowList(since)).toMatchObject({ full: false, members: [], removed: ['n'], total: 0 });
});

test('lists of a dismissed group are refused', async () => {
  log.group('g', banned(undefined, 'm'), dismissed());
  await go();
  for (const name of ['banned', 'allowList', 'blocked'] as const) {
    expect(() => model.queries[name]({ app, groupId: 'g' })).toThrow('was dismissed');
  }
});

test('a group shows its ban-all until it ends', async () => {
  const banAll = () => model.queries.group({ app, groupId: 'g' }).banAll;
  expect(banAll()).toBeUndefined();
  log.group('g', allBanned());
  await go();
  expect(banAll()).toEqual({});
  log.group('g', allBanned(Date.now() + 3_600_000));
  await go();
  expect(banAll()).toEqual({ until: expect.any(String) as string });
  log.group('g', allBanned(Date.now() - 1));
  await go();
  expect(banAll()).toBeUndefined();
});

describe('the list of what ends by itself', () => {
  const ends = (more: object = {}) => model.queries.expiries({ app, ...more });

  it('has bans and ban-alls of live groups in the order of their ends, until an event ends them', async () => {
    log.group('h', created('o'), joined('add', 2, 'm'));
    log.group('g', banned(END, 'm', 'n'), banned(undefined, 'a'), allBanned(END - 5));
    log.group('h', banned(END - 1, 'm'), allBanned());
    await go();
    const all = [
      { groupId: 'g', kind: 'banAll', id: '', endsAt: iso(END - 5) },
      { groupId: 'h', kind: 'ban', id: 'm', endsAt: iso(END - 1) },
      { groupId: 'g', kind: 'ban', id: 'm', endsAt: iso(END) },
      { groupId: 'g', kind: 'ban', id: 'n', endsAt: iso(END) },
    ];
    expect(ends()).toEqual({ expiries: all });
    const first = ends({ limit: 3 });
    expect(first).toEqual({ expiries: all.slice(0, 3), cursor: expect.any(String) as string });
    expect(ends({ limit: 3, cursor: first.cursor })).toEqual({ expiries: all.slice(3) });
    log.group('g', banned(undefined, 'm'), unbanned('n'), allUnbanned());
    await go();
    expect(ends()).toEqual({ expiries: [all[1]] });
    log.group('h', dismissed());
    await go();
    expect(ends()).toEqual({ expiries: [] });
  });

  it('has nothing of other tenants', async () => {
    log.group('g', banned(END, 'm'));
    await go();
    expect(model.queries.expiries({ app: 'other' })).toEqual({ expiries: [] });
  });
});

import { KEY_MADE, KEYS_ERASED, sealText, userKeyStream } from '@cohort/contracts';
import {
  adminGranted,
  created,
  disabled,
  dismissed,
  displayNameChanged,
  joined,
  left,
  memberExtraSet,
  muteModeSet,
  pushModeSet,
  settingsChanged,
} from '@cohort/contracts/testing';
import { applyAll, Log } from '../testing/log';
import { testModels } from '../testing/models';
import { refused } from '../testing/refused';

const { modelAfter, newModel } = testModels();
const app = 'demo';
const groupId = 'g';
const key = Buffer.alloc(32, 3);
const seal = (text: string, number = 1) => sealText(text, { keyId: `demo/ann#${number}`, key }, 'g');
const joinedAt = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const plain = { displayName: '', muteMode: 0, pushMode: 0, extra: {} };

describe('the query memberProfiles', () => {
  it('returns names, modes and data, and who is not a member', async () => {
    const model = await modelAfter(
      created('ann'),
      joined('add', 3, 'bob', 'cid'),
      displayNameChanged('bob', 'Bob'),
      muteModeSet('bob', 2),
      pushModeSet('bob', 4),
      memberExtraSet('bob', { b: '2', a: '1' }),
      memberExtraSet('bob', { c: '' }, ['b']),
      displayNameChanged('cid', 'Cid'),
      displayNameChanged('cid', ''),
    );
    expect(model.queries.memberProfiles({ app, groupId, userIds: ['bob', 'x', 'ann', 'bob', 'cid'] })).toEqual({
      profiles: [
        {
          userId: 'bob',
          joinedAt: joinedAt(1),
          displayName: 'Bob',
          muteMode: 2,
          pushMode: 4,
          extra: { a: '1', c: '' },
        },
        { userId: 'ann', joinedAt: joinedAt(0), ...plain },
        { userId: 'cid', joinedAt: joinedAt(1), ...plain },
      ],
      missing: ['x'],
    });
  });

  it('is TOO_LARGE if the members’ data do not fit into an answer, and looks at no more of them', async () => {
    const users = Array.from({ length: 40 }, (_, i) => `u${i}`);
    const data = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`k${i}`, 'x'.repeat(1_024)]));
    const model = await modelAfter(
      created('ann'),
      joined('add', 41, ...users),
      ...users.map((userId) => memberExtraSet(userId, data)),
    );
    const ask = (userIds: string[]) => model.queries.memberProfiles({ app, groupId, userIds });
    expect(refused(() => ask(users))).toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining('786432') as string,
    });
    expect(ask(users.slice(0, 20)).profiles).toHaveLength(20);
  });

  it('shows nothing of an earlier membership', async () => {
    const model = await modelAfter(
      created('ann'),
      joined('add', 2, 'bob'),
      displayNameChanged('bob', 'Bob'),
      memberExtraSet('bob', { a: '1' }),
      left(1, 'bob'),
      joined('add', 2, 'bob'),
    );
    const { profiles } = model.queries.memberProfiles({ app, groupId, userIds: ['bob'] });
    expect(profiles).toEqual([{ userId: 'bob', joinedAt: joinedAt(5), ...plain }]);
  });

  it('refuses an unknown and a dismissed group', async () => {
    const model = await modelAfter(created('ann'), dismissed());
    const codeFor = (id: string) =>
      refused(() => model.queries.memberProfiles({ app, groupId: id, userIds: [] }))?.code;
    expect([codeFor('none'), codeFor(groupId)]).toEqual(['GROUP_NOT_FOUND', 'GROUP_DISMISSED']);
  });
});

describe('a sealed display name', () => {
  const stream = userKeyStream(app, 'ann');
  const made = { type: KEY_MADE, data: { key: key.toString('base64url') } };

  it('is in the list of members and in a single one while its key is there, and gone with it', async () => {
    const model = newModel();
    const log = new Log();
    log.append(stream, [made]);
    log.group(groupId, created('ann'), displayNameChanged('ann', seal('小明')));
    await applyAll(model, log);
    const names = () => [
      model.queries.members({ app, groupId }).members.map(({ displayName }) => displayName),
      model.queries.member({ app, groupId, userId: 'ann' }).displayName,
    ];
    expect(names()).toEqual([['小明'], '小明']);
    log.append(stream, [{ type: KEYS_ERASED, data: {} }]);
    await applyAll(model, log);
    expect(names()).toEqual([[undefined], undefined]);
    expect([...model.dump()].join()).not.toContain(key.toString('base64url'));
  });

  it('is a change of the member in the list', async () => {
    const model = newModel();
    const log = new Log();
    log.append(stream, [made]);
    log.group(groupId, created('ann'), joined('add', 2, 'bob'), adminGranted('bob'));
    await applyAll(model, log);
    const { revision, basis } = model.queries.members({ app, groupId });
    log.group(groupId, displayNameChanged('ann', seal('Ann')));
    await applyAll(model, log);
    expect(model.queries.members({ app, groupId, sinceRevision: revision, basis })).toMatchObject({
      full: false,
      members: [{ userId: 'ann', displayName: 'Ann' }],
      removed: [],
    });
  });

  it('is the same in a model that is built after the erasure', async () => {
    const log = new Log();
    log.append(stream, [made]);
    log.group(groupId, created('ann'), displayNameChanged('ann', seal('Ann')));
    log.append(stream, [{ type: KEYS_ERASED, data: {} }, made]);
    log.group(groupId, displayNameChanged('ann', seal('Anna', 3)));
    const [one, other] = [newModel(), newModel()];
    for (const event of log.events) await applyAll(one, { events: [event] });
    // The event store no longer has the first key.
    await applyAll(other, { events: log.events.slice(1) });
    expect([...one.dump()]).toEqual([...other.dump()]);
    expect(other.queries.member({ app, groupId, userId: 'ann' }).displayName).toBe('Anna');
  });
});

describe('the query deliveryFor', () => {
  const members = [created('ann'), joined('add', 2, 'bob')];
  const ask = (fromAdmin?: boolean, mentioned?: boolean) => ({
    ...{ app, groupId, userId: 'bob' },
    ...(fromAdmin === undefined ? {} : { fromAdmin }),
    ...(mentioned === undefined ? {} : { mentioned }),
  });

  it.each([
    [0, { receive: true, notify: true, push: true }],
    [1, { receive: true, notify: false, push: true }],
    [2, { receive: false, notify: false, push: false }],
  ])('answers by the mute mode %s', async (mode, answer) => {
    const { deliveryFor } = (await modelAfter(...members, muteModeSet('bob', mode))).queries;
    expect(deliveryFor(ask())).toEqual(answer);
  });

  it.each([
    [0, [true, true, true, true]],
    [1, [false, false, false, false]],
    [2, [false, true, true, true]],
    [3, [false, true, false, true]],
    [4, [false, false, true, true]],
  ])('pushes by the push mode %s: any message, an admin’s, a mention, both', async (mode, pushes) => {
    const { deliveryFor } = (await modelAfter(...members, pushModeSet('bob', mode))).queries;
    const all = [ask(), ask(true), ask(false, true), ask(true, true)].map((query) => deliveryFor(query));
    expect(all.map(({ push }) => push)).toEqual(pushes);
    expect(all.every(({ receive, notify }) => receive && notify)).toBe(true);
  });

  it('is no to everybody but members of a live group', async () => {
    const nothing = { receive: false, notify: false, push: false };
    const live = (await modelAfter(...members)).queries;
    expect(live.deliveryFor({ app, groupId, userId: 'x' })).toEqual(nothing);
    expect(live.deliveryFor({ app, groupId: 'none', userId: 'bob' })).toEqual(nothing);
    for (const end of [dismissed(), disabled()])
      expect((await modelAfter(...members, end)).queries.deliveryFor(ask())).toEqual(nothing);
  });
});

describe('the query canReadSince', () => {
  it('answers with the time at which the user joined last', async () => {
    const model = await modelAfter(created('ann'), joined('add', 2, 'bob'), left(1, 'bob'), joined('add', 2, 'bob'));
    const since = '2026-01-01T00:00:03.000Z';
    expect(model.queries.canReadSince({ app, groupId, userId: 'bob' })).toEqual({ canRead: true, since });
  });

  it('answers with the beginning of a group whose history is visible, also while it is disabled', async () => {
    const shown = settingsChanged({ historyVisible: true });
    const model = await modelAfter(created('ann'), joined('add', 2, 'bob'), shown, disabled());
    const since = '2026-01-01T00:00:00.000Z';
    expect(model.queries.canReadSince({ app, groupId, userId: 'bob' })).toEqual({ canRead: true, since });
  });

  it('is no to everybody but members of a live group', async () => {
    const live = (await modelAfter(created('ann'))).queries;
    expect(live.canReadSince({ app, groupId, userId: 'x' })).toEqual({ canRead: false });
    expect(live.canReadSince({ app, groupId: 'none', userId: 'ann' })).toEqual({ canRead: false });
    const gone = (await modelAfter(created('ann'), dismissed())).queries;
    expect(gone.canReadSince({ app, groupId, userId: 'ann' })).toEqual({ canRead: false });
  });
});

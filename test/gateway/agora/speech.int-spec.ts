import { baseOf } from '../../support/agora';
import { enveloped, error, inTenant, newGroup, newUser, noGroup } from './world';

const few = inTenant('few');
const ids = (count: number) => Array.from({ length: count }, (_, i) => `u${i}`);

/** Mutes, blocks, the allow-list and the announcement. Recordings of SDKs have the other shape of the paths. */
describe('who may speak', () => {
  const tenant = inTenant();
  const shape = 'shengwang';
  const app = () => tenant.in(shape);
  const [owner, admin, member] = [newUser(), newUser(), newUser()];
  let groupId: string;
  let path: string;
  const by = (user: string) => app().as(user);
  const ok = (action: string, at: string, more: object) => ({
    status: 200,
    body: { ...enveloped(app(), action, `${app().url}${baseOf(app().keys, shape)}${path}${at}`), ...more },
  });
  const strangers = (...users: string[]) =>
    error('forbidden', `users [${users.join(', ')}] are not members of this group!`);
  const notAdmin = () => error('forbidden', `user:${member} is not admin of group:${groupId}`);
  const onOwner = error('forbidden', 'forbidden operation on group owner!');

  beforeEach(async () => {
    groupId = await newGroup(app(), { owner, members: [admin, member] });
    path = `/chatgroups/${groupId}`;
  });

  test('members are muted for a time or for ever, listed, and speak again', async () => {
    const mute = (usernames: string[], mute_duration?: number) =>
      app().post(`${path}/mute`, { usernames, mute_duration });
    const before = Date.now();
    const timed = await mute([member], 60_000);
    const expire = (timed.body.data as { expire: number }[])[0]!.expire;
    expect(timed).toEqual(ok('post', '/mute', { data: [{ result: true, expire, user: member }] }));
    expect(expire - before).toBeGreaterThanOrEqual(60_000);
    expect(expire - Date.now()).toBeLessThanOrEqual(60_000);
    for (const forEver of [-1, undefined]) {
      expect((await mute([admin], forEver)).body.data).toEqual([{ result: true, expire: -1, user: admin }]);
    }
    const both = [
      { expire: -1, user: admin },
      { expire, user: member },
    ].sort((one, other) => (one.user < other.user ? -1 : 1));
    expect(await app().get(`${path}/mute`)).toEqual(ok('get', '/mute', { data: both }));
    expect(await by(member).get(`/sdk${path}/mute/${member}?version=v3`)).toMatchObject({
      ...{ status: 200, body: { data: true, params: { version: ['v3'] } } },
    });
    expect(await by(member).get(`${path}/mute/${admin}`)).toEqual(notAdmin());
    expect(await by(member).get(`${path}/mute`)).toEqual(notAdmin());
    expect((await by(owner).get(`${path}/mute/${owner}`)).body.data).toBe(false);
    await app().post(`${path}/disable`);
    expect((await app().get(`${path}/mute/${member}`)).body.data).toBe(true);
    expect((await app().get(`${path}/mute/${owner}`)).body.data).toBe(false);
    await app().post(`${path}/enable`);
    expect(await app().delete(`${path}/mute/${member},${admin}`)).toEqual(
      ok('delete', `/mute/${member},${admin}`, {
        data: [
          { result: true, user: member },
          { result: true, user: admin },
        ],
      }),
    );
    expect((await app().get(`${path}/mute`)).body.data).toEqual([]);
    expect(await by(member).delete(`${path}/mute/${admin}`)).toEqual(notAdmin());
  });

  test('only members are muted, never the owner, by admins, and at most 60 at once', async () => {
    const mute = (caller: ReturnType<typeof app>, ...usernames: string[]) =>
      caller.post(`${path}/mute`, { usernames, mute_duration: 1_000 });
    expect(await mute(app(), member, 'x1', 'x2')).toEqual(strangers('x1', 'x2'));
    expect(await mute(app(), member, owner)).toEqual(onOwner);
    expect((await app().get(`${path}/mute`)).body.data).toEqual([]);
    expect(await mute(by(member), admin)).toEqual(notAdmin());
    expect(await mute(by('x1'), member)).toEqual(strangers('x1'));
    const tooMany = 'size is more than max limit : 60';
    expect(await mute(app(), ...ids(61))).toEqual(error('invalid', `userNames ${tooMany}`));
    expect(await mute(app())).toEqual(error('invalid', 'usernames must be provided'));
    expect(await app().delete(`${path}/mute/${ids(61).join()}`)).toEqual(
      error('invalid', `removeMute member ${tooMany}`),
    );
    expect(await mute(by(owner), member)).toMatchObject({ status: 200 });

    await app().post(`${path}/admin`, { newadmin: admin });
    const onlyOwner = error('forbidden', `user:${admin} is not owner of group:${groupId}`);
    expect(await mute(by(admin), admin)).toEqual(onlyOwner);
    expect(await by(admin).delete(`${path}/mute/${owner}`)).toEqual(onlyOwner);
    const failed = { result: false, user: admin, reason: `user:${admin} is not owner of group:${groupId}` };
    expect((await mute(by(admin), member, admin)).body.data).toMatchObject([{ result: true, user: member }, failed]);
  });

  test('all are muted until the ban ends, and details show it', async () => {
    const details = async () => ((await app().get(path)).body.data as object[])[0];
    for (const method of ['POST', 'PUT']) {
      expect(await app().call(method, `${path}/ban`)).toEqual(
        ok(method.toLowerCase(), '/ban', { data: { mute: true } }),
      );
      expect(await details()).toMatchObject({ mute: true });
      expect((await app().get(`${path}/mute/${member}`)).body.data).toBe(false);
      expect(await by(owner).delete(`${path}/ban`)).toEqual(ok('delete', '/ban', { data: { mute: false } }));
      expect(await details()).toMatchObject({ mute: false });
    }
    expect(await by(member).post(`${path}/ban`)).toEqual(notAdmin());
  });

  test('a blocked member is out, and may come back when unblocked', async () => {
    const done = (action: string, user: string) => ({ result: true, action, user, groupid: groupId });
    const one = `/blocks/users/${member}`;
    expect(await by(member).post(`${path}/blocks/users/${admin}`)).toEqual(notAdmin());
    expect(await app().post(`${path}${one}`)).toEqual(ok('post', one, { data: done('add_blocks', member) }));
    expect((await app().get(`${path}/user/${member}/is_joined`)).body.data).toBe(false);
    expect(await app().post(`${path}${one}`)).toEqual(strangers(member));
    expect(await app().post(`${path}/blocks/users/${owner}`)).toEqual(onOwner);
    expect(await app().post(`${path}/blocks/users`, { usernames: [admin, 'x1', owner] })).toEqual(
      ok('post', '/blocks/users', {
        data: [
          done('add_blocks', admin),
          {
            ...{ result: false, action: 'add_blocks', user: 'x1', groupid: groupId },
            reason: `user: x1 doesn't exist in group: ${groupId}`,
          },
          {
            ...{ result: false, action: 'add_blocks', user: owner, groupid: groupId },
            reason: 'forbidden operation on group owner!',
          },
        ],
      }),
    );
    expect(await app().post(`${path}/blocks/users`, { usernames: ['x1', 'x2'] })).toEqual(strangers('x1'));
    const both = [admin, member].sort();
    expect(await by(owner).get(`${path}/blocks/users`)).toEqual(ok('get', '/blocks/users', { data: both, count: 2 }));
    expect(await app().delete(`${path}${one}`)).toEqual(ok('delete', one, { data: done('remove_blocks', member) }));
    const several = `/blocks/users/${member}%2C${admin}`;
    expect(await app().delete(`${path}${several}`)).toEqual(
      ok('delete', several, { data: [done('remove_blocks', member), done('remove_blocks', admin)] }),
    );
    expect((await app().get(`${path}/blocks/users`)).body).toMatchObject({ data: [], count: 0 });
    const limits = [
      await app().post(`${path}/blocks/users`, { usernames: ids(61) }),
      await app().delete(`${path}/blocks/users/${ids(61).join()}`),
    ];
    expect(limits).toEqual([
      error('invalid', 'userNames is more than max limit : 60'),
      error('invalid', 'removeBlacklist: list size more than max limit : 60'),
    ]);
  });

  test('members on the allow-list are added, listed and taken off', async () => {
    const done = (action: string, user: string) => ({ result: true, action: `${action}_user_whitelist`, user });
    const withGroup = (action: string, user: string) => ({ ...done(action, user), groupid: groupId });
    const one = `/white/users/${member}`;
    expect(await app().post(`${path}${one}`)).toEqual(ok('post', one, { data: withGroup('add', member) }));
    expect(await app().post(`${path}/white/users/x1`)).toEqual(strangers('x1'));
    expect(await app().post(`${path}/white/users`, { usernames: [admin, 'x1'] })).toEqual(
      ok('post', '/white/users', {
        data: [
          withGroup('add', admin),
          {
            ...{ ...withGroup('add', 'x1'), result: false },
            reason: `user: x1 doesn't exist in group: ${groupId}`,
          },
        ],
      }),
    );
    expect(await app().post(`${path}/white/users`, { usernames: ['x1', 'x2'] })).toEqual(strangers('x1'));
    const both = [admin, member].sort();
    expect(await app().get(`${path}/white/users`)).toEqual(ok('get', '/white/users', { data: both, count: 2 }));
    expect(await by(member).get(`${path}${one}`)).toEqual(ok('get', one, { data: { member, white: true } }));
    expect(await app().get(`${path}/white/users/${owner}`)).toMatchObject({
      body: { data: { member: owner, white: false } },
    });
    expect(await by(member).get(`${path}/white/users/${owner}`)).toEqual(notAdmin());
    expect(await by(member).get(`${path}/white/users`)).toEqual(notAdmin());
    expect(await by(member).post(`${path}${one}`)).toEqual(notAdmin());
    expect(await app().delete(`${path}${one}`)).toEqual(ok('delete', one, { data: [withGroup('remove', member)] }));
    expect((await app().get(`${path}/white/users`)).body).toMatchObject({ data: [admin], count: 1 });
    const limits = [
      await app().post(`${path}/white/users`, { usernames: ids(61) }),
      await app().delete(`${path}/white/users/${ids(61).join()}`),
    ];
    expect(limits).toEqual([
      error('invalid', 'usernames size is more than max limit : 60'),
      error('invalid', 'removeWhitelist size is more than max limit : 60'),
    ]);
  });

  test('with version=v3, blocks and allow-list always answer lists of results and users', async () => {
    const done = [{ result: true, user: member }];
    const call = async (method: string, at: string, body?: object) =>
      (await by(owner).call(method, `${path}${at}?version=v3`, body)).body.data;
    const usernames = [member];
    expect(await call('POST', `/white/users/${member}`)).toEqual(done);
    expect(await call('POST', '/white/users', { usernames })).toEqual(done);
    expect(await call('DELETE', `/white/users/${member}`)).toEqual(done);
    expect(await call('POST', `/blocks/users/${member}`)).toEqual(done);
    expect(await call('DELETE', `/blocks/users/${member}`)).toEqual(done);
    expect(await call('POST', '/blocks/users', { usernames: [admin] })).toEqual([{ result: true, user: admin }]);
  });

  test('the announcement is what was set last, and an empty text removes it', async () => {
    const at = '/announcement';
    const set = (caller: ReturnType<typeof app>, announcement: unknown) =>
      caller.post(`${path}${at}`, { announcement });
    const get = async () => (await by(member).get(`${path}${at}`)).body.data;
    expect(await app().get(`${path}${at}`)).toEqual(ok('get', at, { data: { announcement: '' } }));
    expect(await set(app(), 'one')).toEqual(ok('post', at, { data: { id: groupId, result: true } }));
    expect(await set(by(owner), 'two\nlines')).toMatchObject({ status: 200 });
    expect(await get()).toEqual({ announcement: 'two\nlines' });
    expect(await set(app(), '😀'.repeat(512))).toMatchObject({ status: 200 });
    expect(await set(app(), 'x'.repeat(513))).toEqual(
      error('announcementTooLong', 'announce info length exceeds limit!'),
    );
    for (const text of ['three', '']) expect(await set(by(member), text)).toEqual(notAdmin());
    expect(await set(by('x1'), 'three')).toEqual(strangers('x1'));
    expect(await by('x1').get(`${path}${at}`)).toEqual(strangers('x1'));
    expect(await set(app(), '')).toMatchObject({ status: 200 });
    expect(await get()).toEqual({ announcement: '' });
    await app().post(`${path}/disable`);
    const disabled = error('forbidden', 'can not operate this group, reason: group is disabled');
    for (const text of ['four', '']) expect(await set(app(), text)).toEqual(disabled);
    await app().delete(path);
    expect(await set(app(), '')).toEqual(noGroup(groupId));
  });
});

test('an announcement takes the place of the oldest when the group has as many as its tenant allows', async () => {
  const app = few.in('agora');
  const groupId = await newGroup(app);
  const path = `/chatgroups/${groupId}/announcement`;
  for (const announcement of ['one', 'two', 'three']) {
    expect(await app.post(path, { announcement })).toMatchObject({ status: 200 });
    expect((await app.get(path)).body.data).toEqual({ announcement });
  }
});

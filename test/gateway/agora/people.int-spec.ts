import { baseOf, type Shape } from '../../support/agora';
import { enveloped, error, inTenant, newGroup, newUser } from './world';

const number = expect.any(Number) as number;
const notIn = (...users: string[]) => error('forbidden', `users [${users.join(', ')}] are not members of this group!`);
const ofOwner = error('forbidden', 'forbidden operation on group owner!');

/** What the SDKs call about members, admins, invitations, applications and the members' own data. */
describe('the people of a group', () => {
  const tenant = inTenant();
  const app = () => tenant.in('agora');
  const by = (user: string) => app().as(user);
  let groupId: string;
  let path: string;
  let [owner, admin, member, stranger]: string[] = [];
  const id = (user: string | undefined) => user!;

  /** A private group with an owner, an admin and a member. */
  const start = async (fields: object = {}) => {
    [owner, admin, member, stranger] = [newUser(), newUser(), newUser(), newUser()];
    groupId = await newGroup(app(), { owner, members: [admin, member], public: false, ...fields });
    path = `/chatgroups/${groupId}`;
    expect(await app().post(`${path}/admin`, { newadmin: admin })).toMatchObject({ status: 200 });
  };
  const uri = (of: string, shape: Shape = 'agora') => `${app().url}${baseOf(app().keys, shape)}${of}`;
  const data = async (of: string) => (await app().get(of)).body.data;
  const result = (action: string, user: string | undefined) => ({
    ...{ result: true, action, user, groupid: groupId, id: groupId },
  });
  const inGroup = (user: string | undefined) =>
    error('forbidden', `can not join this group, reason:user: ${user} already in group: ${groupId}\n`);

  test('members are listed by number, by cursor, as ids and with the time at which they joined', async () => {
    await start();
    for (const shape of ['agora', 'shengwang'] as const) {
      expect(await tenant.in(shape).get(`${path}/users?pagenum=1&pagesize=2`)).toEqual({
        status: 200,
        body: {
          ...enveloped(tenant.in(shape), 'get', uri(`${path}/users`, shape)),
          ...{ params: { pagenum: ['1'], pagesize: ['2'] }, count: 2, data: [{ owner }, { member: admin }] },
        },
      });
    }
    expect(await data(`${path}/users?pagenum=2&pagesize=2`)).toEqual([{ member }]);
    expect(await data(`${path}/users?pagenum=3&pagesize=2`)).toEqual([]);
    expect(await data(`${path}/users?version=v3&pagenum=1&pagesize=1`)).toEqual([{ owner }]);
    expect(await data(`${path}/users`)).toEqual([{ owner }, { member: admin }, { member }]);

    const { cursor, ...first } = (await app().get(`${path}/users?version=v3&limit=2&cursor=undefined`)).body;
    expect([first.data, cursor]).toEqual([[owner, admin], expect.any(String)]);
    const last = (await app().get(`${path}/users?version=v3&limit=2&cursor=${cursor as string}`)).body;
    expect([last.data, 'cursor' in last]).toEqual([[member], false]);

    expect(await data(`${path}/users?limit=50&joined_time=true`)).toEqual([
      { owner, joined_time: number },
      { admin, joined_time: number },
      { member, joined_time: number },
    ]);
    expect(await by(id(stranger)).get(`${path}/users`)).toEqual(notIn(id(stranger)));
    expect(await by(id(member)).get(`${path}/users?limit=1`)).toMatchObject({ body: { data: [{ owner }] } });
  });

  test('a user is added once, several users skip those who are members', async () => {
    await start({ maxusers: 5 });
    const [one, two] = [newUser(), newUser()];
    expect(await app().post(`${path}/users/${one}`)).toEqual({
      status: 200,
      body: { ...enveloped(app(), 'post', uri(`${path}/users/${one}`)), data: result('add_member', one) },
    });
    expect(await app().post(`${path}/users/${one}`)).toEqual(inGroup(one));
    expect(await by(id(member)).post(`${path}/users/${two}`)).toEqual(
      error('forbidden', `user:${member} is not admin of group:${groupId}`),
    );
    const full = error('exceeds', 'members size is greater than max user size !');
    expect(await app().post(`${path}/users`, { usernames: [two, stranger] })).toEqual(full);
    expect(await by(id(admin)).post(`${path}/users`, { usernames: [one, two] })).toMatchObject({
      ...{ status: 200, body: { data: { newmembers: [two], groupid: groupId, action: 'add_member' } } },
    });
    expect(await app().post(`${path}/users`, { usernames: [one, two] })).toEqual(inGroup(one));
    expect(await app().post(`${path}/users/${stranger}`)).toEqual(error('forbidden', 'group member list is full!'));
    const many = Array.from({ length: 61 }, (_, i) => `m${i}`);
    expect(await app().post(`${path}/users`, { usernames: many })).toEqual(
      error('invalid', 'userNames size is more than max limit : 60'),
    );
  });

  test('one removed user has one result, several have a list, and the owner stays', async () => {
    await start();
    expect(await app().delete(`${path}/users/${member}`)).toMatchObject({
      ...{ status: 200, body: { data: result('remove_member', member) } },
    });
    expect(await app().delete(`${path}/users/${member}`)).toEqual(notIn(id(member)));
    expect(await app().delete(`${path}/users/${member},${stranger}`)).toEqual(notIn(id(member), id(stranger)));
    expect(await app().delete(`${path}/users/${owner}`)).toEqual(ofOwner);
    expect(await by(id(admin)).delete(`${path}/users/${admin}`)).toEqual(
      error('forbidden', `user:${admin} is not owner of group:${groupId}`),
    );
    const failed = (user: string | undefined, reason: string) => ({
      ...result('remove_member', user),
      ...{ result: false, reason },
    });
    expect((await app().delete(`${path}/users/${owner}%2C${admin},${stranger}`)).body.data).toEqual([
      failed(owner, 'forbidden operation on group owner!'),
      result('remove_member', admin),
      failed(stranger, `user: ${stranger} doesn't exist in group: ${groupId}`),
    ]);
    const many = Array.from({ length: 61 }, (_, i) => `m${i}`).join(',');
    expect(await app().delete(`${path}/users/${many}`)).toEqual(
      error('invalid', 'kickMember: kickMembers number more than maxSize : 60'),
    );
  });

  test('a member quits, the owner may not', async () => {
    await start();
    expect(await by(id(member)).delete(`${path}/quit?resource=`)).toMatchObject({
      ...{ status: 200, body: { data: result('quit', member) } },
    });
    expect(await by(id(member)).delete(`${path}/quit`)).toEqual(notIn(id(member)));
    expect(await by(id(owner)).delete(`${path}/quit`)).toEqual(ofOwner);
    expect(await data(`${path}/users?version=v3`)).toEqual([owner, admin]);
  });

  test('the owner makes members admins and takes that back', async () => {
    await start();
    expect(await app().get(`${path}/admin`)).toMatchObject({ status: 200, body: { data: [admin], count: 1 } });
    expect(await data(`${path}/roles?version=v3`)).toEqual([{ id: groupId, owner, roles: [{ admin }] }]);
    expect((await by(id(owner)).post(`${path}/admin`, { newadmin: member })).body.data).toEqual({
      ...{ result: 'success', newadmin: member },
    });
    expect(await data(`${path}/admin`)).toEqual([admin, member]);
    expect((await by(id(owner)).delete(`${path}/admin/${member}`)).body.data).toEqual({
      ...{ result: 'success', oldadmin: member },
    });
    expect(await app().delete(`${path}/admin/${member}`)).toEqual(
      error('forbidden', `user:${member} is not admin of group:${groupId}`),
    );
    expect(await app().post(`${path}/admin`, { newadmin: stranger })).toEqual(
      error('notFound', `user: ${stranger} doesn't exist in group: ${groupId}`),
    );
    expect(await app().post(`${path}/admin`, { newadmin: owner })).toEqual(ofOwner);
    expect(await app().delete(`${path}/admin/${owner}`)).toEqual(ofOwner);
    expect(await by(id(admin)).post(`${path}/admin`, { newadmin: member })).toEqual(
      error('forbidden', `user:${admin} is not owner of group:${groupId}`),
    );
  });

  test('an invitee is a member after they accept', async () => {
    await start();
    const other = newUser();
    const verify = (user: string, verifyResult: boolean, invitee = user) =>
      by(user).post(`${path}/invite_verify`, { invitee, verifyResult });
    expect((await by(id(admin)).post(`${path}/invite`, { usernames: [stranger, other, member] })).body.data).toEqual([
      result('invite', stranger),
      result('invite', other),
      { ...result('invite', member), result: false, reason: expect.stringContaining('already in group') as string },
    ]);
    expect(await data(`${path}/users?version=v3`)).toEqual([owner, admin, member]);
    expect(await verify(other, true, stranger)).toMatchObject({ status: 403, body: { error: 'forbidden_op' } });
    expect((await verify(id(stranger), true)).body.data).toEqual(result('invite_verify', stranger));
    expect((await verify(other, false)).body.data).toEqual(result('invite_verify', other));
    expect(await verify(other, true)).toMatchObject({ status: 403, body: { error: 'forbidden_op' } });
    expect(await data(`${path}/users?version=v3`)).toEqual([owner, admin, member, stranger]);
    expect(await app().post(`${path}/invite`, { usernames: [member, owner] })).toEqual(
      error('forbidden', `invite users to join group failed, reason:user: ${member} already in group: ${groupId}`),
    );
    expect(await by(id(member)).post(`${path}/invite`, { usernames: [other] })).toEqual(
      error('forbidden', `user:${member} is not admin of group:${groupId}`),
    );
  });

  test('without invite_need_confirm an invitee is a member at once, if there is room', async () => {
    await start({ invite_need_confirm: false, allowinvites: true, maxusers: 4 });
    expect(await by(id(member)).post(`${path}/invite`, { usernames: [stranger] })).toMatchObject({ status: 200 });
    expect(await data(`${path}/users?version=v3`)).toEqual([owner, admin, member, stranger]);
    expect(await by(id(member)).post(`${path}/invite`, { usernames: [newUser(), newUser()] })).toEqual(
      error('forbidden', 'group member list is full!'),
    );
  });

  test('nobody is invited to a full group, and its members are still named', async () => {
    await start({ maxusers: 3 });
    const invite = (...usernames: (string | undefined)[]) => by(id(admin)).post(`${path}/invite`, { usernames });
    const full = error('forbidden', 'group member list is full!');
    expect(await invite(stranger)).toEqual(full);
    expect(await invite(member, stranger)).toEqual(full);
    expect(
      await by(id(stranger)).post(`${path}/invite_verify`, { invitee: stranger, verifyResult: true }),
    ).toMatchObject({
      ...{ status: 403, body: { error: 'forbidden_op' } },
    });
    expect(await invite(member)).toMatchObject({
      body: { error_description: expect.stringContaining('already in group') as string },
    });
    expect(await app().put(path, { maxusers: 4 })).toMatchObject({ status: 200 });
    expect((await invite(stranger)).body.data).toEqual([result('invite', stranger)]);
  });

  test('members of a public group invite after a change has let them', async () => {
    await start({ public: true, allowinvites: true });
    const invite = () => by(id(member)).post(`${path}/invite`, { usernames: [stranger] });
    expect(await invite()).toEqual(error('forbidden', `user:${member} is not admin of group:${groupId}`));
    expect(await app().put(path, { allowinvites: true })).toMatchObject({ status: 200 });
    expect((await invite()).body.data).toEqual([result('invite', stranger)]);
  });

  test('an applicant is a member after an admin accepts, or at once where nobody must', async () => {
    await start({ public: true, membersonly: true });
    const other = newUser();
    const apply = (user: string) => by(user).post(`${path}/apply`, { message: 'hi' });
    const verify = (user: string, applicant: string | undefined, verifyResult: boolean) =>
      by(user).post(`${path}/apply_verify`, { applicant, verifyResult, reason: 'no clue' });
    expect((await apply(id(stranger))).body.data).toEqual(result('apply', stranger));
    expect(await apply(other)).toMatchObject({ status: 200 });
    expect(await apply(id(member))).toEqual(inGroup(member));
    expect(await verify(id(member), stranger, true)).toEqual(
      error('forbidden', `user:${member} is not admin of group:${groupId}`),
    );
    expect((await verify(id(admin), stranger, true)).body.data).toEqual(result('apply_verify', stranger));
    expect((await verify(id(owner), other, false)).body.data).toEqual(result('apply_verify', other));
    expect(await verify(id(owner), other, true)).toMatchObject({ status: 403, body: { error: 'forbidden_op' } });
    expect(await data(`${path}/users?version=v3`)).toEqual([owner, admin, member, stranger]);
    await start({ public: true });
    await apply(id(stranger));
    expect(await data(`${path}/users?version=v3`)).toEqual([owner, admin, member, stranger]);
    await start();
    expect(await apply(id(stranger))).toMatchObject({ status: 403, body: { error: 'forbidden_op' } });
  });

  test("a member's own data are set, read, and removed by an empty text", async () => {
    await start();
    const at = `/metadata/chatgroup/${groupId}`;
    const set = (user: string | undefined, metaData: object, caller = app()) =>
      caller.put(`${at}/user/${user}`, { metaData });
    const short = (sent: object) => ({ status: 200, body: { timestamp: number, data: sent, duration: number } });
    expect(await set(member, { nick: 'Ann', city: 'Oslo' }, by(id(member)))).toEqual(
      short({ nick: 'Ann', city: 'Oslo' }),
    );
    expect(await set(member, { city: '' }, by(id(admin)))).toEqual(short({ city: '' }));
    expect(await app().get(`${at}/user/${member}`)).toEqual(short({ nick: 'Ann' }));
    expect(await set(owner, { nick: 'Bo', team: 'x' })).toMatchObject({ status: 200 });
    const targets = [member, owner, admin, stranger];
    expect(await by(id(member)).post(`${at}/get`, { targets, properties: ['nick'] })).toEqual(
      short({ [id(member)]: { nick: 'Ann' }, [id(owner)]: { nick: 'Bo' }, [id(admin)]: {} }),
    );
    expect((await app().post(`${at}/get`, { targets, properties: [] })).body.data).toMatchObject({
      [id(owner)]: { nick: 'Bo', team: 'x' },
    });

    const exceeds = (what: string) => error('metadata', `exceeds chatgroup user metadata ${what} limit`);
    expect(await set(member, { ['ö'.repeat(8)]: 'ö'.repeat(256) })).toMatchObject({ status: 200 });
    expect(await set(member, { ['ö'.repeat(9)]: 'x' })).toEqual(exceeds('single key'));
    expect(await set(member, { x: 'ö'.repeat(257) })).toEqual(exceeds('single value'));
    const large = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`k${i}`, 'x'.repeat(512)]));
    expect(await set(member, large)).toEqual(exceeds('size'));
    expect(await set(owner, large)).toMatchObject({ status: 200 });
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`n${i}`, 'x']));
    expect(await set(admin, many)).toMatchObject({ status: 200 });
    expect(await set(admin, { more: 'x', most: 'x' })).toEqual(exceeds('keys'));
    expect(await app().post(`${at}/get`, { targets: Object.keys(many).slice(0, 11) })).toEqual(
      error('metadata', 'query param reaches limit.'),
    );

    const notInGroup = error('notInGroup', 'user not in group');
    const numbered = { ...notInGroup, body: { ...notInGroup.body, error_code: 60_003 } };
    expect(await app().get(`${at}/user/${stranger}`)).toEqual(numbered);
    expect(await set(stranger, { nick: 'Cy' })).toEqual(numbered);
    expect(await set(owner, { nick: 'Cy' }, by(id(member)))).toEqual(
      error('forbidden', `user:${member} is not admin of group:${groupId}`),
    );
    expect(await by(id(stranger)).get(`${at}/user/${member}`)).toEqual(notIn(id(stranger)));
  });
});

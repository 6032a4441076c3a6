import type { AgoraCaller } from '../../support/agora';
import { error, inTenant, newGroup, newUser } from './world';

const tenant = inTenant();

test('a disabled group refuses every change, and answers every read', async () => {
  const app = tenant.in('agora');
  const [owner, admin, member, blocked] = [newUser(), newUser(), newUser(), newUser()];
  const [invitee, applicant, stranger] = [newUser(), newUser(), newUser()];
  const by = (user: string) => app.as(user);
  const fields = { owner, members: [admin, member, blocked], membersonly: true };
  const groupId = await newGroup(app, fields);
  const path = `/chatgroups/${groupId}`;
  const own = `/metadata/chatgroup/${groupId}/user/${member}`;
  for (const made of [
    await app.post(`${path}/admin`, { newadmin: admin }),
    await app.post(`${path}/blocks/users/${blocked}`),
    await app.post(`${path}/invite`, { usernames: [invitee] }),
    await by(applicant).post(`${path}/apply`, {}),
    await app.post(`${path}/white/users/${member}`),
    await app.post(`${path}/mute`, { usernames: [member], mute_duration: -1 }),
    await app.put(own, { metaData: { nick: 'Ann' } }),
  ]) {
    expect(made).toMatchObject({ status: 200 });
  }
  const reads = [
    ...['/users', '/admin', '/roles', '/mute', `/mute/${member}`, '/blocks/users', '/white/users', '/announcement'],
    ...['/share_files', `/user/${member}/is_joined`],
  ];
  const read = async () => {
    const answers = await Promise.all([...reads.map((at) => `${path}${at}`), own].map((at) => app.get(at)));
    return answers.map(({ status, body }) => [status, body.data]);
  };
  await app.post(`${path}/disable`);
  const before = await read();

  const changes: [caller: AgoraCaller, method: string, at: string, body?: object][] = [
    ...[{ groupname: 'Ops' }, { maxusers: 300 }, { allowinvites: true }, { membersonly: false }].map(
      (change): [AgoraCaller, string, string, object] => [app, 'PUT', '', change],
    ),
    [app, 'PUT', '', { newowner: member }],
    [app, 'POST', `/users/${stranger}`],
    [app, 'POST', `/users/${member}`],
    [app, 'POST', '/users', { usernames: [stranger, member] }],
    [app, 'DELETE', `/users/${member}`],
    [app, 'DELETE', `/users/${member},${admin}`],
    [by(member), 'DELETE', '/quit'],
    [app, 'POST', '/admin', { newadmin: member }],
    [app, 'DELETE', `/admin/${admin}`],
    [app, 'POST', '/invite', { usernames: [stranger] }],
    [by(invitee), 'POST', '/invite_verify', { invitee, verifyResult: true }],
    [by(stranger), 'POST', '/apply', {}],
    [app, 'POST', '/apply_verify', { applicant, verifyResult: true }],
    [app, 'POST', '/mute', { usernames: [admin], mute_duration: 1_000 }],
    [app, 'DELETE', `/mute/${member}`],
    [app, 'POST', '/ban'],
    [app, 'DELETE', '/ban'],
    [app, 'POST', `/blocks/users/${member}`],
    [app, 'POST', '/blocks/users', { usernames: [member] }],
    [app, 'DELETE', `/blocks/users/${blocked}`],
    [app, 'POST', `/white/users/${admin}`],
    [app, 'POST', '/white/users', { usernames: [admin] }],
    [app, 'DELETE', `/white/users/${member}`],
    [app, 'POST', '/announcement', { announcement: 'All is well.' }],
    [by(member), 'POST', '/shield'],
    [by(member), 'DELETE', '/shield'],
  ];
  const refused = error('forbidden', 'can not operate this group, reason: group is disabled');
  for (const [caller, method, at, body] of changes) {
    expect([method, at, await caller.call(method, `${path}${at}`, body)]).toEqual([method, at, refused]);
  }
  expect(await by(member).put(own, { metaData: { nick: 'Bo' } })).toEqual(refused);
  expect(await read()).toEqual(before);
  expect(before.every(([status]) => status === 200)).toBe(true);
});

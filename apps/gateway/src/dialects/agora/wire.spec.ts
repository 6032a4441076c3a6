import { CohortError, TENANT_DEFAULTS } from '@cohort/contracts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BodyBytes } from '../../dialect/body-bytes';
import { configure } from '../../dialect/configure';
import { GroupService } from '../../dialect/group-service';
import { listener } from '../../dialect/serve';
import { demo } from './demo';
import { agora } from './dialect';
import { accessToken2 } from './testing/access-token2';

type Fields = Readonly<Record<string, unknown>>;

const { appId, certificate } = demo.settings as { readonly appId: string; readonly certificate: string };
const AT = '2026-01-02T03:04:05.000Z';
const VIEW = {
  ...{ groupId: 'g', name: 'Sales', owner: 'o', avatar: '', description: '', ext: '', capacity: 200, memberCount: 2 },
  ...{ status: 'live', createdAt: AT, settings: { visibility: 'public', joinPolicy: 'open', membersMayInvite: false } },
};
const member = (userId: string, role: string) => ({ userId, role, joinedAt: AT });

/** What becomes of users whom an `addMembers` names. */
const added = (userId: string) =>
  userId === 'n'
    ? { userId, ok: true }
    : { userId, ok: false, code: userId === 'u' ? 'USER_UNKNOWN' : 'JOINED_GROUPS_REACHED' };

/** A user whom the tenant's directory doesn't know. */
const NOBODY = 'nobody';

/** Members of the largest group, page by page. */
const MEMBERS = 10_050;
function crowd({ limit = 0, cursor = '0' }: Fields) {
  const [from, to] = [Number(cursor), Math.min(MEMBERS, Number(cursor) + Number(limit))];
  const members = Array.from({ length: to - from }, (_, i) => member(`m${from + i}`, 'member'));
  return { members, ...(to < MEMBERS && { cursor: String(to) }) };
}

/** What the service behind the gateway answers, unless a test wants something else. */
const ANSWERS: Readonly<Record<string, (data: Fields) => unknown>> = {
  group: () => VIEW,
  groups: ({ groupIds }) => ({
    groups: (groupIds as string[]).map((groupId) => ({
      ...VIEW,
      groupId,
      memberCount: groupId === 'large' ? MEMBERS : 2,
    })),
  }),
  appGroups: () => ({ groups: [] }),
  publicGroups: () => ({ groups: [] }),
  joinedCount: () => ({ count: 1 }),
  memberProfiles: ({ userIds }) => ({
    profiles: (userIds as string[]).filter((id) => id === 'a').map((userId) => ({ userId, muteMode: 2 })),
    missing: (userIds as string[]).filter((id) => id !== 'a'),
  }),
  userGroups: () => ({ groups: [{ ...VIEW, role: 'admin' }], total: 1 }),
  isMember: ({ userId }) => (userId === 'a' ? { isMember: true, role: 'admin' } : { isMember: false }),
  members: (data) =>
    data.groupId === 'large'
      ? crowd(data)
      : { members: data.role === 'owner' ? [member('o', 'owner')] : [member('o', 'owner'), member('a', 'admin')] },
};

/** The dialect on a real HTTP server, at a public address or without one. */
describe.each([undefined, 'https://im.example.com'])('with the public address %s', (publicUrl) => {
  let server: Server;
  let asked: [string, Fields][] = [];

  beforeAll(async () => {
    const answer = (name: string, data: Fields) => {
      asked.push([name, data]);
      if (data.name === 'bad') return Promise.reject(new CohortError('NAME_FORBIDDEN', 'x'));
      const results =
        name === 'addMembers' ? (data.userIds as string[]).filter((id) => id.length === 1).map(added) : [];
      return Promise.resolve(ANSWERS[name]?.(data) ?? { position: '1', groupId: 'g', results });
    };
    const client = { command: answer, query: answer } as unknown as ConstructorParameters<typeof GroupService>[0];
    const service = new GroupService(client, { waitFor: () => Promise.resolve(true) }, () => undefined, {
      isKnown: (_, userId) => Promise.resolve(userId !== NOBODY),
    });
    const log = { error: () => undefined };
    const parts = { service, observe: () => undefined, log, bodies: new BodyBytes(), origins: '*' } as const;
    const served = configure([agora], [{ ...TENANT_DEFAULTS, id: 'demo' }], undefined)({ ...parts, publicUrl });
    server = createServer(listener(served, (_, response) => response.writeHead(404).end('Nest'), log));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => (asked = []));

  const host = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (method: string, path: string, body?: object, userId?: string) => {
    const privileges: Record<number, number> = userId === undefined ? { 2: 60 } : { 1: 60 };
    const token = accessToken2({ appId, certificate }, { privileges, ...(userId === undefined ? {} : { userId }) });
    const response = await fetch(`${host()}/app-id/${appId}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Fields };
  };
  const call = async (...sent: Parameters<typeof send>): Promise<Fields> => {
    const { status, body } = await send(...sent);
    expect(status).toBe(200);
    return body;
  };

  test('the uri of an answer is at that address, else at the host of the request', async () => {
    const { uri } = await call('GET', '/chatgroups/g?x=1');
    expect(uri).toBe(`${publicUrl ?? host()}/app-id/${appId}/chatgroups/g`);
  });

  if (publicUrl !== undefined) return;

  const commands = () =>
    asked
      .filter(([name]) => !(name in ANSWERS))
      .map(([name, { app: _, actor: __, groupId: ___, ...data }]) => [name, data]);
  const withoutPush = ['setAttributes', { set: [{ key: 'offlinePush', text: 'false' }] }];
  const create = (fields: object) => call('POST', '/chatgroups', { public: true, owner: 'o', ...fields });

  test('a group for more than 3,000 members is marked as one without offline push', async () => {
    await create({ maxusers: 3_000 });
    expect(commands()).toMatchObject([['create', { capacity: 3_000 }]]);
    asked = [];
    await create({ maxusers: 3_001 });
    expect(commands()).toMatchObject([['create', { capacity: 3_001 }], withoutPush]);
    asked = [];
    await call('PUT', '/chatgroups/g', { maxusers: 5_000 });
    await call('PUT', '/chatgroups/g', { maxusers: 3_000 });
    expect(commands()).toEqual([
      ['changeCapacity', { capacity: 5_000 }],
      withoutPush,
      ['changeCapacity', { capacity: 3_000 }],
      ['setAttributes', { remove: ['offlinePush'] }],
    ]);
  });

  test('more first members than one command takes are added by further ones', async () => {
    const members = Array.from({ length: 4_500 }, (_, i) => `m${i}`);
    await create({ maxusers: 4_501, members: ['o', ...members] });
    expect(commands()).toMatchObject([
      ['create', { members: members.slice(0, 3_000) }],
      withoutPush,
      ['addMembers', { userIds: members.slice(3_000, 4_000) }],
      ['addMembers', { userIds: members.slice(4_000) }],
    ]);
  });

  test('details have the role of the acting user, whether they shield the group, and the time at which members joined if it is asked for', async () => {
    const detail = async (path: string, userId?: string) =>
      ((await call('GET', path, undefined, userId)).data as Fields[])[0];
    expect(await detail('/chatgroups/g')).not.toHaveProperty('permission');
    expect(await detail('/chatgroups/g', 'a')).toMatchObject({
      ...{ permission: 'admin', shieldgroup: true, affiliations: [{ member: 'a' }, { owner: 'o' }] },
    });
    const joined_time = Date.parse(AT);
    expect(await detail('/chatgroups/g?joined_time=true')).toMatchObject({
      affiliations: [
        { member: 'a', joined_time },
        { owner: 'o', joined_time },
      ],
    });
  });

  test("a list of a user's groups has their role and the number of members if these are asked for", async () => {
    const entry = async (search: string) =>
      ((await call('GET', `/chatgroups/user/a?${search}`)).entities as Fields[])[0];
    expect(await entry('needRole=false&needAffiliations=false')).not.toHaveProperty('permission');
    expect(await entry('needRole=true')).toMatchObject({ permission: 'admin' });
    expect(await entry('needAffiliations=true')).toMatchObject({ affiliations_count: 2 });
  });

  test('users whom the directory does not know, or who have too many groups, are not added', async () => {
    const unknown = { error: 'resource_not_found', error_description: "username u doesn't exist!" };
    const tooMany = { error: 'exceed_limit', error_description: 'user m has joined too many groups!' };
    expect(await send('POST', '/chatgroups/g/users/u')).toMatchObject({ status: 404, body: unknown });
    expect(await send('POST', '/chatgroups/g/users/m')).toMatchObject({ status: 403, body: tooMany });
    const several = (...usernames: string[]) => send('POST', '/chatgroups/g/users', { usernames });
    expect(await several('u', 'm')).toMatchObject({ status: 404, body: unknown });
    expect(await several('u', 'm', 'n')).toMatchObject({ status: 200, body: { data: { newmembers: ['n'] } } });
  });

  test('a deleted group has its id by the name that version=v3 gives it', async () => {
    expect((await call('DELETE', '/chatgroups/g')).data).toEqual({ success: true, groupid: 'g' });
    expect((await call('DELETE', '/chatgroups/g?version=v3')).data).toEqual({ success: true, groupid: 'g', id: 'g' });
  });

  test('a page has the size that the documents give it, and never more than their most', async () => {
    const sizeOf = async (path: string) => {
      asked = [];
      await call('GET', path);
      return asked.at(-1)![1].limit;
    };
    const sizes = [
      ['/chatgroups', 10],
      ['/chatgroups?limit=1000', 1_000],
      ['/chatgroups?limit=1001', 1_000],
      ['/publicchatgroups?limit=1001', 1_000],
      ['/chatgroups/user/a', 5],
      ['/chatgroups/user/a?pagesize=20', 20],
      ['/chatgroups/user/a?pagesize=21', 20],
      ['/users/a/joined_chatgroups?pagenum=1', 5],
      ['/users/a/joined_chatgroups?pagesize=500', 500],
      ['/users/a/joined_chatgroups?pagesize=501', 500],
    ] as const;
    for (const [path, size] of sizes) expect([path, await sizeOf(path)]).toEqual([path, size]);
  });

  test('details of a large group have 10,000 members, the owner among them, and the number of all', async () => {
    const [{ affiliations, affiliations_count: count }] = (await call('GET', '/chatgroups/large')).data as [
      { affiliations: object[]; affiliations_count: number },
    ];
    expect([affiliations.length, count]).toEqual([10_000, MEMBERS]);
    expect([affiliations[0], affiliations.at(-2), affiliations.at(-1)]).toEqual([
      { member: 'm0' },
      { member: 'm9998' },
      { owner: 'o' },
    ]);
  });

  test.each([
    `/chatgroups/user/${NOBODY}`,
    `/chatgroups/user/${NOBODY}/joined_count`,
    `/users/${NOBODY}/joined_chatgroups`,
    `/chatgroups/g/user/${NOBODY}/is_joined`,
  ])('%s, of a user whom the directory does not know, is 404', async (path) => {
    expect(await send('GET', path)).toMatchObject({
      status: 404,
      body: { error: 'resource_not_found', error_description: `username ${NOBODY} doesn't exist!` },
    });
  });

  test('a name that the tenant forbids is 403 group_name_violation, and the text has the name', async () => {
    const violation = { error: 'group_name_violation', error_description: 'bad is violation, please change it.' };
    for (const answer of [
      await send('POST', '/chatgroups', { public: true, owner: 'o', groupname: 'bad' }),
      await send('PUT', '/chatgroups/g', { groupname: 'bad' }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: violation });
    }
  });
});

import { CohortClient, CohortError } from '@cohort/client';
import type { CommandName, UserDirectoryRequest } from '@cohort/contracts';
import { service } from '@cohort/contracts/testing';
import { connect, type Msg, type NatsConnection } from 'nats';
import { send } from '../gateway/http';
import { callAt } from '../gateway/lanying/world';
import type { Tenant } from '../support/service/tenants';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Stack } from '../support/stack';
import { fresh, TenantClient, type CommandFields } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';
import { signed } from '../support/wildfirechat';

requires('own event store', 'own nats-server');

const SUBJECT = 'shop.users';
const TIMEOUT_MS = 400;
const lanying = { appId: 'shop-app', secret: 'shop-token-secret' };
const APPS = [
  { id: 'shop', lanying, userDirectory: { subject: SUBJECT, timeoutMs: TIMEOUT_MS } },
  {
    id: 'listed',
    wildfirechat: { secret: 'listed-secret' },
    userDirectory: { users: ['o', 'ann'] },
    forbiddenWords: ['casino'],
  },
];

type Answers = (users: readonly string[], request: Msg) => unknown;
/** It knows every user whose id doesn't begin with `x`. */
const knows: Answers = (users) => ({ known: users.filter((userId) => !userId.startsWith('x')) });
const silent: Answers = () => undefined;

/** A tenant's users are known to another service, which is asked over NATS. */
describe('a user directory', () => {
  let stack: Stack;
  let nats: NatsConnection;
  let client: CohortClient;
  let shop: TenantClient;
  /** The requests that the directory got since the test began. */
  const requests: UserDirectoryRequest[] = [];
  let answers = knows;

  beforeAll(async () => {
    stack = await startStack({ apps: APPS });
    nats = await connect({ servers: stack.nats.url });
    nats.subscribe(SUBJECT, {
      callback: (_error, message) => {
        const request = message.json<UserDirectoryRequest>();
        requests.push(request);
        const answer = answers(request.userIds, message);
        if (answer !== undefined) message.respond(typeof answer === 'string' ? answer : JSON.stringify(answer));
      },
    });
    await nats.flush();
    client = await CohortClient.connect({ servers: stack.nats.url });
    shop = TenantClient.over(client, 'shop');
  }, FIRST_START_MS);
  beforeEach(() => {
    requests.length = 0;
    answers = knows;
  });
  afterAll(async () => {
    await client?.close();
    await nats?.close();
    expect(await stack?.stop()).toEqual([]);
  });

  const refusal = async <N extends CommandName>(name: N, fields: CommandFields<N>) => {
    try {
      await shop.run(name, fields);
    } catch (error) {
      if (error instanceof CohortError) return error.toBody();
      throw error;
    }
    throw new Error('the command was accepted');
  };
  const unavailable = {
    code: 'UNAVAILABLE',
    message: expect.stringContaining('user directory') as unknown,
    details: { dependency: 'userDirectory' },
  };
  const asked = () => requests.map(({ userIds }) => userIds);
  const joined = async (groupId: string) =>
    (await shop.eventsOf(groupId)).flatMap(({ type, data }) => (type === 'memberJoined' ? [data] : []));

  test('refuses the users whom it does not know, and is not asked again for a time about the others', async () => {
    const [owner, ann, stranger] = [fresh('o'), fresh('ann'), fresh('x')];
    const groupId = await shop.newGroup({ owner });
    const { results } = await shop.run('addMembers', { groupId, userIds: [ann, stranger] });
    expect(results).toEqual([
      { userId: ann, ok: true },
      { userId: stranger, ok: false, code: 'USER_UNKNOWN' },
    ]);
    expect(await refusal('transfer', { groupId, newOwner: stranger, addIfMissing: true })).toMatchObject({
      code: 'USER_UNKNOWN',
      details: { userIds: [stranger] },
    });
    await shop.newGroup({ owner, members: [ann] });
    expect(requests).toContainEqual({ app: 'shop', userIds: [ann, stranger] });
    expect(
      asked()
        .flat()
        .filter((userId) => userId !== stranger),
    ).toEqual([owner, ann]);
  });

  test('refuses a whole user’s sync, and a ban in all groups, of a user whom it does not know', async () => {
    const userId = fresh('x');
    const groups = [{ groupId: fresh('g'), name: 'Sales' }];
    expect(await refusal('syncUser', { userId, groups })).toMatchObject({ code: 'USER_UNKNOWN' });
    expect(await refusal('banUserEverywhere', { userId })).toMatchObject({ code: 'USER_UNKNOWN' });
    const { sync, position } = await shop.run('syncUser', { userId, groups: [] });
    const done = () => shop.query('userSync', { userId, sync, after: position });
    await waitFor(async () => (await done()).completed);
  });

  test('is asked once about a user whom many commands of the same time name', async () => {
    const userId = fresh('ann');
    const groups = await Promise.all(Array.from({ length: 20 }, () => shop.newGroup()));
    requests.length = 0;
    let answer: () => void = () => undefined;
    answers = (users, message) => {
      answer = () => message.respond(JSON.stringify({ known: users }));
      return undefined;
    };
    const joins = Promise.all(groups.map((groupId) => shop.run('join', { groupId, userId })));
    await waitFor(() => requests.length > 0);
    await shop.run('changeInfo', { groupId: groups[0]!, name: 'meanwhile' });
    answer();
    await joins;
    expect(asked()).toEqual([[userId]]);
    // A group isn't held up: the rename came after the join, and was done before it.
    expect((await shop.eventsOf(groups[0]!)).map(({ type }) => type)).toEqual([
      'created',
      'infoChanged',
      'memberJoined',
    ]);
  });

  test('that does not answer makes commands fail that need it: nothing is written, and the same command succeeds later', async () => {
    const groupId = await shop.newGroup();
    answers = silent;
    const command = { groupId, userIds: [fresh('ann')], commandId: fresh('c') };
    expect(await refusal('addMembers', command)).toEqual(unavailable);
    expect(await refusal('create', { groupId: fresh('g'), name: 'Sales', owner: fresh('o') })).toEqual(unavailable);
    const texts = { groupId, userId: fresh('ann'), reason: 'Please', commandId: fresh('c') };
    expect(await refusal('apply', texts)).toEqual(unavailable);
    expect(await joined(groupId)).toEqual([]);
    answers = knows;
    await shop.run('addMembers', command);
    expect(await joined(groupId)).toHaveLength(1);
    // The first answer is remembered: it needs no directory.
    answers = silent;
    expect((await shop.run('addMembers', command)).results).toEqual([{ userId: command.userIds[0], ok: true }]);
  });

  const id = fresh('ann');
  test.each([
    ['of another shape', '{"users":[]}'],
    ['about other users', JSON.stringify({ known: ['root'] })],
    ['that is no JSON', '<html>'],
    ['that is huge', JSON.stringify({ known: [id], filler: 'x'.repeat(600_000) })],
    ['that is deeply nested', '['.repeat(400_000)],
  ])('an answer %s is none', async (_what, answer) => {
    answers = () => answer;
    const groupId = fresh('g');
    expect(await refusal('create', { groupId, name: 'Sales', owner: id })).toEqual(unavailable);
    await expect(shop.query('group', { groupId })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
  });

  test('in the form of a list needs no other service', async () => {
    const listed = TenantClient.over(client, 'listed');
    const groupId = await listed.newGroup({ owner: 'o' });
    const { results } = await listed.run('invite', { groupId, userIds: ['ann', 'bob'] });
    expect(results).toEqual([
      { userId: 'ann', ok: true },
      { userId: 'bob', ok: false, code: 'USER_UNKNOWN' },
    ]);
    expect(requests).toEqual([]);
  });

  test('decides which users the Lanying dialect knows: callers, and entries of user_list', async () => {
    const tenant = { id: 'shop', lanying } as Tenant;
    answers = (users) => ({ known: users.filter((userId) => userId !== '404') });
    const call = (by: number, path: string, body: Record<string, number | string | number[]>) =>
      callAt(stack.gateway.url, tenant, by, { method: 'POST', path, body });
    const made = (await call(20, '/group/create', { name: 'Sales' })) as { data: { group_id: number } };
    const { group_id } = made.data;
    const unknown = { code: 10000, message: 'User does not exist' };
    expect(await call(404, '/group/create', { name: 'Sales' })).toEqual(unknown);
    expect(await call(404, '/group/apply', { group_id })).toEqual(unknown);
    expect(await call(20, '/group/transfer', { group_id, new_owner: 404 })).toEqual(unknown);
    expect(await call(20, '/group/create', { name: 'Sales', user_list: [21, 404] })).toEqual(unknown);
    for (const [path, others] of [
      ['/group/invite', [21]],
      ['/group/block', [22]],
    ] as const) {
      expect(await call(20, path, { group_id, user_list: [404, ...others] })).toEqual({
        code: 200,
        data: [
          { user_id: 404, result: 'fail', reason: 'User does not exist' },
          ...others.map((user_id) => ({ user_id, result: 'success' })),
        ],
      });
    }
    answers = silent;
    expect(await call(77, '/group/create', { name: 'Sales' })).toEqual({
      code: 20000,
      message: expect.stringContaining('user directory') as unknown,
    });
  });

  test('and forbidden words are 253 and 242 in the WildfireChat dialect, and the known users join', async () => {
    const call = async (path: string, body: object) => {
      const { text } = await send(
        `${stack.gateway.url}/admin/group/${path}`,
        'POST',
        signed('listed-secret'),
        JSON.stringify(body),
      );
      return JSON.parse(text) as { code: number; msg: string; result?: { members: { member_id: string }[] } };
    };
    const target_id = fresh('wf');
    const create = (info: object, members: object[] = []) =>
      call('create', {
        operator: 'o',
        group: { group_info: { target_id, owner: 'o', name: 'Sales', ...info }, members },
      });
    const unknown = { code: 253, msg: 'not exist' };
    expect(await create({ owner: 'bob' })).toEqual(unknown);
    expect(await create({}, [{ member_id: 'bob' }])).toEqual(unknown);
    expect(await create({ name: 'The casino' })).toEqual({ code: 242, msg: 'sensitive matched' });
    expect(await create({})).toMatchObject({ code: 0 });
    const by = { operator: 'o', group_id: target_id };
    const both = [{ member_id: 'bob' }, { member_id: 'ann' }];
    expect(await call('member/add', { ...by, members: both })).toEqual(unknown);
    const { result } = await call('member/list', { groupId: target_id });
    expect(result?.members.map(({ member_id }) => member_id)).toEqual(['o', 'ann']);
    expect(await call('transfer', { ...by, new_owner: 'bob' })).toEqual(unknown);
    expect(await call('modify', { ...by, type: 0, value: 'Casino!' })).toMatchObject({ code: 242 });
    expect(await call('manager/set', { ...by, members: ['bob'], is_manager: true })).toMatchObject({ code: 0 });
  });

  test('loses no command when the command node is killed while it waits for an answer', async () => {
    const groupId = await shop.newGroup();
    const userId = fresh('ann');
    answers = silent;
    const command = { app: 'shop', actor: service, groupId, userIds: [userId] };
    const added = client.command('addMembers', command, { timeoutMs: 6_000 });
    await waitFor(() => asked().flat().includes(userId));
    await stack.commands[0]!.kill();
    answers = knows;
    await stack.start('command');
    expect((await added).results).toEqual([{ userId, ok: true }]);
    expect(await joined(groupId)).toHaveLength(1);
  });
});

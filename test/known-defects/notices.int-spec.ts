import { CohortClient } from '@cohort/client';
import {
  FEED_STREAM,
  groupStream,
  type CommandData,
  type GroupCommandName,
  type GroupEventData,
} from '@cohort/contracts';
import { service, user } from '@cohort/contracts/testing';
import { AckPolicy } from 'nats';
import { Surroundings } from '../feed/support';
import { waitFor } from '../support/wait-for';

/** Defects that users of other group services met in notices of what had happened. */

let s: Surroundings;
afterEach(() => s?.stop());

const start = async (options?: Parameters<typeof Surroundings.start>[0]) => (s = await Surroundings.start(options));

type Fields<N extends GroupCommandName> = Omit<CommandData<N>, 'app' | 'actor' | 'groupId'> &
  Partial<Pick<CommandData<N>, 'actor' | 'groupId'>>;
const run = <N extends GroupCommandName>(name: N, fields: Fields<N>) =>
  CohortClient.over(s.client).command(name, {
    app: 'demo',
    actor: service,
    groupId: 'g',
    ...fields,
  } as unknown as CommandData<N>);

/** The events that a durable consumer receives, up to the feed's last. */
async function receivedBy(durable: string): Promise<{ type: string; groupId: string; data: unknown }[]> {
  const received: { type: string; groupId: string; data: unknown }[] = [];
  const consumer = await s.client.jetstream().consumers.get(FEED_STREAM, durable);
  for await (const message of await consumer.consume()) {
    const { headers } = message;
    const type = headers!.get('ce-type').replace('group.v1.', '');
    received.push({ type, groupId: headers!.get('ce-subject'), data: message.json() });
    message.ack();
    if (message.info.pending === 0) break;
  }
  return received;
}

/** The notifications to users that are published from now on. */
function notifications(): string[] {
  const notified: string[] = [];
  s.client.subscribe('group.v1.notify.>', {
    callback: (_error, { subject }) => notified.push(subject.replace('group.v1.notify.demo.', '')),
  });
  return notified;
}

// openimsdk/open-im-server#377, #833, openim-sdk-core#331, #1070: notices of joins, quits, kicks and dismissals never arrived;
// pkg/notification and webhook/http_client.go keep them in the memory of a process.
test('events written while no worker runs are published, and users notified, once a worker is back', async () => {
  await start();
  const [worker, command] = [await s.worker(), await s.part('command')];
  await run('create', { name: 'Sales', owner: 'o', members: ['a', 'b'], groupId: 'before' });
  await s.upToDate();
  await s.manager.consumers.add(FEED_STREAM, { durable_name: 'away', ack_policy: AckPolicy.Explicit });
  expect((await receivedBy('away')).map(({ type }) => type)).toEqual(['created', 'memberJoined']);

  await run('create', { name: 'Sales', owner: 'o', members: ['a', 'b'] });
  const joining = { groupId: 'joining' };
  const settings = { visibility: 'public', joinPolicy: 'approval' } as const;
  await run('create', { ...joining, name: 'Joining', owner: 'p', members: ['a', 'b'], settings });
  await worker.kill();
  for (const approve of [false, true]) {
    await run('apply', { ...joining, userId: 'x', reason: 'Please' });
    await run('handleApplication', { ...joining, userId: 'x', approve });
  }
  await run('invite', { ...joining, userIds: ['y', 'z'], actor: user('p') });
  await run('handleInvitation', { ...joining, userId: 'y', approve: true });
  await run('handleInvitation', { ...joining, userId: 'z', approve: false });
  await run('ban', { ...joining, userIds: ['a'] });
  await run('block', { ...joining, userIds: ['b'] });
  await run('join', { userId: 'c' });
  await run('leave', { userId: 'a' });
  await run('kick', { userIds: ['b'] });
  await run('transfer', { newOwner: 'c' });
  await run('dismiss', {});
  await command.kill();

  const notified = notifications();
  await s.worker();
  await s.part('query');
  await s.upToDate();
  const received = (await receivedBy('away')).filter(({ groupId }) => groupId === 'g');
  expect(received.map(({ type }) => type)).toEqual([
    'created',
    'memberJoined',
    'memberJoined',
    'memberLeft',
    'memberKicked',
    'ownerTransferred',
    'dismissed',
  ]);
  // With the count after it (openimsdk/open-im-server#3651).
  expect((received[4]!.data as GroupEventData['memberKicked']).memberCount).toBe(2);
  // The worker asks again after a pause for the users concerned, since the query app wasn't there yet.
  const expected = [
    ...['b.kicked', 'c.ownerTransferred', 'c.dismissed'],
    ...['p.applied', 'x.applicationDeclined', 'p.applied', 'x.applicationApproved', 'y.invited', 'z.invited'],
    ...['p.invitationAccepted', 'p.invitationDeclined', 'a.banned', 'b.kicked', 'b.blocked'],
  ];
  const timesIn = (all: readonly string[], one: string) => all.filter((other) => other === one).length;
  await waitFor(() => expected.every((one) => timesIn(notified, one) >= timesIn(expected, one)), {
    withinMs: 30_000,
  });
  expect(expected.filter((one) => timesIn(notified, one) !== timesIn(expected, one))).toEqual([]);
  const ofX = notified.filter((one) => one.startsWith('x.'));
  expect(ofX).toEqual(['x.applicationDeclined', 'x.applicationApproved']);
});

// wildfirechat/im-server#40, #195, open-im-server internal/rpc/group QuitGroup: a failed notice made a finished quit fail, and a
// group undismissable.
test('an owner leaves and a group is dismissed although neither can be published', async () => {
  // Nothing can be published: there is no JetStream for the feed, and no query node for notifications.
  await start({ jetStream: false });
  const [worker] = [await s.worker(), await s.part('command')];
  await run('create', { name: 'Sales', owner: 'o', members: ['a', 'b'] });
  const { healthUrl } = worker;
  await waitFor(async () => (await (await fetch(`${healthUrl}/health/ready`)).text()).includes('JetStream'));
  expect(await run('leave', { userId: 'o', ownerPolicy: 'oldestMember' })).toMatchObject({ revision: '3' });
  // Each of these notifies somebody, too.
  await run('changeSettings', { visibility: 'public', joinPolicy: 'approval' });
  await run('apply', { userId: 'x', reason: 'Please' });
  expect(await run('handleApplication', { userId: 'x', approve: true })).toMatchObject({ revision: '7' });
  await run('invite', { userIds: ['y'], actor: user('a') });
  expect(await run('handleInvitation', { userId: 'y', approve: true })).toMatchObject({ revision: '10' });
  await run('grantAdmins', { userIds: ['x'] });
  await run('ban', { userIds: ['b'] });
  expect(await run('block', { userIds: ['b'] })).toMatchObject({ results: [{ userId: 'b', ok: true }] });
  expect(await run('dismiss', { actor: user('a') })).toMatchObject({ revision: '15' });
  const types: string[] = [];
  for await (const { type } of s.store.read(groupStream('demo', 'g'))) types.push(type);
  expect(types).toEqual([
    ...['created', 'memberJoined', 'ownerTransferred', 'memberLeft', 'settingsChanged'],
    ...['applied', 'applicationApproved', 'memberJoined', 'invited', 'invitationAccepted', 'memberJoined'],
    ...['adminGranted', 'banned', 'memberKicked', 'blocked', 'dismissed'],
  ]);
});

// wildfirechat/im-server#676: a repeated quit was announced again.
test('a leave that is sent four times is published once', async () => {
  await start();
  await Promise.all([s.worker(), s.worker(), s.part('command')]);
  await run('create', { name: 'Sales', owner: 'o', members: ['a'] });
  const quit = { userId: 'a', commandId: 'quit' };
  await Promise.all([run('leave', quit), run('leave', quit)]);
  await run('leave', quit);
  // Some callers send it again, with another command id.
  await run('leave', { userId: 'a' });
  await run('changeInfo', { name: 'Other' });
  await s.upToDate();
  await s.manager.consumers.add(FEED_STREAM, { durable_name: 'all', ack_policy: AckPolicy.Explicit });
  expect((await receivedBy('all')).map(({ type }) => type)).toEqual([
    'created',
    'memberJoined',
    'memberLeft',
    'infoChanged',
  ]);
});

// tinode/chat#720, #660: connected users weren't notified of changed settings, nor of a join.
test("a connected user receives changes of the group's info, joins, and their own addition", async () => {
  await start();
  await Promise.all([s.worker(), s.part('command')]);
  await run('create', { name: 'Sales', owner: 'o', actor: { type: 'user', id: 'o' } });
  await s.upToDate();
  const notified = notifications();
  const live: string[] = [];
  s.client.subscribe('group.v1.event.demo.g.*', {
    callback: (_error, { subject }) => live.push(subject.split('.').at(-1)!),
  });
  await s.client.flush();
  await run('changeInfo', { ext: '{"auth":"JRW"}' });
  await run('join', { userId: 'a' });
  await run('addMembers', { userIds: ['b'] });
  await waitFor(() => live.length === 3 && notified.length === 1);
  expect(live).toEqual(['infoChanged', 'memberJoined', 'memberJoined']);
  expect(notified).toEqual(['b.added']);
});

// wildfirechat im-server, wildfirechat.conf: one slow callback delayed all others.
test('a notification that waits for the query app delays no other', async () => {
  await start();
  await Promise.all([s.worker(), s.part('command')]);
  const notified = notifications();
  await run('create', { name: 'Sales', owner: 'o', actor: { type: 'user', id: 'o' } });
  // The worker asks the query app for the users concerned, and it isn't there yet.
  await run('dismiss', {});
  await run('create', {
    name: 'Other',
    owner: 'o',
    members: ['a'],
    groupId: 'other',
    actor: { type: 'user', id: 'o' },
  });
  await waitFor(() => notified.length > 0);
  expect(notified).toEqual(['a.added']);
  await s.part('query');
  await waitFor(() => notified.includes('o.dismissed'), { withinMs: 30_000 });
});

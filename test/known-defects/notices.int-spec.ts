import { CohortClient } from '@cohort/client';
import {
  FEED_STREAM,
  groupStream,
  type CommandData,
  type GroupCommandName,
  type GroupEventData,
} from '@cohort/contracts';
import { AckPolicy } from 'nats';
import { service, Surroundings } from '../feed/support';
import { waitFor } from '../support/wait-for';

/** Defects of other group services in telling what has happened. */

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

/** What a consumer is given that was made before and away since, by the types of the events. */
async function toldTo(durable: string): Promise<{ type: string; data: unknown }[]> {
  const told: { type: string; data: unknown }[] = [];
  const consumer = await s.client.jetstream().consumers.get(FEED_STREAM, durable);
  for await (const message of await consumer.consume()) {
    told.push({ type: message.headers!.get('ce-type').replace('group.v1.', ''), data: message.json() });
    message.ack();
    if (message.info.pending === 0) break;
  }
  return told;
}

/** Notifications as users hear them, from now on. */
function hear(): string[] {
  const heard: string[] = [];
  s.client.subscribe('group.v1.notify.>', {
    callback: (_error, { subject }) => heard.push(subject.replace('group.v1.notify.demo.', '')),
  });
  return heard;
}

test('notices of joins, quits, kicks and dismissals never arrive (openimsdk/open-im-server#377, #833, openim-sdk-core#331, #1070), for they were in the memory of a process that ended (open-im-server pkg/notification, webhook/http_client.go)', async () => {
  await start();
  const [worker, command] = [await s.worker(), await s.part('command')];
  await run('create', { name: 'Sales', owner: 'o', members: ['a', 'b'], groupId: 'before' });
  await s.upToDate();
  await s.manager.consumers.add(FEED_STREAM, { durable_name: 'away', ack_policy: AckPolicy.Explicit });
  expect((await toldTo('away')).map(({ type }) => type)).toEqual(['created', 'memberJoined']);

  await run('create', { name: 'Sales', owner: 'o', members: ['a', 'b'] });
  await worker.kill();
  await run('join', { userId: 'c' });
  await run('leave', { userId: 'a' });
  await run('kick', { userIds: ['b'] });
  await run('transfer', { newOwner: 'c' });
  await run('dismiss', {});
  await command.kill();

  const heard = hear();
  await s.worker();
  await s.part('query');
  await s.upToDate();
  const told = await toldTo('away');
  expect(told.map(({ type }) => type)).toEqual([
    'created',
    'memberJoined',
    'memberJoined',
    'memberLeft',
    'memberKicked',
    'ownerTransferred',
    'dismissed',
  ]);
  // With the count after it (openimsdk/open-im-server#3651).
  expect((told[4]!.data as GroupEventData['memberKicked']).memberCount).toBe(2);
  // Whom it concerns is asked again after a pause where the query app wasn't there yet.
  await waitFor(() => ['b.kicked', 'c.ownerTransferred', 'c.dismissed'].every((one) => heard.includes(one)), {
    withinMs: 30_000,
  });
});

test('a notice that fails makes a quit fail that was done, and a group undismissable (wildfirechat/im-server#40, #195; open-im-server internal/rpc/group QuitGroup)', async () => {
  // Nobody can be told anything: there is no JetStream for the feed, and no query node for the rest.
  await start({ jetStream: false });
  const [worker] = [await s.worker(), await s.part('command')];
  await run('create', { name: 'Sales', owner: 'o', members: ['a', 'b'] });
  const { healthUrl } = worker;
  await waitFor(async () => (await (await fetch(`${healthUrl}/health/ready`)).text()).includes('JetStream'));
  expect(await run('leave', { userId: 'o', ownerPolicy: 'oldestMember' })).toMatchObject({ revision: '3' });
  expect(await run('dismiss', { actor: { type: 'user', id: 'a' } })).toMatchObject({ revision: '4' });
  const types: string[] = [];
  for await (const { type } of s.store.read(groupStream('demo', 'g'))) types.push(type);
  expect(types).toEqual(['created', 'memberJoined', 'ownerTransferred', 'memberLeft', 'dismissed']);
});

test('a quit that is sent again is announced again (wildfirechat/im-server#676)', async () => {
  await start();
  await Promise.all([s.worker(), s.worker(), s.part('command')]);
  await run('create', { name: 'Sales', owner: 'o', members: ['a'] });
  const quit = { userId: 'a', commandId: 'quit' };
  await Promise.all([run('leave', quit), run('leave', quit)]);
  await run('leave', quit);
  // Some send it anew.
  await run('leave', { userId: 'a' });
  await run('changeInfo', { name: 'Other' });
  await s.upToDate();
  await s.manager.consumers.add(FEED_STREAM, { durable_name: 'all', ack_policy: AckPolicy.Explicit });
  expect((await toldTo('all')).map(({ type }) => type)).toEqual([
    'created',
    'memberJoined',
    'memberLeft',
    'infoChanged',
  ]);
});

test('who is at work is not told of changed settings (tinode/chat#720), nor of a join (tinode/chat#660)', async () => {
  await start();
  await Promise.all([s.worker(), s.part('command')]);
  await run('create', { name: 'Sales', owner: 'o', actor: { type: 'user', id: 'o' } });
  await s.upToDate();
  const heard = hear();
  const live: string[] = [];
  s.client.subscribe('group.v1.event.demo.g.*', {
    callback: (_error, { subject }) => live.push(subject.split('.').at(-1)!),
  });
  await s.client.flush();
  await run('changeInfo', { ext: '{"auth":"JRW"}' });
  await run('join', { userId: 'a' });
  await run('addMembers', { userIds: ['b'] });
  await waitFor(() => live.length === 3 && heard.length === 1);
  expect(live).toEqual(['infoChanged', 'memberJoined', 'memberJoined']);
  expect(heard).toEqual(['b.added']);
});

test('one callback that takes long delays all others (wildfirechat im-server, wildfirechat.conf)', async () => {
  await start();
  await Promise.all([s.worker(), s.part('command')]);
  const heard = hear();
  await run('create', { name: 'Sales', owner: 'o', actor: { type: 'user', id: 'o' } });
  // Whom it concerns is asked of the query app, which isn't there yet.
  await run('dismiss', {});
  await run('create', {
    name: 'Other',
    owner: 'o',
    members: ['a'],
    groupId: 'other',
    actor: { type: 'user', id: 'o' },
  });
  await waitFor(() => heard.length > 0);
  expect(heard).toEqual(['a.added']);
  await s.part('query');
  await waitFor(() => heard.includes('o.dismissed'), { withinMs: 30_000 });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CohortClient } from '@cohort/client';
import { FEED_STREAM } from '@cohort/contracts';
import { connect, type NatsConnection } from 'nats';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { metric } from '../support/metrics';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

/** Permissions as an operator writes them: a tenant may publish for its own app, and subscribe to its events. */
const tenant = (app: string) => `{
  user: ${app}, password: secret, permissions: {
    publish: ["group.v1.app.${app}.>"]
    subscribe: ["_INBOX_${app}.>", "group.v1.event.${app}.>", "group.v1.notify.${app}.>"]
  }
}`;
const CONFIG = `authorization { users: [ { user: cohort, password: secret }, ${tenant('a')}, ${tenant('b')} ] }`;
const actor = { type: 'service' } as const;

let directory: string;
let nats: TestNats;
let eventStore: TestEventStore;
const parts: Part[] = [];
const connections: NatsConnection[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cohort-tenants-'));
  await writeFile(join(directory, 'nats.conf'), CONFIG);
  await writeFile(join(directory, 'apps.json'), JSON.stringify({ apps: [{ id: 'a' }, { id: 'b' }] }));
  nats = await startNats({ args: ['--config', join(directory, 'nats.conf')] });
  const env = {
    NATS_URL: `nats://cohort:secret@127.0.0.1:${nats.port}`,
    APPS_FILE: join(directory, 'apps.json'),
    DATA_DIR: directory,
  };
  eventStore = await startEventStore();
  for (const name of ['command', 'query', 'worker'] as const) {
    parts.push(await startPart(name, { ...env, EVENTSTORE_URL: eventStore.url }));
  }
}, 180_000);
afterAll(async () => {
  for (const connection of connections) await connection.close();
  for (const part of parts) await part.stop();
  await eventStore?.stop();
  await nats?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function connectAs(app: string): Promise<{ connection: NatsConnection; client: CohortClient }> {
  const connection = await connect({ servers: nats.url, user: app, pass: 'secret', inboxPrefix: `_INBOX_${app}` });
  connections.push(connection);
  return { connection, client: CohortClient.over(connection, { tenant: app }) };
}

test('two tenants with the same ids neither see nor change data of each other', async () => {
  const both = await Promise.all((['a', 'b'] as const).map(async (app) => ({ app, ...(await connectAs(app)) })));
  /** Subjects by event: what the relay sends again, because it doubts that it came, is heard again. */
  const heard = { a: new Map<string, string>(), b: new Map<string, string>() };
  for (const { app, connection } of both) {
    connection.subscribe(`group.v1.event.${app}.>`, {
      callback: (_error, { subject, headers }) => heard[app].set(headers!.get('ce-id'), subject),
    });
    await connection.flush();
  }
  const commandId = 'the same in both';
  for (const { app, client } of both) {
    const create = { app, actor, commandId, groupId: 'g', name: `of ${app}`, owner: 'o', members: [`m-${app}`] };
    await client.command('create', create);
    await client.command('create', { app, actor, groupId: `only-${app}`, name: 'n', owner: 'o' });
    const sync = { app, actor, userId: 'u', groups: [{ groupId: 'g', name: `of ${app}` }] };
    const { sync: number, position: after } = await client.command('syncUser', sync);
    const done = () => client.query('userSync', { app, userId: 'u', sync: number, after });
    await waitFor(async () => (await done()).completed);
  }
  for (const { app, client } of both) {
    const after = (await client.query('status', { app })).position;
    expect(await client.query('group', { app, groupId: 'g', after })).toMatchObject({
      name: `of ${app}`,
      memberCount: 3,
    });
    const { members } = await client.query('members', { app, groupId: 'g', after });
    expect(members.map(({ userId }) => userId)).toEqual(['o', `m-${app}`, 'u']);
    const { groups } = await client.query('userGroups', { app, userId: 'o', after });
    expect(groups.map(({ groupId }) => groupId).sort()).toEqual(['g', `only-${app}`]);
    const all = await client.query('appGroups', { app, after });
    expect(all.groups.map(({ groupId }) => groupId).sort()).toEqual(['g', `only-${app}`]);
  }
  await both[0]!.client.command('dismiss', { app: 'a', actor, groupId: 'g' });
  expect(await both[1]!.client.query('group', { app: 'b', groupId: 'g' })).toMatchObject({ status: 'live' });
  await waitFor(() => heard.a.size === 5 && heard.b.size === 4);
  for (const app of ['a', 'b'] as const) {
    expect([...heard[app].values()].every((subject) => subject.startsWith(`group.v1.event.${app}.`))).toBe(true);
  }
});

test('another tenant in the body is FORBIDDEN, in commands and in queries', async () => {
  const { connection } = await connectAs('a');
  for (const name of ['command.create', 'query.group', 'query.isMember']) {
    const body = JSON.stringify({ app: 'b', actor, groupId: 'g', name: 'n', owner: 'o' });
    const reply = await connection.request(`group.v1.app.a.${name}`, body, { timeout: 15_000 });
    expect(reply.json()).toMatchObject({ error: { code: 'FORBIDDEN' } });
  }
});

test('NATS permissions keep a tenant from all other subjects', async () => {
  const { connection } = await connectAs('a');
  for (const subject of ['group.v1.command.dismiss', 'group.v1.query.group', 'group.v1.app.b.command.dismiss']) {
    const asked = connection.request(subject, JSON.stringify({ app: 'b', actor, groupId: 'g' }), { timeout: 15_000 });
    await expect(asked).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
  }
  for (const subject of ['group.v1.event.b.>', 'group.v1.notify.b.>', 'group.v1.>']) {
    const refused = new Promise((resolve) => connection.subscribe(subject, { callback: (error) => resolve(error) }));
    expect(await refused).toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
  }
});

test("the service publishes nothing on another subject for a tenant: such a request isn't carried out", async () => {
  const { connection, client } = await connectAs('a');
  const before = (await client.command('create', { app: 'a', actor, groupId: 'feed', name: 'n', owner: 'o' })).position;
  const trusted = await connect({ servers: nats.url, user: 'cohort', pass: 'secret' });
  connections.push(trusted);
  const jetStream = await trusted.jetstreamManager();
  const feed = async () => (await jetStream.streams.info(FEED_STREAM)).state;
  const there = await (async () => {
    // The feed is level with the log when it has the event of the group above.
    const last = async () => (await jetStream.streams.getMessage(FEED_STREAM, { seq: (await feed()).last_seq })).header;
    await waitFor(async () => (await last()).get('ce-position') === before);
    return feed();
  })();
  const foreign = ['$JS.API.STREAM.PURGE.GROUP_EVENTS', 'group.v1.event.b.g.created', 'group.v1.command.dismiss'];
  for (const reply of foreign) {
    connection.publish('group.v1.app.a.query.status', '{}', { reply });
    const create = { actor, groupId: `by ${reply}`, name: 'n', owner: 'o' };
    connection.publish('group.v1.app.a.command.create', JSON.stringify(create), { reply });
  }
  const [command, query] = parts;
  const ignored = async () =>
    (await metric(command!, 'cohort_nats_requests_ignored_total')) +
    (await metric(query!, 'cohort_nats_requests_ignored_total'));
  await waitFor(async () => (await ignored()) === 2 * foreign.length);
  // The next command of this connection is carried out, after those above.
  const { position: after } = await client.command('changeInfo', { app: 'a', actor, groupId: 'feed', name: 'm' });
  for (const reply of foreign) {
    const asked = client.query('group', { app: 'a', groupId: `by ${reply}`, after });
    await expect(asked).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
  }
  await waitFor(async () => (await feed()).last_seq > there.last_seq);
  expect(await feed()).toMatchObject({ messages: there.messages + 1, last_seq: there.last_seq + 1, first_seq: 1 });
});

test('a client that lacks a permission gets an error that names it', async () => {
  const { connection } = await connectAs('a');
  const asTrusted = CohortClient.over(connection);
  const create = { app: 'a', actor, groupId: 'never', name: 'n', owner: 'o' };
  await expect(asTrusted.command('create', create)).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: "NATS doesn't permit this connection to publish on group.v1.command.create.",
  });
  const otherInbox = await connect({ servers: nats.url, user: 'a', pass: 'secret' });
  connections.push(otherInbox);
  const client = CohortClient.over(otherInbox, { tenant: 'a' });
  await expect(client.query('status', { app: 'a' })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/to subscribe to _INBOX\.\w+\.\*; set inboxPrefix/) as string,
  });
});

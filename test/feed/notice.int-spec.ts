import type { EventView, Notice, Notification } from '@cohort/contracts';
import { connect, type NatsConnection } from 'nats';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

let tenant: TenantClient;
let connection: NatsConnection;
const notice: Notice = { vendor: 'wildfirechat', payload: `{"content":"${'“销售” 😀 '.repeat(700)}"}`, lines: [0] };

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
  connection = await connect({ servers: natsUrl });
}, FIRST_START_MS);
afterAll(async () => {
  await connection?.close();
  await tenant?.close();
});

test("a command's notice is in its events, in the feed and in notifications, and in no others", async () => {
  const notified: Notification[] = [];
  connection.subscribe(`group.v1.notify.${tenant.app}.>`, {
    callback: (_error, message) => notified.push(message.json<Notification>()),
  });
  await connection.flush();
  const groupId = await tenant.newGroup({ members: ['m', 'n'] });
  const published: EventView[] = [];
  const unsubscribe = tenant.client.onGroupEvent(
    { app: tenant.app, groupId },
    { event: (event) => published.push(event), gap: () => undefined },
  );
  await tenant.run('kick', { groupId, userIds: ['m'], notice });
  await tenant.run('kick', { groupId, userIds: ['n'] });

  const events = await tenant.eventsOf(groupId);
  expect(events.map((event) => event.notice)).toEqual([undefined, undefined, notice, undefined]);
  await waitFor(() => published.some(({ revision }) => revision === '3'));
  expect(published.slice(-2)).toEqual(events.slice(-2));
  const kicked = () => notified.filter(({ kind }) => kind === 'kicked');
  await waitFor(() => kicked().length === 2);
  expect(Object.fromEntries(kicked().map((each) => [each.userId, each.notice]))).toEqual({ m: notice, n: undefined });
  unsubscribe();
});

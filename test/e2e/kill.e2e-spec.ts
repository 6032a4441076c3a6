import { CohortClient } from '@cohort/client';

import { connectEventStore } from '@cohort/event-store';
import { connect } from 'nats';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fed, logged } from '../support/feed';
import { newDataDir, processesOf, startProduct, type Product, type RunFile } from '../support/product';
import { rongcloud } from '../support/rongcloud';
import { requires } from '../support/servers';
import { namedIn, TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

requires('embedded event store', 'own event store', 'own nats-server');

const PARTS = ['gateway', 'command', 'query', 'worker', 'nats', 'eventStore'] as const satisfies (keyof RunFile)[];
/** Number of acknowledged calls before and after each kill, for each kind of load. */
const EACH_SIDE = 10;
/** Between one thing and the next, so that the load is light. */
const PAUSE_MS = 20;
/** Questions asked at the same time, when all is looked at. */
const AT_ONCE = 32;
const TEST_MS = 300_000;

/**
 * A caller that does one thing after another. It repeats each until it is acknowledged, as callers do whose answer was
 * lost, and lists the acknowledged ones.
 */
class Caller {
  readonly acknowledged: string[] = [];
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(name: string, attempt: (id: string) => Promise<boolean>) {
    this.done = this.work(name, attempt);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async work(name: string, attempt: (id: string) => Promise<boolean>): Promise<void> {
    for (let n = 0; !this.stopped; n++) {
      const id = `${name}-${n}`;
      // The last one is finished too, because what was begun may be there.
      while (!(await attempt(id).catch(() => false))) await delay(50);
      this.acknowledged.push(id);
      await delay(PAUSE_MS);
    }
  }
}

describe('each process killed once under light load', () => {
  let data: Awaited<ReturnType<typeof newDataDir>>;
  let product: Product;
  let client: CohortClient;
  const groups: string[] = [];
  const synced: string[] = [];
  const hotMembers: string[] = [];
  const service = { app: 'demo', actor: { type: 'service' } } as const;

  beforeAll(async () => {
    data = await newDataDir();
    product = await startProduct({ dataDir: data.path });
    client = await CohortClient.connect({ servers: product.running().nats.url });
    await client.command('create', { ...service, groupId: 'hot', name: 'Hot', owner: 'owner' });
  }, TEST_MS);

  afterAll(async () => {
    await client?.close();
    await product?.stop();
    await data.remove();
  });

  const succeeds = async (path: string, fields: Record<string, string | string[]>): Promise<boolean> =>
    (await rongcloud(product.running().gateway.url, path, fields)).status === 200;

  it.each(PARTS)(
    'callers are answered again after %s was killed and started again',
    async (part) => {
      const overHttp = new Caller(`http-${part}`, (groupId) =>
        succeeds('/group/create.json', { groupId, groupName: groupId, userId: ['u1', 'u2'] }),
      );
      const overNats = new Caller(`nats-${part}`, async (groupId) => {
        const create = {
          ...service,
          commandId: `make-${groupId}`,
          groupId,
          name: groupId,
          owner: 'u1',
          members: ['u2'],
        };
        await client.command('create', create, { timeoutMs: 3_000 });
        return true;
      });
      const joining = new Caller(`joins-${part}`, async (userId) => {
        await client.command('join', { ...service, groupId: 'hot', userId }, { timeoutMs: 3_000 });
        return true;
      });
      const syncing = new Caller(`syncs-${part}`, (userId) =>
        succeeds('/group/sync.json', { userId, [`group[of-${userId}]`]: userId }),
      );
      const callers = [overHttp, overNats, joining, syncing];
      const eachHasMore = async (withinMs: number): Promise<void> => {
        const wanted = callers.map((caller) => ({ caller, count: caller.acknowledged.length + EACH_SIDE }));
        await waitFor(() => wanted.every(({ caller, count }) => caller.acknowledged.length >= count), { withinMs });
      };
      try {
        await eachHasMore(60_000);
        const { pid } = product.running()[part];
        process.kill(pid, 'SIGKILL');
        await waitFor(() => product.running()[part].pid !== pid && product.running()[part].pid !== null, {
          withinMs: 60_000,
        });
        await eachHasMore(120_000);
      } finally {
        await Promise.all(callers.map((caller) => caller.stop()));
      }
      groups.push(...overHttp.acknowledged, ...overNats.acknowledged);
      hotMembers.push(...joining.acknowledged);
      synced.push(...syncing.acknowledged);
    },
    TEST_MS,
  );

  const eventsOf = (groupId: string) => TenantClient.over(client, 'demo').eventsOf(groupId);

  /** The read model may not have all that was acknowledged over NATS; it may have lost its event store as well. */
  const readModelHasAll = async (): Promise<void> => {
    const { position: after } = await client.command('create', { ...service, name: 'The last', owner: 'u1' });
    const caughtUp = () => client.query('status', { app: 'demo', after }, { timeoutMs: 3_000 });
    await waitFor(() => caughtUp().then(() => true), { withinMs: 60_000 });
  };

  const expectEverythingOnce = async (): Promise<void> => {
    await readModelHasAll();
    expect(groups.length).toBeGreaterThanOrEqual(2 * 2 * EACH_SIDE * PARTS.length);
    await forEachOf(groups, async (groupId) => {
      expect((await eventsOf(groupId)).map(({ type }) => type)).toEqual(['created', 'memberJoined']);
      const { members } = await client.query('members', { app: 'demo', groupId });
      expect(members.map(({ userId, role }) => [userId, role])).toEqual([
        ['u1', 'owner'],
        ['u2', 'member'],
      ]);
    });
    const joins = (await eventsOf('hot')).filter(({ type }) => type === 'memberJoined').flatMap(namedIn);
    expect(joins).toEqual(hotMembers);
    expect(await client.query('group', { app: 'demo', groupId: 'hot' })).toMatchObject({
      memberCount: hotMembers.length + 1,
    });
    await forEachOf(synced, async (userId) => {
      const list = await client.query('userGroups', { app: 'demo', userId });
      expect(list.groups.map(({ groupId }) => groupId)).toEqual([`of-${userId}`]);
      expect((await eventsOf(`of-${userId}`)).map(({ type }) => type)).toEqual(['created']);
    });
  };

  it('everything that was acknowledged is there once', expectEverythingOnce, TEST_MS);

  it(
    'the feed has every event of the log, once and in order',
    async () => {
      const { eventStore, nats } = product.running();
      const store = await connectEventStore({ url: eventStore.url });
      const connection = await connect({ servers: nats.url });
      try {
        const log = await logged(store);
        expect(log.length).toBeGreaterThan(2 * groups.length);
        let published: string[] = [];
        await waitFor(async () => (published = await fed(connection)).length >= log.length, { withinMs: 60_000 });
        expect(published).toEqual(log);
      } finally {
        await connection.close();
        await store.close();
      }
    },
    TEST_MS,
  );

  it(
    'everything that was acknowledged is there once after a restart without a read model',
    async () => {
      await client.close();
      expect(await product.stop()).toBe(0);
      expect(processesOf(data.path)).toEqual([]);
      await rm(join(data.path, 'query'), { recursive: true });
      product = await startProduct({ dataDir: data.path });
      client = await CohortClient.connect({ servers: product.running().nats.url });
      await expectEverythingOnce();
    },
    TEST_MS,
  );
});

async function forEachOf<T>(list: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < list.length; from += AT_ONCE) {
    await Promise.all(list.slice(from, from + AT_ONCE).map(check));
  }
}

import { connectEventStore } from '@cohort/event-store';
import { connect, type NatsConnection } from 'nats';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fed, logged } from '../support/feed';
import { newDataDir, paste, processesOf, startProduct, titleOf, type Product } from '../support/product';
import { rongcloud } from '../support/rongcloud';
import { becomesReady } from '../support/ready';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('embedded event store', 'own event store', 'own nats-server');

const START_MS = 180_000;
const aNumber: unknown = expect.any(Number);
const aText: unknown = expect.any(String);
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const inAnyOrder = (list: readonly unknown[]): unknown => expect.arrayContaining(list);
const hasCurl = (() => {
  try {
    return execFileSync('curl', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

describe('the product, started by one command', () => {
  let data: Awaited<ReturnType<typeof newDataDir>>;
  let product: Product;
  let bus: NatsConnection;

  const ask = async (subject: string, body: object): Promise<Record<string, unknown>> =>
    (await bus.request(subject, JSON.stringify(body), { timeout: 10_000 })).json();
  const call = (path: string, fields: Record<string, string | string[]>) =>
    rongcloud(product.running().gateway.url, path, fields);
  const bannerLine = (start: string): string =>
    product
      .output()
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line.includes(start))!;

  const start = async () => {
    product = await startProduct({ dataDir: data.path, command: ['npm', 'start'] });
    bus = await connect({ servers: product.running().nats.url });
  };
  const stop = async () => {
    await bus.close();
    return product.stop();
  };

  beforeAll(async () => {
    data = await newDataDir();
    await start();
  }, START_MS);

  afterAll(async () => {
    await bus?.close();
    await product?.stop();
    await data.remove();
  });

  it('lists its processes in run.json, and each process has its title', async () => {
    const running = product.running();
    expect(running).toEqual({
      gateway: {
        ...{ pid: aNumber, url: like(/^http:\/\/127\.0\.0\.1:\d+$/) },
        own: { WildfireChat: like(/^http:\/\/127\.0\.0\.1:\d+$/) },
      },
      nats: { pid: aNumber, url: like(/^nats:\/\/127\.0\.0\.1:\d+$/) },
      eventStore: { pid: aNumber, url: like(/^esdb:\/\/127\.0\.0\.1:\d+/) },
      command: { pid: aNumber, healthUrl: like(/^http:/) },
      query: { pid: aNumber, healthUrl: like(/^http:/) },
      worker: { pid: aNumber, healthUrl: like(/^http:/) },
    });
    expect(titleOf(running.gateway.pid)).toBe('cohort-gateway');
    expect(titleOf(running.command.pid)).toBe('cohort-command');
    expect(titleOf(running.query.pid)).toBe('cohort-query');
    expect(titleOf(running.worker.pid)).toBe('cohort-worker');
    expect(titleOf(running.eventStore.pid)).toBe('cohort-event-store');
    for (const url of [
      running.gateway.url,
      running.command.healthUrl,
      running.query.healthUrl,
      running.worker.healthUrl,
    ]) {
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      await becomesReady(url);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('cohort_info{');
    }
  });

  it('prints the addresses and the demo keys, and each log line with the name of its process', () => {
    const { gateway, nats, eventStore } = product.running();
    for (const text of [
      gateway.url,
      nats.url,
      eventStore.url,
      data.path,
      'App-Key demo',
      'secret demo-secret',
      'app_id demo',
      'app id 970CA35de60c44645bbae8a215061b33, certificate 5CFd2fd1755d40ecb72977518be15d3b',
      'org demo, app demo, client id demo, client secret demo-secret',
    ]) {
      expect(product.output()).toContain(text);
    }
    expect(product.output()).toContain(
      `HTTP         ${gateway.url} (RongCloud, Lanying, WildfireChat, Shengwang IM and Agora Chat)`,
    );
    expect(product.output()).toMatch(/^ {2}WildfireChat http:\/\/127\.0\.0\.1:\d+ \(alone, too\)$/m);
    expect(product.output()).toContain(`${gateway.url}/docs`);
    expect(product.output()).toMatch(/^event-store \| /m);
    // Colour is for terminals.
    expect(product.output()).not.toContain('\u001b[3');
  });

  (hasCurl ? it : it.skip)('prints a curl line for each dialect, which makes a group when pasted', async () => {
    expect(JSON.parse(await paste(bannerLine('/group/create -H')))).toMatchObject({
      code: 200,
      data: { group_id: aNumber, name: 'Sales', owner_id: 1, count: 3 },
    });
    expect(JSON.parse(await paste(bannerLine('/admin/group/create')))).toEqual({
      ...{ code: 0, msg: 'success', result: { group_id: expect.any(String) as string } },
    });
    expect(JSON.parse(await paste(bannerLine('/demo/demo/chatgroups')))).toMatchObject({
      data: { groupid: like(/^\d+$/) },
    });
    expect(JSON.parse(await paste(bannerLine('/group/create.json')))).toEqual({ code: 200 });
    expect(await call('/group/user/query.json', { groupId: 'g1' })).toEqual({
      status: 200,
      body: { code: 200, users: [{ id: 'u1' }, { id: 'u2' }, { id: 'u3' }] },
    });
  });

  it('prints a command for nats and one for Node alone, and each creates a group when pasted', async () => {
    const line = bannerLine('request.cjs');
    const answers = [await paste(line), await paste(line)].map((text) => JSON.parse(text) as Record<string, string>);
    expect(answers[0]!.groupId).not.toBe(answers[1]!.groupId);
    for (const { groupId, position } of answers) {
      const group = await ask('group.v1.query.group', { app: 'demo', groupId, after: position });
      expect(group).toMatchObject({ groupId, name: 'Sales', owner: 'u1', memberCount: 3 });
    }
    const request = /request\.cjs (.*)$/.exec(line)![1]!;
    expect(bannerLine('nats req')).toBe(`nats req --server ${product.running().nats.url} ${request}`);
  });

  it("serves RongCloud's group module over HTTP, and NATS queries return the same groups", async () => {
    const ok = { status: 200, body: { code: 200 } };
    const members = (groupId: string) => call('/group/user/query.json', { groupId });
    const users = (...ids: string[]) => ({ status: 200, body: { code: 200, users: ids.map((id) => ({ id })) } });

    expect(await call('/group/create.json', { groupId: 'r1', groupName: 'One', userId: ['a', 'b'] })).toEqual(ok);
    expect(await members('r1')).toEqual(users('a', 'b'));
    expect(await call('/group/join.json', { groupId: 'r1', groupName: 'One', userId: 'c' })).toEqual(ok);
    expect(await call('/group/refresh.json', { groupId: 'r1', groupName: 'First' })).toEqual(ok);
    expect(await call('/group/quit.json', { groupId: 'r1', userId: 'a' })).toEqual(ok);
    expect(await members('r1')).toEqual(users('b', 'c'));
    expect(await ask('group.v1.query.group', { app: 'demo', groupId: 'r1' })).toMatchObject({
      name: 'First',
      owner: 'b',
      memberCount: 2,
    });

    expect(await call('/group/sync.json', { userId: 'c', 'group[r2]': 'Two', 'group[r3]': 'Three' })).toEqual(ok);
    const { body } = await call('/user/group/query.json', { userId: 'c' });
    expect(body).toEqual({
      code: 200,
      groups: inAnyOrder([
        { id: 'r2', name: 'Two' },
        { id: 'r3', name: 'Three' },
      ]),
    });
    expect((body as { groups: unknown[] }).groups).toHaveLength(2);
    expect(await members('r1')).toEqual(users('b'));

    expect(await call('/group/dismiss.json', { groupId: 'r1', userId: 'stranger' })).toEqual(ok);
    expect(await members('r1')).toEqual(users());
    expect(await ask('group.v1.query.group', { app: 'demo', groupId: 'r1' })).toMatchObject({ status: 'dismissed' });
  });

  it('serves the same commands over NATS, and HTTP calls return the same groups', async () => {
    const base = { app: 'demo', actor: { type: 'service' }, groupId: 'n1' };
    const command = (name: string, body: object) => ask(`group.v1.command.${name}`, { ...base, ...body });
    const members = async () =>
      ((await call('/group/user/query.json', { groupId: 'n1' })).body as { users: { id: string }[] }).users.map(
        ({ id }) => id,
      );
    const shown = async ({ position }: Record<string, unknown>) => {
      await ask('group.v1.query.group', { app: 'demo', groupId: 'n1', after: position });
      return members();
    };

    const created = await command('create', { name: 'Sales', owner: 'u1', members: ['u2', 'u3'] });
    expect(created).toMatchObject({ groupId: 'n1', revision: aText, position: aText });
    expect(await shown(created)).toEqual(['u1', 'u2', 'u3']);
    const joined = await command('join', { userId: 'u4' });
    const added = await command('addMembers', { userIds: ['u5', 'u2'] });
    expect(Number(added.revision)).toBeGreaterThan(Number(joined.revision));
    const left = await command('leave', { userId: 'u3' });
    expect(await shown(left)).toEqual(['u1', 'u2', 'u4', 'u5']);
    await command('kick', { userIds: ['u5'] });
    const transferred = await command('transfer', { newOwner: 'u2' });
    expect(await shown(transferred)).toEqual(['u1', 'u2', 'u4']);
    const renamed = await command('changeInfo', { name: 'Marketing' });
    expect(await ask('group.v1.query.group', { app: 'demo', groupId: 'n1', after: renamed.position })).toMatchObject({
      name: 'Marketing',
      owner: 'u2',
      memberCount: 3,
    });
    expect(await ask('group.v1.app.demo.query.isMember', { groupId: 'n1', userId: 'u2' })).toEqual({
      isMember: true,
      role: 'owner',
    });
    expect(await command('create', { name: 'Again', owner: 'u9' })).toMatchObject({ error: { code: 'GROUP_EXISTS' } });
    const dismissed = await command('dismiss', {});
    expect(await shown(dismissed)).toEqual([]);
    expect(await command('join', { userId: 'u6' })).toMatchObject({ error: { code: 'GROUP_DISMISSED' } });
  });

  it(
    'uses servers that run already, beside another one, and both see the same groups',
    async () => {
      const { nats, eventStore } = product.running();
      const other = await newDataDir();
      const env = { NATS_URL: nats.url, EVENTSTORE_URL: eventStore.url };
      const second = await startProduct({ dataDir: other.path, env });
      try {
        expect(second.running()).toMatchObject({
          nats: { pid: null, url: nats.url },
          eventStore: { pid: null, url: eventStore.url },
        });
        const made = { groupId: 's1', groupName: 'Shared', userId: ['a', 'b'] };
        expect((await rongcloud(second.running().gateway.url, '/group/create.json', made)).body).toEqual({ code: 200 });
        // Each query may be answered by either of the two query nodes.
        for (let n = 0; n < 10; n++) {
          expect(await call('/group/user/query.json', { groupId: 's1' })).toEqual({
            status: 200,
            body: { code: 200, users: [{ id: 'a' }, { id: 'b' }] },
          });
        }
      } finally {
        expect(await second.stop()).toBe(0);
        await other.remove();
      }
      await becomesReady(product.running().gateway.url);
    },
    START_MS,
  );

  it(
    'stops on Ctrl-C within seconds, leaving no process and no run.json, and finds its groups at the next start',
    async () => {
      await call('/group/create.json', { groupId: 'kept', groupName: 'Kept', userId: ['x', 'y'] });
      expect(processesOf(data.path).length).toBeGreaterThanOrEqual(7);
      await stop();
      expect(product.output()).toMatch(/Ctrl-C: stopping \.\.\.\n[^]*Stopped\.\n$/);
      // A start in which the parts become ready one after another is no reason for a warning.
      expect(product.output()).not.toContain('an end is not announced yet');
      // Each ended by itself in its seconds.
      expect(product.output()).not.toMatch(/did not stop in|stopping takes too long/);
      expect(processesOf(data.path)).toEqual([]);
      expect(existsSync(join(data.path, 'run.json'))).toBe(false);

      await start();
      expect(await call('/group/user/query.json', { groupId: 'kept' })).toEqual({
        status: 200,
        body: { code: 200, users: [{ id: 'x' }, { id: 'y' }] },
      });
      expect(await ask('group.v1.query.group', { app: 'demo', groupId: 'n1' })).toMatchObject({ status: 'dismissed' });
    },
    START_MS,
  );

  it(
    'ends with its killed launcher, and finds everything at the next start',
    async () => {
      await call('/group/create.json', { groupId: 'orphaned', groupName: 'Kept', userId: ['x'] });
      const { launcher } = JSON.parse(readFileSync(join(data.path, 'launcher.json'), 'utf8')) as {
        launcher: { pid: number };
      };
      await bus.close();
      process.kill(launcher.pid, 'SIGKILL');
      await waitFor(() => processesOf(data.path).length === 0, { withinMs: 15_000 });
      await start();
      expect((await call('/group/user/query.json', { groupId: 'orphaned' })).body).toEqual({
        code: 200,
        users: [{ id: 'x' }],
      });
    },
    START_MS,
  );

  it(
    'restarts a nats-server whose data were removed while it ran, and fills the feed again',
    async () => {
      const pid = product.running().nats.pid;
      // After a restart, nats-server opens its files with the first message.
      process.kill(pid, 'SIGKILL');
      const hasOther = (than: number) => ![null, than].includes(product.running().nats.pid);
      await waitFor(() => hasOther(pid), { withinMs: 30_000 });
      const restarted = product.running().nats.pid;
      rmSync(join(data.path, 'nats/jetstream'), { recursive: true });
      const fields = { groupId: 'after-removal', groupName: 'Kept', userId: ['x'] };
      await waitFor(async () => (await call('/group/create.json', fields)).status === 200, { withinMs: 30_000 });
      await waitFor(() => hasOther(restarted), { withinMs: 60_000 });
      const store = await connectEventStore({ url: product.running().eventStore.url });
      const connection = await connect({ servers: product.running().nats.url });
      try {
        const log = await logged(store);
        await waitFor(async () => (await fed(connection)).length >= log.length, { withinMs: 60_000 });
        expect(await fed(connection)).toEqual(log);
      } finally {
        await connection.close();
        await store.close();
      }
    },
    START_MS,
  );

  it.each(['SIGTERM', 'SIGKILL', 'SIGHUP'] as const)(
    'stops in order when only npm gets the signal %s, which npm does not pass on',
    async (signal) => {
      if (bus.isClosed()) await start();
      await bus.close();
      process.kill(product.pid, signal);
      // Its last line may still be on its way to us when it has ended.
      const hasEnded = () => processesOf(data.path).length === 0 && product.output().endsWith('Stopped.\n');
      await waitFor(hasEnded, { withinMs: 30_000 });
      expect(product.output()).toMatch(/npm has ended: stopping \.\.\.\n[^]*Stopped\.\n$/);
    },
    START_MS,
  );
});

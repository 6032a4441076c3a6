import { Logger, type INestApplication } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Bus, NatsController, serveNats, type NatsServer, type NatsServerOptions } from '@cohort/bus';
import { connect, Events, RequestStrategy } from 'nats';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

/** A busy machine may take longer than the client's usual second. */
const PATIENT = { timeout: 20_000 };

const SUBJECT = 'group.v1.query.held';

/** Handlers wait here until the test releases them. */
const held = new Set<() => void>();
const release = () => held.forEach((go) => go());

@NatsController()
class HoldingController {
  @MessagePattern(SUBJECT)
  async hold(@Payload() body: object): Promise<object> {
    await new Promise<void>((resolve) => held.add(resolve));
    return body;
  }
}

const open: { close(): Promise<unknown> }[] = [];
const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
  open.unshift(one);
  return one;
};

/** A nats-server for one test. It is stopped after its connections, even if the test fails. */
async function ownNats(options?: Parameters<typeof startNats>[0]): Promise<TestNats> {
  const own = await startNats(options);
  open.push({ close: () => own.stop() });
  return own;
}

let nats: TestNats;
beforeAll(async () => {
  nats = await startNats();
});
afterEach(async () => {
  release();
  held.clear();
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => nats?.stop());

async function serve(url: string, options: Partial<NatsServerOptions> = {}): Promise<{ bus: Bus; server: NatsServer }> {
  const bus = opened(await Bus.connect({ servers: url, name: 'test' }));
  const module = await Test.createTestingModule({ controllers: [HoldingController] }).compile();
  const app: INestApplication = opened(module.createNestApplication({ logger: false }));
  await app.init();
  const server = await serveNats(app, { bus, queue: 'test', ...options });
  return { bus, server };
}

describe('connecting to NATS', () => {
  it('fails within its time, with one sentence, when no server listens', async () => {
    const before = Date.now();
    await expect(Bus.connect({ servers: 'nats://127.0.0.1:1', name: 'test', timeoutMs: 500 })).rejects.toThrow(
      "NATS can't be reached at 127.0.0.1:1 (connection refused).",
    );
    // The error comes before the default timeout of 10 s.
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  it('waits for a server that starts meanwhile', async () => {
    const own = await ownNats();
    await own.kill();
    const connecting = Bus.connect({ servers: own.url, name: 'test', timeoutMs: 30_000 });
    await own.restart();
    expect(opened(await connecting).status).toBe('connected');
  });

  it('uses user and password, or a token, from the URL, and fails immediately when they are wrong', async () => {
    for (const [args, right] of [
      [['--user', 'cohort', '--pass', 'p@ss'], 'cohort:p%40ss@'],
      [['--auth', 'token'], 'token@'],
    ] as const) {
      const guarded = await ownNats({ args: [...args] });
      const at = (credentials: string) => guarded.url.replace('//', `//${credentials}`);
      const bus = await Bus.connect({ servers: at(right), name: 'test' });
      await bus.close();
      const before = Date.now();
      await expect(Bus.connect({ servers: at('x:y@'), name: 'test' })).rejects.toThrow(
        /\(user, password or token is missing or wrong\)\.$/,
      );
      expect(Date.now() - before).toBeLessThan(5_000);
    }
  });
});

describe('a lost NATS connection', () => {
  it('is noticed and restored, and requests are answered again', async () => {
    const own = await ownNats();
    const { bus } = await serve(own.url);
    await own.kill();
    await waitFor(() => bus.status === 'disconnected');
    await own.restart();
    await waitFor(() => bus.status === 'connected');
    const client = opened(await connect({ servers: own.url }));
    const answer = client.request(SUBJECT, '{"a":1}', PATIENT);
    await waitFor(() => held.size === 1);
    release();
    expect((await answer).json()).toEqual({ a: 1 });
  });

  it('is logged once, and so is its return, however often the server refuses the credentials meanwhile', async () => {
    const log = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    try {
      const own = await ownNats({ args: ['--user', 'cohort', '--pass', 'right'] });
      const servers = own.url.replace('//', '//cohort:right@');
      const bus = opened(await Bus.connect({ servers, name: 'test' }));
      await own.restart({ args: ['--user', 'cohort', '--pass', 'changed'] });
      await waitFor(() => error.mock.calls.length >= 3);
      await own.restart();
      await waitFor(() => bus.status === 'connected');
      expect(bus.status).toBe('connected');
      expect(warn.mock.calls).toEqual([['NATS connection lost']]);
      expect(log.mock.calls).toEqual([['NATS connected again']]);
    } finally {
      [log, warn, error].forEach((spy) => spy.mockRestore());
    }
  });

  it('drops the reply of a request in flight, and later requests are answered', async () => {
    const own = await ownNats();
    const done: string[] = [];
    const { bus, server } = await serve(own.url, { observe: (name, outcome) => done.push(`${name} ${outcome}`) });
    const client = await connect({ servers: own.url });
    client.publish(SUBJECT, '{}', { reply: '_INBOX.nobody.there' });
    await waitFor(() => held.size === 1);
    await client.close();
    await bus.connection.close();
    const closing = server.close();
    release();
    await closing;
    expect(done).toEqual(['held ok']);
  });
});

describe('an error while a message is handled', () => {
  it('ends neither the subscription nor the connection, and is counted', async () => {
    let faults = 0;
    const observer = { ignoredRequest: () => undefined, messageFault: () => void (faults += 1) };
    const bus = opened(await Bus.connect({ servers: nats.url, name: 'test', observer }));
    bus.requests.on('faulty', (request) => {
      if (request.string() === 'bad') throw new Error('a bug');
      request.respond('answered');
    });
    await bus.connection.flush();
    const client = opened(await connect({ servers: nats.url }));
    client.publish('faulty', 'bad');
    expect((await client.request('faulty', 'good', PATIENT)).string()).toBe('answered');
    expect(faults).toBe(1);
  });

  it('that ends the reader of the connection is noticed, and the connection is made anew', async () => {
    const { bus } = await serve(nats.url);
    const said = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    // What no code of the service may do, and the lint rule forbids.
    bus.connection.subscribe('poison', {
      callback: () => {
        throw new Error('it leaves the callback');
      },
    });
    await bus.connection.flush();
    const statuses = bus.connection.status();
    const client = opened(await connect({ servers: nats.url }));
    client.publish('poison', '');
    // It may be connected again before anyone looks at its status.
    for await (const { type } of statuses) if (type === Events.Reconnect) break;
    said.mockRestore();
    expect(bus.status).toBe('connected');
    // Its subscriptions are at the server.
    await bus.connection.flush();
    const answer = client.request(SUBJECT, '{"a":1}', PATIENT);
    await waitFor(() => held.size === 1);
    release();
    expect((await answer).json()).toEqual({ a: 1 });
  });
});

it('a message is published only on a subject that can be published to', async () => {
  const bus = opened(await Bus.connect({ servers: nats.url, name: 'test' }));
  for (const subject of ['', 'a b', 'a\r\nPUB b 0\r\n', 'a.*', '>', 'a..b', 'x'.repeat(5_000)]) {
    expect(() => bus.publishJson(subject, {})).toThrow('is not a subject that a message can be published to');
  }
});

it('a server answers OVERLOADED immediately beyond its limit in flight, and takes requests again below it', async () => {
  await serve(nats.url, { maxInFlight: 2 });
  const client = opened(await connect({ servers: nats.url }));
  const taken = [client.request(SUBJECT, '{"a":1}', PATIENT), client.request(SUBJECT, '{"a":2}', PATIENT)];
  await waitFor(() => held.size === 2);
  const refused = await client.request(SUBJECT, '{"a":3}', PATIENT);
  expect(refused.json()).toMatchObject({ error: { code: 'OVERLOADED' } });
  expect(refused.headers!.get('Nats-Service-Error-Code')).toBe('429');
  release();
  expect((await Promise.all(taken)).map((message) => message.json())).toEqual([{ a: 1 }, { a: 2 }]);
  held.clear();
  const again = client.request(SUBJECT, '{"a":4}', PATIENT);
  await waitFor(() => held.size === 1);
  release();
  expect((await again).json()).toEqual({ a: 4 });
});

it('a closing server takes no new requests, and answers those in flight', async () => {
  const { server } = await serve(nats.url);
  const client = opened(await connect({ servers: nats.url }));
  const taken = client.request(SUBJECT, '{"a":1}', { timeout: 20_000 });
  await waitFor(() => held.size === 1);
  let closed = false;
  const closing = server.close().then(() => (closed = true));
  // The broker may still deliver a request after the close began, and it waits like the first one. So try again.
  await waitFor(() =>
    client.request(SUBJECT, '{}', { timeout: 100 }).then(
      () => false,
      (error: { code?: string }) => error.code === '503',
    ),
  );
  expect(closed).toBe(false);
  release();
  expect((await taken).json()).toEqual({ a: 1 });
  await closing;
});

async function gather<T>(found: Promise<AsyncIterable<T>>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of await found) all.push(one);
  return all;
}

it('discovery shows a process without endpoints', async () => {
  const bus = opened(await Bus.connect({ servers: nats.url, name: 'test' }));
  bus.announce({ name: 'cohort-gateway', version: '1.2.3', description: 'HTTP' });
  const client = opened(await connect({ servers: nats.url }));
  const services = client.services.client({ strategy: RequestStrategy.Count, maxMessages: 1, maxWait: 20_000 });
  const [info] = await gather(services.info('cohort-gateway'));
  expect(info).toMatchObject({
    type: 'io.nats.micro.v1.info_response',
    name: 'cohort-gateway',
    version: '1.2.3',
    description: 'HTTP',
    endpoints: [],
  });
  const [stats] = await gather(services.stats('cohort-gateway', info!.id));
  expect(stats).toMatchObject({ type: 'io.nats.micro.v1.stats_response', id: info!.id, endpoints: [] });
  expect(new Date(stats!.started).toISOString()).toBe(stats!.started);
});

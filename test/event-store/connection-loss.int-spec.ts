import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectEventStore } from '@cohort/event-store';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { startTcpProxy, type ProxyMode, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

requires('own event store');

// With the client's own appendToStream, each of these breaks ends the process; see libs/event-store/src/append-stream.ts.

let server: TestEventStore;
let proxy: TcpProxy;
let child: ChildProcess;
let errors = '';
let acknowledged: number;

beforeEach(async () => {
  server = await startEventStore();
  proxy = await startTcpProxy(server.port);
  child = fork(join(__dirname, 'appending-process.ts'), [`esdb://127.0.0.1:${proxy.port}?tls=false`], {
    execArgv: ['-r', 'reflect-metadata', '-r', join(__dirname, '../support/ts-register.cjs')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  errors = '';
  child.stderr!.on('data', (text) => (errors += String(text)));
  acknowledged = 0;
  child.on('message', ({ count }: { count?: number }) => (acknowledged = count ?? acknowledged));
  await once(child, 'message');
});
afterEach(async () => {
  child.kill('SIGKILL');
  await proxy.close();
  await server.stop();
});

const breaks: [string, (proxy: TcpProxy) => Promise<void>][] = [
  ['cut', (proxy) => Promise.resolve(proxy.cut())],
  ['refused for a while', (proxy) => during(proxy, 'refuse')],
  ['black-holed for a while', (proxy) => during(proxy, 'blackHole')],
  ['deaf for a while', (proxy) => during(proxy, 'dropReplies')],
];

async function during(proxy: TcpProxy, mode: ProxyMode): Promise<void> {
  proxy.set(mode);
  await delay(300);
  proxy.set('pass');
}

test.each(breaks)(
  'a process lives on when its connection is %s, and every acknowledged append is there',
  async (_how, breakIt) => {
    for (let times = 0; times < 6; times++) {
      // The process appends again.
      const before = acknowledged;
      await waitFor(() => acknowledged > before);
      await breakIt(proxy);
    }
    const said = new Promise<{ acknowledged: string[]; failures: string[] }>((resolve) => {
      child.on('message', (message: object) => {
        if ('failures' in message) resolve(message as { acknowledged: string[]; failures: string[] });
      });
    });
    const exit = once(child, 'exit');
    child.send('stop');
    const { acknowledged: streams, failures } = await said;
    expect({ exit: await exit, failures, errors }).toEqual({ exit: [0, null], failures: [], errors: '' });

    const store = await connectEventStore({ url: server.url });
    const written = new Map<string, number>();
    const stop = new AbortController();
    await store.follow({
      from: '0',
      prefixes: ['group-'],
      signal: stop.signal,
      onDropped: () => undefined,
      onBatch: (events) => {
        for (const { stream } of events) written.set(stream, (written.get(stream) ?? 0) + 1);
        return Promise.resolve();
      },
      onCaughtUp: () => stop.abort(),
    });
    await store.close();
    expect(streams.length).toBeGreaterThanOrEqual(600);
    expect(streams.filter((stream) => written.get(stream) !== 1)).toEqual([]);
  },
);

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'nats';
import { freePort } from '../support/free-port';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

/** A busy machine may take longer than the client's usual second. */
const PATIENT = { timeout: 20_000 };

interface Sample {
  readonly child: ChildProcess;
  /** All of its stdout and stderr. */
  readonly output: () => string;
  readonly ready: Promise<{ healthUrl: string; url: string }>;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
}

const samples: Sample[] = [];
let nats: TestNats;

beforeAll(async () => {
  nats = await startNats();
});

afterEach(async () => {
  for (const { child, exit } of samples.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

afterAll(() => nats?.stop());

function start(env: NodeJS.ProcessEnv = {}, stdout: 'pipe' | number = 'pipe'): Sample {
  const register = join(__dirname, '../support/ts-register.cjs');
  const child = spawn(process.execPath, ['-r', register, join(__dirname, 'sample-process.ts')], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NATS_URL: nats.url, ...env },
    stdio: ['ignore', stdout, 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  child.stderr!.on('data', (chunk) => (output += String(chunk)));
  // Not 'close': it never comes after `child.disconnect()`.
  const ended = [child, ...[child.stdout, child.stderr].filter((stream) => stream !== null)].map((one) =>
    once(one, one === child ? 'exit' : 'close'),
  );
  const exit = Promise.all(ended).then(() => ({ code: child.exitCode, signal: child.signalCode }));
  const ready = new Promise<{ healthUrl: string; url: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { healthUrl: string; url: string }));
    void exit.then(() => reject(new Error(`it ended: ${output}`)));
  });
  ready.catch(() => undefined);
  const sample = { child, output: () => output, ready, exit };
  samples.push(sample);
  return sample;
}

const json = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a started process', () => {
  it('sends its URLs to its launcher, has its title, and serves health, metrics and discovery', async () => {
    const { ready, child } = start();
    const { healthUrl, url } = await ready;
    expect(url).toBe(healthUrl);
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(child.pid)], { encoding: 'utf8' })).toContain(
      'cohort-sample',
    );
    expect((await json(`${healthUrl}/health/live`)).body).toMatchObject({ status: 'ok' });
    expect(await json(`${healthUrl}/health/ready`)).toEqual({
      status: 200,
      body: {
        status: 'ok',
        info: { process: { status: 'up' }, nats: { status: 'up' } },
        error: {},
        details: { process: { status: 'up' }, nats: { status: 'up' } },
      },
    });
    const metrics = await fetch(`${healthUrl}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toMatch(/cohort_info\{process="cohort-sample",version="\d+\.\d+\.\d+/);
  });

  it('is live but not ready while NATS is down, and is ready again after its restart', async () => {
    const own = await startNats();
    try {
      const { ready } = start({ NATS_URL: own.url });
      const { healthUrl } = await ready;
      await own.kill();
      await waitFor(async () => (await json(`${healthUrl}/health/ready`)).status === 503);
      expect((await json(`${healthUrl}/health/ready`)).body).toMatchObject({
        status: 'error',
        error: { nats: { status: 'down', message: 'disconnected' } },
      });
      expect((await json(`${healthUrl}/health/live`)).status).toBe(200);
      await own.restart();
      await waitFor(async () => (await json(`${healthUrl}/health/ready`)).status === 200);
      const client = await connect({ servers: own.url });
      expect((await client.request('group.v1.query.sample', '{}', PATIENT)).json()).toEqual({ slow: false });
      await client.close();
    } finally {
      await own.stop();
    }
  });

  it('whose NATS server is away at the start waits for it: it is live, not ready, and says why', async () => {
    const port = await freePort();
    const own = await freePort();
    const { child, exit, output, ready } = start({ NATS_URL: `nats://127.0.0.1:${port}`, SAMPLE_PORT: String(own) });
    const url = `http://127.0.0.1:${own}`;
    await waitFor(async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 503);
    await waitFor(async () => JSON.stringify((await json(`${url}/health/ready`)).body).includes('waiting'));
    expect(await json(`${url}/health/ready`)).toEqual({
      status: 503,
      body: expect.objectContaining({
        status: 'error',
        error: {
          process: { status: 'down', message: 'starting' },
          nats: {
            status: 'down',
            message: `waiting: NATS can't be reached at 127.0.0.1:${port} (connection refused).`,
          },
        },
      }) as unknown,
    });
    expect((await json(`${url}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('cohort_info{');
    const other = await fetch(`${url}/slow`);
    expect([other.status, other.headers.get('retry-after')]).toEqual([503, '1']);

    const broker = await startNats({ port, jetStream: false });
    try {
      expect((await ready).url).toBe(url);
      expect((await json(`${url}/health/ready`)).status).toBe(200);
      expect(output().match(/waiting until it can be reached/g)).toHaveLength(1);
      expect(output()).not.toMatch(/unexpected error/);
    } finally {
      child.kill('SIGTERM');
      expect(await exit).toEqual({ code: 0, signal: null });
      await broker.stop();
    }
  });

  it('that waits for its NATS server stops with code 0 when it is asked to', async () => {
    const own = await freePort();
    const { child, exit } = start({ NATS_URL: 'nats://127.0.0.1:1', SAMPLE_PORT: String(own) });
    await waitFor(
      async () => (await fetch(`http://127.0.0.1:${own}/health/live`).catch(() => undefined))?.status === 200,
    );
    child.kill('SIGTERM');
    expect(await exit).toEqual({ code: 0, signal: null });
  });

  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
    'answers its requests in flight and stops with code 0 on %s',
    async (how) => {
      const { ready, child, exit, output } = start();
      const { url } = await ready;
      const client = await connect({ servers: nats.url });
      try {
        // Both requests are in flight when the stop begins.
        let begun = 0;
        child.on('message', (message) => (begun += Number((message as { begun?: boolean }).begun === true)));
        const request = client.request('group.v1.query.sample', '{"slow":true}', PATIENT);
        const response = fetch(`${url}/slow`);
        await waitFor(() => begun === 2);
        if (how === 'disconnect') child.disconnect();
        else child.kill(how);
        // The process gets both signals: Ctrl-C of the terminal, and that of the launcher.
        if (how === 'SIGINT') child.kill('SIGTERM');
        expect((await request).json()).toEqual({ slow: true });
        expect(await (await response).json()).toEqual({ slow: true });
        expect(await exit).toEqual({ code: 0, signal: null });
        expect(output()).toContain('closed before the bus');
        await expect(client.request('group.v1.query.sample', '{}', PATIENT)).rejects.toMatchObject({ code: '503' });
      } finally {
        await client.close();
      }
    },
  );

  it('logs errors without the password of its address, whatever was thrown', async () => {
    const address = nats.url.replace('//', '//me:hid/den?@');
    const { ready, output } = start({ NATS_URL: address });
    const { healthUrl } = await ready;
    const client = await connect({ servers: nats.url });
    for (const fault of ['address', 'textless']) {
      const answer = (await client.request('group.v1.query.sample', JSON.stringify({ fault }), PATIENT)).json();
      expect(answer).toMatchObject({ error: { code: 'INTERNAL' } });
    }
    await client.close();
    await waitFor(() => output().split('a request failed with an unexpected error').length === 3);
    expect(output()).toContain(`no server at ${nats.url}`);
    expect(output()).toContain('"err":{"message":"[Object: null prototype] {}"}');
    expect(output()).not.toContain('hid/den');
    expect((await json(`${healthUrl}/health/ready`)).status).toBe(200);
  });

  it('logs an unexpected error under the reference that it returns to the caller, and continues', async () => {
    const { ready, output } = start();
    const { healthUrl } = await ready;
    const client = await connect({ servers: nats.url });
    const answer = (await client.request('group.v1.query.sample', '{"fault":"thrown"}', PATIENT)).string();
    await client.close();
    const { ref } = (JSON.parse(answer) as { error: { details: { ref: string } } }).error.details;
    expect(answer).not.toContain('an internal text');
    const lines = () => output().split('\n').slice(0, -1);
    const logged = () => lines().find((text) => text.includes(ref));
    await waitFor(() => logged() !== undefined);
    expect(JSON.parse(logged()!)).toMatchObject({
      level: 50,
      name: 'cohort-sample',
      msg: 'a request failed with an unexpected error',
      err: { message: 'an internal text', stack: expect.stringContaining('sample-process.ts') as unknown },
    });
    expect((await json(`${healthUrl}/health/ready`)).status).toBe(200);
  });

  it('holds log lines that repeat, and reports their number at the latest when it ends', async () => {
    const { ready, output, child, exit } = start();
    await ready;
    const client = await connect({ servers: nats.url });
    const asked = Array.from({ length: 500 }, () =>
      client.request('group.v1.query.sample', '{"fault":"thrown"}', PATIENT),
    );
    await Promise.all(asked);
    await client.close();
    child.kill('SIGTERM');
    expect(await exit).toEqual({ code: 0, signal: null });
    const lines = output()
      .split('\n')
      .filter((line) => line.includes('a request failed'));
    expect(lines).toHaveLength(31);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      level: 50,
      held: 470,
      msg: 'a request failed with an unexpected error (held in the last minute: 470)',
    });
    // Other lines are written meanwhile.
    expect(output()).toContain('closed before the bus');
  });

  (existsSync('/dev/full') ? it : it.skip).each(['json', 'pretty'] as const)(
    'works although its log (%s) is on a full disk',
    async (format) => {
      const full = openSync('/dev/full', 'w');
      const { ready, child, exit } = start({ LOG_FORMAT: format }, full);
      closeSync(full);
      const { healthUrl } = await ready;
      const client = await connect({ servers: nats.url });
      for (let n = 0; n < 5; n++) await client.request('group.v1.query.sample', '{"fault":"thrown"}', PATIENT);
      expect((await client.request('group.v1.query.sample', '{}', PATIENT)).json()).toEqual({ slow: false });
      await client.close();
      expect((await json(`${healthUrl}/health/ready`)).status).toBe(200);
      child.kill('SIGTERM');
      expect(await exit).toEqual({ code: 0, signal: null });
    },
  );

  it('ends with code 1 and a log line on an unhandled rejection', async () => {
    const { ready, exit, output } = start();
    await ready;
    const client = await connect({ servers: nats.url });
    client.publish('group.v1.query.sample', '{"fault":"rejection"}');
    expect(await exit).toEqual({ code: 1, signal: null });
    expect(output()).toContain('unexpected error: unhandledRejection');
    await client.close();
  });
});

describe("a process that can't start ends with code 1 and a message without a stack", () => {
  const failure = async (env: NodeJS.ProcessEnv) => {
    const { exit, output } = start(env);
    expect(await exit).toEqual({ code: 1, signal: null });
    expect(output()).not.toMatch(/^\s+at /m);
    return output();
  };

  it('for bad settings, with a message for each of them', async () => {
    expect(await failure({ LOG_LEVEL: 'loud', SAMPLE_PORT: 'x' })).toBe(
      "cohort-sample can't start.\n" +
        'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; it is "loud".\n' +
        'SAMPLE_PORT must be a port from 0 to 65535 (0: a free one); it is "x".\n',
    );
  });

  it('for the demo tenant in production', async () => {
    expect(await failure({ NODE_ENV: 'production' })).toContain('APPS_FILE must name the file');
  });

  it('for a NATS server that refuses the password', async () => {
    const own = await startNats({ args: ['--user', 'u', '--pass', 'p'], jetStream: false });
    try {
      const url = own.url.replace('nats://', 'nats://u:another@');
      expect(await failure({ NATS_URL: url, LOG_LEVEL: 'fatal' })).toBe(
        "cohort-sample can't start.\n" +
          `NATS_URL: NATS can't be reached at 127.0.0.1:${own.port} (user, password or token is missing or wrong).\n`,
      );
    } finally {
      await own.stop();
    }
  });

  it('for a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      expect(await failure({ SAMPLE_PORT: String(port), LOG_LEVEL: 'warn' })).toBe(
        `cohort-sample can't start.\nSAMPLE_PORT: 127.0.0.1:${port} is in use by another process. Choose another, or 0 for a free port.\n`,
      );
    } finally {
      taken.close();
    }
  });
});

it('a process with LOG_FORMAT=pretty logs lines for people', async () => {
  const { ready, output, child, exit } = start({ LOG_FORMAT: 'pretty' });
  await ready;
  child.kill('SIGTERM');
  expect(await exit).toEqual({ code: 0, signal: null });
  expect(output()).toMatch(/INFO.*ready/);
  expect(output()).toMatch(/INFO.*stopped/);
});

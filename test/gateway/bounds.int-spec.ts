import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metric } from '../support/metrics';
import { signed } from '../support/rongcloud';
import { FIRST_START_MS, sharedService } from '../support/service';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { head, RawConnection } from './raw';
import { expectError, RongCloudCaller } from './rongcloud-caller';

const MIB = 1024 * 1024;
const BODIES = 32 * MIB;
const CONNECTIONS = 150;
/** The largest body of a sync. */
const SYNC = 7_628 * 1024;
const OVERLOADED = '{"code":1008,"errorMessage":"Too many bodies are in flight; nothing was done, try again later."}';

/** A gateway of its own before the shared service. Its tenants are unknown behind it. */
describe("the gateway's bounds", () => {
  let gateway: Part;
  let directory: string;
  let greedy: RongCloudCaller;
  let other: RongCloudCaller;
  const open: RawConnection[] = [];

  beforeAll(async () => {
    const { natsUrl } = await sharedService();
    const tenants = ['greedy', 'other'].map((id) => ({
      id,
      rongcloud: { appKey: `${id}-key`, appSecret: 'a secret' },
    }));
    directory = await mkdtemp(join(tmpdir(), 'cohort-bounds-'));
    const file = join(directory, 'apps.json');
    await writeFile(file, JSON.stringify({ apps: tenants }));
    gateway = await startPart('gateway', {
      NATS_URL: natsUrl,
      APPS_FILE: file,
      GATEWAY_PORT: '0',
      GATEWAY_HEALTH_PORT: '0',
      GATEWAY_BODIES_MAX_BYTES: String(BODIES),
      GATEWAY_MAX_CONNECTIONS: String(CONNECTIONS),
    });
    [greedy, other] = tenants.map(({ rongcloud }) => new RongCloudCaller(gateway.url, rongcloud)) as [
      RongCloudCaller,
      RongCloudCaller,
    ];
  }, FIRST_START_MS);
  afterEach(() => {
    open.splice(0).forEach((connection) => connection.destroy());
    expect(gateway.endedByItself()).toBe(false);
  });
  afterAll(async () => {
    await gateway?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const connection = () => {
    const made = new RawConnection(gateway.url);
    open.push(made);
    return made;
  };
  const expectServes = async (caller: RongCloudCaller) =>
    expectError(await caller.post('/group/user/query.json', {}), 400, 1002, 'groupId is required');
  const form = (caller: RongCloudCaller, length: number) => ({
    ...signed(caller.credentials),
    'Content-Length': length,
  });

  test('uploads that are held before their end take no more memory than the setting, and other tenants are served', async () => {
    const almost = 'x'.repeat(SYNC - 1_024);
    const uploads = Array.from({ length: 100 }, () =>
      connection().send(head('/group/sync.json', form(greedy, SYNC)) + almost),
    );
    const held = () => metric(gateway, 'cohort_gateway_body_bytes');
    await waitFor(async () => (await metric(gateway, 'cohort_gateway_bodies_overloaded_total')) >= 95);
    expect(await held()).toBeGreaterThan(SYNC - 1_024);
    expect(await held()).toBeLessThanOrEqual(BODIES / 2);
    expect(await metric(gateway, 'process_resident_memory_bytes')).toBeLessThan(450 * MIB);
    await expectServes(other);
    uploads.forEach((upload) => upload.send('x'.repeat(1_024)));
    await waitFor(() => uploads.every(({ received }) => received.endsWith('}')));
    expect(uploads.filter(({ received }) => received.endsWith(OVERLOADED)).length).toBeGreaterThanOrEqual(95);
    expect(await held()).toBe(0);
    await expectServes(greedy);
  });

  test('a form of far too many fields is refused by its size or their number', async () => {
    const fields = (count: number) => 'userId=u&'.repeat(count) + 'groupId=g';
    const [huge, many] = [fields(890_000), fields(90_000)];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => greedy.post('/group/join.json', i % 2 === 0 ? huge : many)),
    );
    answers.forEach((answer, i) =>
      i % 2 === 0
        ? expectError(answer, 400, 1508, `the body is larger than ${822 * 1024} bytes`)
        : expectError(answer, 400, 1502, 'userId is given 90000 times, at most 1000 are allowed'),
    );
  });

  test('more connections than the setting are closed', async () => {
    const connections = Array.from({ length: CONNECTIONS + 50 }, connection);
    await waitFor(() => connections.filter(({ closed }) => closed).length >= 50);
    expect(connections.filter(({ closed }) => closed)).toHaveLength(50);
    connections.forEach((one) => one.destroy());
    await waitFor(() =>
      expectServes(other).then(
        () => true,
        () => false,
      ),
    );
  });

  test('a caller with Expect: 100-continue sends the body only if its credentials are right', async () => {
    const body = 'x=y';
    const expecting = { ...form(other, body.length), Expect: '100-continue' };
    const wrong = connection().send(head('/group/user/query.json', { ...expecting, Signature: 'wrong' }));
    await waitFor(() => wrong.closed);
    expect(wrong.received).toMatch(/^HTTP\/1.1 401 .*Signature is wrong/s);
    const right = connection().send(head('/group/user/query.json', expecting));
    await waitFor(() => right.received.startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
    right.send(body);
    await waitFor(() => right.received.endsWith('groupId is required"}'));
  });

  test('requests that are sent before the first is answered are answered in their order', async () => {
    const bodies = Array.from({ length: 500 }, (_, i) => `groupId=${'x'.repeat(65 + (i % 3))}&limit=${i}`);
    const sent = connection().send(
      bodies.map((body) => head('/group/user/query.json', form(other, body.length)) + body).join('') +
        head('/nowhere.json', { Connection: 'close' }),
    );
    await waitFor(() => sent.closed);
    expect(sent.received.match(/"code":\d+/g)).toEqual([...bodies.map(() => '"code":1005'), '"code":404']);
  });

  const credentials = () => signed(other.credentials);
  test.each<[string, () => string, RegExp]>([
    ['no HTTP', () => 'nonsense\r\n\r\n', /^HTTP\/1.1 400 /],
    ['headers of 20 KiB', () => head('/group/user/query.json', { X: 'x'.repeat(20_480) }), /^HTTP\/1.1 431 /],
    ['a path of 20 KiB', () => head(`/${'x'.repeat(20_480)}.json`, {}), /^HTTP\/1.1 431 /],
    [
      'two lengths',
      () => head('/group/user/query.json', { ...credentials(), 'Content-Length': 3, 'Transfer-Encoding': 'chunked' }),
      /^HTTP\/1.1 400 /,
    ],
    [
      'a broken chunk',
      () => `${head('/group/user/query.json', { ...credentials(), 'Transfer-Encoding': 'chunked' })}zz\r\n`,
      /^HTTP\/1.1 400 /,
    ],
  ])('%s is refused and its connection closed', async (_what, text, answer) => {
    const sent = connection().send(text());
    await waitFor(() => sent.closed);
    expect(sent.received).toMatch(answer);
    await expectServes(other);
  });

  test.each(['/docs/%zz', '/%zz', '/health/%', '/docs/%ff', '///', '/docs-json/../%00', '/health/live/x'])(
    '%s, which no dialect claims, has a short answer, even if it is long',
    async (path) => {
      for (const long of ['', 'x'.repeat(8_000)]) {
        const sent = connection().send(
          `GET ${path}${long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`,
        );
        await waitFor(() => sent.closed);
        expect(sent.received).toMatch(/^HTTP\/1.1 4\d\d /);
        expect(sent.received.length).toBeLessThan(4_096 + 512);
      }
    },
  );

  test('a body for a route without one is not read to its end', async () => {
    const sent = connection().send(
      `GET /docs-json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`,
    );
    await waitFor(() => sent.closed);
    expect(sent.received).toMatch(/^HTTP\/1.1 200 /);
  });

  test('health and metrics have an address of their own by a setting, and are not at the public one', async () => {
    expect(gateway.healthUrl).not.toBe(gateway.url);
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect((await fetch(gateway.healthUrl + path)).status).toBe(200);
      const hidden = await fetch(gateway.url + path);
      expect([hidden.status, await hidden.json()]).toEqual([
        404,
        { title: 'Not Found', status: 404, detail: `There is nothing at GET ${path}.` },
      ]);
    }
    expect((await fetch(`${gateway.url}/docs-json`)).status).toBe(200);
  });

  test('a caller that holds a request open does not keep the gateway from an orderly stop', async () => {
    const held = connection().send(`${head('/group/sync.json', form(other, SYNC))}userId`);
    await waitFor(async () => (await metric(gateway, 'cohort_gateway_body_bytes')) > 0);
    expect(await gateway.stop()).toBe(0);
    expect(held.closed).toBe(true);
  });
});

import { CohortError, TENANT_DEFAULTS } from '@cohort/contracts';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { BodyBytes } from './body-bytes';
import { configure } from './configure';
import { GroupService } from './group-service';
import { listener, serving, type Served } from './serve';
import { SAMPLE, sample } from './testing/sample';

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** The frame on a real HTTP server; the service behind it answers what a test wants. */
describe('the frame', () => {
  let server: Server;
  let behind: (name: string, data: unknown) => unknown;
  const asked: unknown[] = [];
  const observed: string[] = [];
  const logged: unknown[] = [];
  const bodies = new BodyBytes();

  beforeAll(async () => {
    const answer = async (name: string, data: unknown) => {
      asked.push([name, data]);
      return Promise.resolve(behind(name, data));
    };
    const client = { command: answer, query: answer } as unknown as ConstructorParameters<typeof GroupService>[0];
    const service = new GroupService(client, { waitFor: () => Promise.resolve(true) }, () => undefined);
    const observe = (name: string, outcome: string) => void observed.push(`${name} ${outcome}`);
    const log = { error: (line: unknown) => void logged.push(line) };
    const app = { ...TENANT_DEFAULTS, id: 'demo', groupCapacity: 10 };
    const served = configure([sample], [app], undefined)({ service, observe, log, bodies, origins: '*' });
    server = createServer(listener(served, (_, response) => response.writeHead(404).end('Nest'), log));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    behind = () => ({ groupId: 'g', name: 'Sales', owner: 'u', position: '1' });
    for (const list of [asked, observed, logged]) list.length = 0;
  });

  const send = (method: string, path: string, body = '', token = SAMPLE.token): Promise<Answer> =>
    new Promise((done, fail) => {
      const { port } = server.address() as AddressInfo;
      const headers = { Authorization: `Bearer ${token}`, 'Content-Length': Buffer.byteLength(body) };
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => done({ status: response.statusCode, text, headers: response.headers }));
      });
      outgoing.on('error', fail).end(body);
    });

  const found = { status: 200, text: '{"data":{"name":"Sales","owner":"u"}}' };
  const nothing = (method: string, path: string) => ({
    status: 404,
    text: JSON.stringify({ error: 'not_found', error_description: `${method} ${path}` }),
  });

  test('a row answers in JSON with the length of its body, and is observed under its route', async () => {
    const { status, text, headers } = await send('GET', '/sample/Demo/groups/g1?a=b');
    expect({ status, text }).toEqual(found);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(text.length),
    });
    expect(asked).toEqual([['group', { app: 'demo', groupId: 'g1' }]]);
    expect(observed).toEqual(['GET /sample/{org}/groups/{group_id} 200']);
  });

  test('one row may have several methods, and a JSON body', async () => {
    for (const method of ['POST', 'PUT']) {
      expect(await send(method, '/sample/Demo/groups', '{"name":"Sales","owner":"u"}')).toMatchObject({
        status: 200,
        text: '{"data":{"id":"g"}}',
      });
    }
    expect(asked).toEqual(
      Array(2).fill(['create', { app: 'demo', actor: { type: 'service' }, name: 'Sales', owner: 'u' }]),
    );
  });

  test.each(['', '[]', '7', 'null', '{"name":'])('the body %j is no JSON object', async (body) => {
    expect(await send('POST', '/sample/Demo/groups', body)).toMatchObject({
      status: 400,
      text: '{"error":"validation_failed","error_description":"the body must be one JSON object"}',
    });
    expect(asked).toEqual([]);
  });

  test('a body over the limit of its row is refused, and a body of a row without one is not read', async () => {
    expect(await send('POST', '/sample/Demo/groups', 'x'.repeat(1_001))).toMatchObject({
      status: 413,
      text: '{"error":"too_large","error_description":"the body is larger than 1000 bytes"}',
    });
    expect(await send('DELETE', '/sample/Demo/groups/g/users/u', 'x'.repeat(1_001))).toMatchObject({ status: 200 });
  });

  test('a large answer is counted with the bodies until it is sent, and one without room is OVERLOADED', async () => {
    // More than the system's buffers take.
    const name = 'x'.repeat(20_000_000);
    behind = () => ({ groupId: 'g', name, owner: 'u', position: '1' });
    const unread = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    unread.write(`GET /sample/Demo/groups/g1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SAMPLE.token}\r\n\r\n`);
    while (bodies.held < name.length) await new Promise(setImmediate);
    expect(await send('GET', '/sample/Demo/groups/g1')).toMatchObject({ status: 429 });
    unread.destroy();
    while (bodies.held > 0) await new Promise(setImmediate);
    expect(await send('GET', '/sample/Demo/groups/g1')).toMatchObject({ status: 200 });
    while (bodies.held > 0) await new Promise(setImmediate);
  });

  describe('paths', () => {
    test.each([
      ['another case of the fixed parts', '/SAMPLE/Demo/Groups/g1', 'g1'],
      ['a slash at the end', '/sample/Demo/groups/g1/', 'g1'],
      ['the absolute form of a proxy', 'http://cohort.example/sample/Demo/groups/g1', 'g1'],
      ['percent-encoded characters', '/sample/Demo/groups/%E9%94%80%2F%25', '销/%'],
      ['a percent-encoded fixed part', '/sample/Demo/%67roups/g1', 'g1'],
      ['semicolons, colons and stars', '/sample/Demo/groups/a;b:c*d', 'a;b:c*d'],
      ['a percent sign and digits that are no encoding', '/sample/Demo/groups/%2541', '%41'],
      ['the case of a parameter', '/sample/Demo/groups/GroupOne', 'GroupOne'],
      ['64 characters of four bytes', `/sample/Demo/groups/${encodeURIComponent('👩'.repeat(64))}`, '👩'.repeat(64)],
    ])('%s: the row is found', async (_what, path, groupId) => {
      expect(await send('GET', path)).toMatchObject(found);
      expect(asked).toEqual([['group', { app: 'demo', groupId }]]);
    });

    test.each([
      ['a broken percent-encoding', '/sample/Demo/groups/%zz'],
      ['bytes that are no UTF-8', '/sample/Demo/groups/%ff'],
      ['an empty parameter', '/sample/Demo/groups//users/u'],
      ['a double slash', '/sample//Demo/groups/g1'],
      ['two slashes at the end', '/sample/Demo/groups/g1//'],
      ['an unknown path', '/sample/Demo/nothing'],
    ])("%s: the dialect's own 404", async (_what, path) => {
      expect(await send('GET', path)).toMatchObject(nothing('GET', path));
      expect(observed).toEqual(['GET /sample/*path 404']);
    });

    test("a parameter of 4,097 characters: the dialect's own 404, with the start of the path", async () => {
      const { status, text } = await send('GET', `/sample/Demo/groups/${'x'.repeat(4_097)}`);
      expect(status).toBe(404);
      expect(text).toMatch(/^\{"error":"not_found","error_description":"GET \/sample\/Demo\/groups\/x{400,600}…"\}$/);
    });

    test('an id of 65 characters reaches its field, which refuses it', async () => {
      expect(await send('GET', `/sample/Demo/groups/${'x'.repeat(65)}`)).toMatchObject({
        status: 400,
        text: '{"error":"invalid_parameter","error_description":"group_id must be an id"}',
      });
    });

    test.each(['/other', '/', '//sample/Demo/groups/g1', '/sample'])('%s is not claimed', async (path) => {
      expect(await send('GET', path)).toMatchObject({ status: 404, text: 'Nest' });
    });

    test('OPTIONS * is not claimed', async () => {
      expect(await send('OPTIONS', '*')).toMatchObject({ text: 'Nest' });
    });
  });

  describe('methods', () => {
    test('HEAD is answered as GET, without the body', async () => {
      const { status, text, headers } = await send('HEAD', '/sample/Demo/groups/g1');
      expect([status, text, headers['content-length']]).toEqual([200, '', String(found.text.length)]);
      expect((await send('HEAD', '/sample/Demo/groups')).status).toBe(404);
    });

    test.each(['OPTIONS', 'POST', 'PATCH'])("%s on a path of GET is the dialect's own 404", async (method) => {
      const path = '/sample/Demo/groups/g1';
      expect(await send(method, path)).toMatchObject(nothing(method, path));
    });
  });

  describe('errors', () => {
    const path = '/sample/Demo/groups/g1';

    test('credentials are checked before the body is read, and after the path', async () => {
      const body = 'x'.repeat(2_000_000);
      expect(await send('POST', '/sample/Demo/groups', body, 'wrong')).toMatchObject({ status: 401 });
      expect(await send('POST', '/sample/Demo/nothing', body, 'wrong')).toMatchObject({ status: 404 });
    });

    test('a connection that closes within a body leaves the others alone, and is no unexpected error', async () => {
      const { port } = server.address() as AddressInfo;
      const headers = { Authorization: `Bearer ${SAMPLE.token}`, 'Content-Length': 10 };
      const outgoing = request({ host: '127.0.0.1', port, method: 'POST', path: '/sample/Demo/groups', headers });
      outgoing.on('error', () => undefined);
      const closed = new Promise((done) => server.once('request', (incoming) => incoming.once('close', done)));
      server.once('request', () => outgoing.destroy());
      outgoing.write('{"na');
      await closed;
      expect(await send('GET', path)).toMatchObject(found);
      expect(logged).toEqual([]);
    });

    test("an error of Cohort is answered in the vendor's terms", async () => {
      behind = () => {
        throw new CohortError('GROUP_DISMISSED', 'It is over.');
      };
      expect(await send('GET', path)).toMatchObject({
        status: 404,
        text: '{"error":"group_dismissed","error_description":"It is over."}',
      });
      expect(logged).toEqual([]);
    });

    test('an unexpected error is logged with the name of its operation', async () => {
      behind = () => {
        throw new TypeError('secret');
      };
      const { status, text } = await send('GET', path);
      expect(status).toBe(500);
      expect(text).toMatch(
        /^\{"error":"internal","error_description":"Internal error; the log has the details under reference [-0-9a-f]+\."\}$/,
      );
      expect(logged).toEqual([
        { err: new TypeError('secret'), ref: expect.any(String) as unknown, operation: 'sample group' },
      ]);
    });

    test('an answer that is no JSON is an internal error, logged with the name of its operation', async () => {
      const circle: { self?: object } = {};
      circle.self = circle;
      behind = () => ({ name: circle, owner: 'u' });
      const { status, text } = await send('GET', path);
      expect([status, text]).toEqual([500, expect.stringContaining('"error":"internal"')]);
      expect(logged).toMatchObject([{ err: expect.any(TypeError) as unknown, operation: 'sample group' }]);
      expect(observed).toEqual(['GET /sample/{org}/groups/{group_id} 500']);
    });
  });
});

test('an error without a body is an empty answer with its length', async () => {
  class Gone extends Error {}
  const served: Served = serving(
    {
      key: 'silent',
      claimed: '/*path',
      claims: () => true,
      operations: [],
      errors: { type: Gone, notFound: () => new Gone(), reply: () => ({ status: 500, body: undefined }), schema: {} },
    } as unknown as Parameters<typeof serving>[0],
    new Map(),
    {
      service: {} as GroupService,
      observe: () => undefined,
      log: { error: () => undefined },
      bodies: new BodyBytes(),
      origins: '*',
    },
  );
  const server = createServer(listener([served], () => undefined, { error: () => undefined }));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, { method: 'POST' });
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([500, '0', '']);
  server.closeAllConnections();
  server.close();
});

test('a dialect whose own errors throw answers a plain 500', async () => {
  const throws = (): never => {
    throw new Error('a fault in the error mapping');
  };
  const logged: unknown[] = [];
  const log = { error: (line: unknown) => void logged.push(line) };
  const served: Served = serving(
    {
      key: 'broken',
      claimed: '/*path',
      claims: () => true,
      operations: [],
      errors: { type: RangeError, from: throws, notFound: throws, reply: throws, schema: {} },
    } as unknown as Parameters<typeof serving>[0],
    new Map(),
    { service: {} as GroupService, observe: () => undefined, log, bodies: new BodyBytes(), origins: '*' },
  );
  const server = createServer(listener([served], throws, log));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
  expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
  expect(logged.at(-1)).toEqual({
    err: new Error('a fault in the error mapping'),
    operation: 'broken /*path',
  });
  server.closeAllConnections();
  server.close();
});

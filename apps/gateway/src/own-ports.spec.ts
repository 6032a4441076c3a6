import { TENANT_DEFAULTS } from '@cohort/contracts';
import { StartError } from '@cohort/process';
import { configure } from './dialect/configure';
import { GroupService } from './dialect/group-service';
import { SAMPLE, sample } from './dialect/testing/sample';
import { Front } from './front';
import { OwnPorts } from './own-ports';

const app = { ...TENANT_DEFAULTS, id: 'demo', groupCapacity: 10 };
const view = { name: 'Sales', owner: 'u' };

describe('a dialect with a port of its own', () => {
  const front = new Front(
    [sample],
    configure([sample], [app], undefined),
    new GroupService(
      { command: () => Promise.reject(new Error()), query: () => Promise.resolve(view as never) },
      { waitFor: () => Promise.resolve(true) },
      () => undefined,
    ),
    () => undefined,
  );
  const address = (port: number) => ({ host: '127.0.0.1', port, setting: 'SAMPLE_PORT' });
  const open = (...ports: number[]) =>
    OwnPorts.open(
      ports.map((port) => ({ key: 'sample', address: address(port) })),
      (key) => front.serverOf(key),
    );
  let ports: OwnPorts;
  let url: string;

  beforeAll(async () => {
    ports = await open(0);
    url = ports.urlOf('sample')!;
  });
  afterAll(() => ports.close());

  const get = (path: string) => fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${SAMPLE.token}` } });

  test('serves its operations there', async () => {
    const response = await get('/sample/Demo/groups/g1');
    expect([response.status, await response.json()]).toEqual([200, { data: view }]);
    expect(ports.urlOf('other')).toBeUndefined();
  });

  test.each(['/nothing', '/health/live', '/docs'])(
    'answers %s with its own error: nothing else is served',
    async (path) => {
      const response = await get(path);
      expect([response.status, await response.json()]).toEqual([
        404,
        { error: 'not_found', error_description: `GET ${path}` },
      ]);
    },
  );

  test('a port that is taken is refused by the name of its setting, and no other port stays open', async () => {
    const taken = Number(new URL(url).port);
    const refused = await open(0, taken).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartError);
    expect((refused as StartError).message).toBe(
      `SAMPLE_PORT: 127.0.0.1:${taken} is in use by another process. Choose another, or 0 for a free port.`,
    );
  });

  test('only a dialect that is served has a server', () => {
    expect(() => front.serverOf('other')).toThrow('The dialect other is not served.');
  });

  test('stops with the gateway', async () => {
    const other = await open(0);
    const there = other.urlOf('sample')!;
    await other.close();
    await expect(fetch(there)).rejects.toThrow();
  });
});

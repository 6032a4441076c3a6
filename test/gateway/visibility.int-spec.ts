import { Bus } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { QUERY_APPLIED_SUBJECT, type QueryNodeApplied } from '@cohort/contracts';
import { QueryNodes } from '../../apps/gateway/src/dialect/visibility';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';

requires('own nats-server');

/** The gateway's wait for query nodes, with announcements of two nodes over a real broker. */
describe('announcements of query nodes over NATS', () => {
  let nats: TestNats;
  let gateway: Bus;
  let node: Bus;
  let queryNodes: QueryNodes;
  let unsubscribe: () => void;

  beforeAll(async () => {
    nats = await startNats();
    gateway = await Bus.connect({ servers: nats.url, name: 'gateway' });
    node = await Bus.connect({ servers: nats.url, name: 'query nodes' });
  });
  afterAll(async () => {
    await gateway?.close();
    await node?.close();
    await nats?.stop();
  });

  beforeEach(async () => {
    queryNodes = new QueryNodes(0);
    unsubscribe = CohortClient.over(gateway.connection).onQueryNodeApplied((announced) =>
      queryNodes.applied(announced),
    );
    await gateway.connection.flush();
  });
  afterEach(() => {
    unsubscribe();
    queryNodes.close();
  });

  /** Publishes announcements. All are delivered when the promise resolves: both sides flush, and NATS keeps the order. */
  const announce = async (...announcements: (Partial<QueryNodeApplied> | string)[]) => {
    for (const announcement of announcements) {
      node.connection.publish(
        QUERY_APPLIED_SUBJECT,
        typeof announcement === 'string'
          ? announcement
          : JSON.stringify({ store: 's', position: '0', leaseMs: 30_000, ...announcement }),
      );
    }
    await node.connection.flush();
    await gateway.connection.flush();
    await new Promise(setImmediate);
  };

  test('a write is visible when both nodes have applied it', async () => {
    await announce({ node: 'a', position: '9' }, { node: 'b', position: '9' });
    expect([...queryNodes.live]).toEqual([
      ['a', '9'],
      ['b', '9'],
    ]);
    const outcome: string[] = [];
    const wait = queryNodes.waitFor('10', 20_000).then((visible) => outcome.push(`visible: ${visible}`));
    await announce({ node: 'a', position: '10' });
    expect(outcome).toEqual([]);
    await announce({ node: 'b', position: '11' });
    await wait;
    expect(outcome).toEqual(['visible: true']);
  });

  test('a node that announces its end delays no write', async () => {
    await announce({ node: 'a', position: '5' }, { node: 'b', position: '1' });
    const wait = queryNodes.waitFor('5', 20_000);
    await announce({ node: 'b', position: '1', leaseMs: 0 });
    expect(await wait).toBe(true);
  });

  test('a silent node delays a write until its lease ends', async () => {
    await announce({ node: 'a', position: '5' }, { node: 'b', position: '1', leaseMs: 300 });
    const began = performance.now();
    expect(await queryNodes.waitFor('5', 20_000)).toBe(true);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect([...queryNodes.live.keys()]).toEqual(['a']);
  });

  test('a malformed announcement is ignored', async () => {
    await announce(
      '',
      'null',
      '{',
      '[]',
      '{"node":"x"}',
      { node: 'y', position: 'soon' },
      { node: 'a', position: '1' },
    );
    expect([...queryNodes.live]).toEqual([['a', '1']]);
  });
});

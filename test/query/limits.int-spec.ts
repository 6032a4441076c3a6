import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { created, joined } from '@cohort/contracts/testing';
import { metric } from '../support/metrics';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

/** Most queries of one tenant that a node has in work. */
const PER_APP = 5_000;

let around: Surroundings;
let node: Part;
let position: string;

beforeAll(async () => {
  around = await Surroundings.start();
  ({ position } = await around.writer.group('sales', created('ann')));
  const apps = join(around.directory, 'apps.json');
  await writeFile(apps, JSON.stringify({ apps: [{ id: 'demo' }, { id: 'other' }] }));
  node = await around.node('one', { APPS_FILE: apps, QUERY_AFTER_TIMEOUT_MS: '60000' });
});
afterAll(() => around?.stop());

const overloaded = (limit: 'app' | 'node') => metric(node, `cohort_overloaded_total{limit="${limit}"}`);
const ask = (app: string, after?: string) => around.ask('isMember', { app, groupId: 'sales', userId: 'ann', after });

test('a tenant whose queries wait takes its own share of a query node, and nothing from other tenants', async () => {
  const next = String(BigInt(position) + 1n);
  const body = JSON.stringify({ app: 'demo', groupId: 'sales', after: next });
  // Checked last, so that an earlier failure is reported first.
  const answers = Promise.allSettled(
    Array.from({ length: PER_APP + 2 }, async () => {
      const reply = await around.client.request('group.v1.query.group', body, { timeout: 60_000 });
      return reply.json<{ error?: { code: string }; revision?: string }>();
    }),
  );
  await waitFor(async () => (await overloaded('app')) === 2);
  expect(await metric(node, 'cohort_query_waiting')).toBe(PER_APP);

  expect(await around.ask('members', { app: 'other', groupId: 'sales' })).toMatchObject({
    error: { code: 'GROUP_NOT_FOUND' },
  });
  expect(await ask('other', position)).toEqual({ isMember: false });
  expect(await around.ask('members', { app: 'demo', groupId: 'sales' })).toEqual({
    error: {
      code: 'OVERLOADED',
      message: `Too many queries are in flight for the app (${PER_APP}); try again later.`,
      details: { limit: PER_APP },
    },
  });
  // A hot query without a position is answered immediately, and takes no share.
  expect(await ask('demo')).toEqual({ isMember: true, role: 'owner' });

  await around.writer.group('sales', joined('add', 2, 'bob'));
  const outcomes = (await answers).map(
    (one) => one.status === 'fulfilled' && (one.value.error?.code ?? one.value.revision),
  );
  expect(outcomes.filter((one) => one === '1')).toHaveLength(PER_APP);
  expect(outcomes.filter((one) => one === 'OVERLOADED')).toHaveLength(2);
  expect(await ask('demo', next)).toEqual({ isMember: true, role: 'owner' });
  expect(await overloaded('node')).toBe(0);
}, 90_000);

import { Form } from '../../dialect/form';
import { authenticate } from './auth';
import { demo } from './demo';
import { LanyingSettings } from './settings';

test("the demo's curl line makes a group with a valid token of the demo tenant", async () => {
  const line = demo.curl('http://127.0.0.1:8080');
  expect(line).toMatch(/^curl -s http:\/\/127\.0\.0\.1:8080\/group\/create -H /);
  const body = / -d '([^']+)'$/.exec(line)?.[1] ?? '';
  expect(JSON.parse(body)).toEqual({ name: 'Sales', user_list: [2, 3] });
  const headers = Object.fromEntries(
    [...line.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name!, value!]),
  );
  const settings = Object.assign(new LanyingSettings(), demo.settings);
  const tenants = new Map([['demo', { id: 'demo', settings }]]);
  const { tenant, actor } = await authenticate(
    { method: 'GET', headers, path: '/group/create', query: new Form() },
    tenants,
  );
  expect([tenant.id, actor]).toEqual(['demo', { type: 'user', id: '1' }]);
});

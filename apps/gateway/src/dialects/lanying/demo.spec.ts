import { Form } from '../../dialect/form';
import { authenticate } from './auth';
import { demo } from './demo';
import { LanyingSettings } from './settings';

test("the demo's curl line has a valid token of the demo tenant", async () => {
  const line = demo.curl('http://127.0.0.1:8080');
  expect(line).toMatch(/^curl -s http:\/\/127\.0\.0\.1:8080\/group\/user_joined -H /);
  const headers = Object.fromEntries(
    [...line.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name!, value!]),
  );
  const settings = Object.assign(new LanyingSettings(), demo.settings);
  const tenants = new Map([['demo', { id: 'demo', settings }]]);
  const { tenant, actor } = await authenticate({ headers, path: '/group/user_joined', query: new Form() }, tenants);
  expect([tenant.id, actor]).toEqual(['demo', { type: 'user', id: '1' }]);
});

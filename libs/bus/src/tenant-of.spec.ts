import { tenantOf } from './tenant-of';

const PLAIN = 'group.v1.command.create';
const members = Array(1_000).fill('u');

it.each<[string, string, unknown, string]>([
  ['the subject', 'group.v1.app.a.command.create', { app: 'b' }, 'a'],
  ['the beginning of the body', PLAIN, { app: 'b', members }, 'b'],
  ['the end of the body', PLAIN, { members, app: 'b', owner: 'u' }, 'b'],
  ["an envelope's data", PLAIN, { pattern: PLAIN, data: { app: 'b', members }, id: '7' }, 'b'],
])('the tenant is that of %s', (_, subject, body, tenant) => {
  expect(tenantOf(subject, Buffer.from(JSON.stringify(body)))).toBe(tenant);
});

it('a body that names no tenant has none', () => {
  for (const body of [
    '',
    '{',
    '{"app":7}',
    '{"app":"a b"}',
    `{"a":"${'x'.repeat(1_000)}","app":"b","z":${members.join()}}`,
  ]) {
    expect(tenantOf(PLAIN, Buffer.from(body))).toBe('');
  }
});

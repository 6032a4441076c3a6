import { Form } from '../../dialect/form';
import { applicationOf, enveloped } from './envelope';
import type { AgoraCall } from './fields';
import { AgoraSettings } from './settings';

const call = (settings: object, query = new Form()) =>
  ({
    ...{ method: 'GET', path: '/demo/demo/chatgroups', query, address: 'http://im.example:8080' },
    params: { org_name: 'demo', app_name: 'demo' },
    tenant: {
      id: 't',
      settings: Object.assign(new AgoraSettings(), { appId: 'a', org: 'demo', app: 'demo', ...settings }),
    },
  }) as unknown as AgoraCall;

test("the fields stand in the vendor's order", () => {
  const query = new Form();
  query.append('limit', '2');
  query.append('x', '1');
  query.append('x', '2');
  const body = enveloped(call({}, query), { data: [1], cursor: 'c', count: 1, properties: true }, 3.4);
  expect(Object.entries(body)).toEqual([
    ['action', 'get'],
    ['application', applicationOf('demo#demo')],
    ['uri', 'http://im.example:8080/demo/demo/chatgroups'],
    ['entities', []],
    ['data', [1]],
    ['timestamp', expect.any(Number)],
    ['duration', 3],
    ['organization', 'demo'],
    ['applicationName', 'demo'],
    ['params', { limit: ['2'], x: ['1', '2'] }],
    ['cursor', 'c'],
    ['count', 1],
    ['properties', {}],
  ]);
});

test('the uri is on the public address of the tenant, and has no query string', () => {
  expect(enveloped(call({ publicUrl: 'https://im.example.com/' }), {}, 0)).toMatchObject({
    uri: 'https://im.example.com/demo/demo/chatgroups',
  });
});

test('the id of an app is a UUID that depends on its name alone', () => {
  expect(applicationOf('demo#demo')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(applicationOf('demo#demo')).toBe(applicationOf('demo#demo'));
  expect(applicationOf('demo#other')).not.toBe(applicationOf('demo#demo'));
});

test('an app without an org is that of its app id', () => {
  expect(Object.assign(new AgoraSettings(), { appId: 'a' }).name).toBe('app-id#a');
});

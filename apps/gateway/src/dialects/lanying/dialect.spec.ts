import type { IncomingMessage } from 'node:http';
import { lanying } from './dialect';

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;

test.each([
  '/',
  '/group/create',
  '/group/nothing',
  '/app/qrcode/group_sign',
  '/app/config',
  '/v2/app_dns',
  '/roster/list',
])('%s is claimed from everybody', (path) => {
  expect(lanying.claims(path, request({}))).toBe(true);
});

test.each(['/user/profile', '/roster/apply', '/nowhere'])('%s is claimed from callers of this API alone', (path) => {
  expect(lanying.claims(path, request({}))).toBe(false);
  expect(lanying.claims(path, request({ app_id: 'demo' }))).toBe(true);
  expect(lanying.claims(path, request({ 'access-control-request-headers': 'app_id,content-type' }))).toBe(true);
  expect(lanying.claims(path, request({ 'access-token': 'x' }))).toBe(true);
  expect(lanying.claims(path, request({ 'access-control-request-headers': 'app_id,Access-Token' }))).toBe(true);
  expect(lanying.claims(path, request({ 'access-control-request-headers': 'x-access-token' }))).toBe(false);
});

test("a path of RongCloud's is never claimed", () => {
  for (const path of ['/group/create.json', '/group/ban/add.json']) {
    expect(lanying.claims(path, request({ 'access-token': 'x' }))).toBe(false);
  }
});

import type { IncomingMessage } from 'node:http';
import { lanying } from '../lanying/dialect';
import { agora } from './dialect';

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;

test.each<Record<string, string>>([
  { app_id: 'x' },
  { 'access-token': 'x' },
  { 'access-control-request-headers': 'content-type, Access-Token' },
])("a caller of Lanying's API is never served, by %o", (headers) => {
  for (const path of ['/demo/demo/chatgroups', '/demo/demo/token']) {
    expect([lanying, agora].filter(({ claims }) => claims(path, request(headers)))).toEqual([lanying]);
    expect([lanying, agora].filter(({ claims }) => claims(path, request({})))).toEqual([agora]);
  }
});

import type { Demo } from '../../dialect/spec';
import { signature } from './auth';

const settings = { appKey: 'demo', appSecret: 'demo-secret' };

/** A signed `group/create`. */
function curl(url: string): string {
  const nonce = '14314';
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'App-Key': settings.appKey,
    Nonce: nonce,
    Timestamp: timestamp,
    Signature: signature(settings.appSecret, nonce, timestamp),
  };
  return [
    `curl -s ${url}/group/create.json`,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    `-d 'groupId=g1&groupName=Sales&userId=u1&userId=u2&userId=u3'`,
  ].join(' ');
}

export const demo: Demo = { settings, keys: `App-Key ${settings.appKey}, secret ${settings.appSecret}`, curl };

import { createHmac } from 'node:crypto';
import type { Demo } from '../../dialect/spec';

const settings = { appId: 'demo', secret: 'demo-secret' };

/** A token of the demo tenant, whose secret is public: what `npx cohort token` makes for any tenant. */
function demoToken(sub: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { app: settings.appId, sub, iat: Math.floor(Date.now() / 1_000) };
  const signed = `${part({ alg: 'HS512', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha512', settings.secret).update(signed).digest('base64url')}`;
}

/** Makes a group of users 1, 2 and 3, as user 1. */
const curl = (url: string): string =>
  [
    `curl -s ${url}/group/create`,
    `-H 'app_id: ${settings.appId}'`,
    `-H 'access-token: ${demoToken('1')}'`,
    `-d '${JSON.stringify({ name: 'Sales', user_list: [2, 3] })}'`,
  ].join(' ');

export const demo: Demo = {
  settings,
  keys: `app_id ${settings.appId}, secret ${settings.secret} (HS512)`,
  curl,
};

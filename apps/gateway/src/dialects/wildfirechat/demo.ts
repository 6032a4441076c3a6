import type { Demo } from '../../dialect/spec';
import { signature } from './auth';

const settings = { secret: 'demo-secret' };

/** A signed `group/create`. */
function curl(url: string): string {
  const nonce = '76616';
  const timestamp = String(Date.now());
  const headers = { nonce, timestamp, sign: signature(settings.secret, nonce, timestamp) };
  const info = { name: 'Sales', owner: 'u1', type: 2 };
  const body = { operator: 'u1', group: { group_info: info, members: [{ member_id: 'u2' }, { member_id: 'u3' }] } };
  return [
    `curl -s ${url}/admin/group/create`,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    `-d '${JSON.stringify(body)}'`,
  ].join(' ');
}

export const demo: Demo = { settings, keys: `secret ${settings.secret}`, curl };

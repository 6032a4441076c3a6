import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RongCloudSettings } from '@cohort/contracts';
import type { Tenant } from '../../shared/apps';
import { equalSecrets } from '../../shared/secrets';
import { RongCloudError } from './errors';

/** The vendor's signature: SHA-1 of secret, nonce and timestamp, one after the other, as lower-case hex. */
export const signature = (secret: string, nonce: string, timestamp: string): string =>
  createHash('sha1').update(`${secret}${nonce}${timestamp}`).digest('hex');

/**
 * The app that a request's headers name and prove: `App-Key`, `Nonce`, `Timestamp`, `Signature`, or each with `RC-`
 * before it. Throws 1001 or 1004, both HTTP 401. Nonce and timestamp are opaque and may come again: the vendor's SDKs
 * make them once and use them for as long as they run, some in seconds, some in milliseconds.
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  apps: ReadonlyMap<string, Tenant<RongCloudSettings>>,
): Tenant<RongCloudSettings> {
  const header = (name: string, code: 1001 | 1004): string => {
    const value = headers[name.toLowerCase()] ?? headers[`rc-${name.toLowerCase()}`];
    if (typeof value !== 'string' || value === '') throw new RongCloudError(code, `${name} is required`);
    return value;
  };
  const tenant = apps.get(header('App-Key', 1001));
  const [nonce, timestamp, given] = (['Nonce', 'Timestamp', 'Signature'] as const).map((name) => header(name, 1004));
  if (!tenant) throw new RongCloudError(1001, 'App-Key is unknown');
  if (!equalSecrets(given!, signature(tenant.settings.appSecret, nonce!, timestamp!))) {
    throw new RongCloudError(1004, 'Signature is wrong');
  }
  return tenant;
}

import { createHash } from 'node:crypto';
import type { Incoming } from '../../dialect/call';
import { equalSecrets } from '../../dialect/secrets';
import type { Proof, Tenants } from '../../dialect/tenants';
import { RongCloudError } from './errors';
import type { RongCloudSettings } from './settings';

/** Each may also have `RC-` before its name. */
export const CREDENTIALS = ['App-Key', 'Nonce', 'Timestamp', 'Signature'] as const;

/** The vendor's signature: SHA-1 of secret, nonce and timestamp, concatenated, as lower-case hex. */
export const signature = (secret: string, nonce: string, timestamp: string): string =>
  createHash('sha1').update(`${secret}${nonce}${timestamp}`).digest('hex');

/**
 * Checks the signature. Throws 1001 or 1004, both HTTP 401. Nonce and timestamp are opaque and may repeat: the vendor's
 * SDKs make them once for as long as they run, some in seconds, some in milliseconds. The body isn't signed.
 */
export function authenticate(
  { headers }: Pick<Incoming, 'headers'>,
  tenants: Tenants<RongCloudSettings>,
): Proof<RongCloudSettings> {
  const header = (name: string, code: 1001 | 1004): string => {
    const value = headers[name.toLowerCase()] ?? headers[`rc-${name.toLowerCase()}`];
    if (typeof value !== 'string' || value === '') throw new RongCloudError(code, `${name} is required`);
    return value;
  };
  const tenant = tenants.get(header('App-Key', 1001));
  const nonce = header('Nonce', 1004);
  const timestamp = header('Timestamp', 1004);
  const given = header('Signature', 1004);
  if (!tenant) throw new RongCloudError(1001, 'App-Key is unknown');
  const { appSecret, secondSecret } = tenant.settings;
  const isOf = (secret: string) => equalSecrets(given, signature(secret, nonce, timestamp));
  if (!isOf(appSecret) && (secondSecret === undefined || !isOf(secondSecret))) {
    throw new RongCloudError(1004, 'Signature is wrong');
  }
  return { tenant, actor: { type: 'service' } };
}

import { createHash } from 'node:crypto';
import type { Incoming } from '../../dialect/call';
import { equalSecrets } from '../../dialect/secrets';
import { normalized } from '../../dialect/target';
import type { Proof, Tenant, Tenants } from '../../dialect/tenants';
import { WildfireChatError } from './errors';
import { WildfireChatSettings } from './settings';

export const CREDENTIALS = ['nonce', 'timestamp', 'sign'] as const;
export const HEALTH_PATH = '/admin/health';

const SIGN_MS = 2 * 3_600_000;

/** Who asks for the health, which names no tenant. */
const NOBODY: Tenant<WildfireChatSettings> = { id: '', settings: new WildfireChatSettings() };

/** The vendor's signature: SHA-1 of nonce, secret and timestamp with bars between them, as lower-case hex. */
export const signature = (secret: string, nonce: string, timestamp: string): string =>
  createHash('sha1').update(`${nonce}|${secret}|${timestamp}`).digest('hex');

/**
 * Finds the tenant whose secret signed the request: a request names its tenant in no other way. The nonce may repeat, and the
 * body isn't signed. Throws 239, 243 or 244, all HTTP 200.
 */
export function authenticate(
  { headers, path }: Pick<Incoming, 'headers' | 'path'>,
  tenants: Tenants<WildfireChatSettings>,
  now = Date.now(),
): Proof<WildfireChatSettings> {
  if (normalized(path) === HEALTH_PATH) return { tenant: NOBODY, actor: { type: 'service' } };
  const [nonce, timestamp, sign] = CREDENTIALS.map((name) => {
    const value = headers[name];
    if (typeof value !== 'string' || value === '') throw new WildfireChatError(239);
    return value;
  }) as [string, string, string];
  if (!/^-?\d{1,19}$/.test(timestamp)) throw new WildfireChatError(239);
  const isLate = ({ settings }: Tenant<WildfireChatSettings>) =>
    settings.checkTime && now - Number(timestamp) > SIGN_MS;
  // A tenant with two secrets is there under both.
  const found = [...tenants].find(([secret]) => equalSecrets(sign.toLowerCase(), signature(secret, nonce, timestamp)));
  // The vendor's server looks at the time first. Here it is the tenant's, so a wrong signature is late if it is so for all.
  const isExpired = found ? isLate(found[1]) : [...tenants.values()].every(isLate);
  if (isExpired && tenants.size > 0) throw new WildfireChatError(243);
  if (!found) throw new WildfireChatError(244);
  const [, tenant] = found;
  return { tenant, actor: { type: 'service' } };
}

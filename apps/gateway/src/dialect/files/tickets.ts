import { createHmac } from 'node:crypto';
import { equalSecrets } from '../secrets';

/** What an address may be used for. */
export type Purpose = 'upload' | 'download';

const signed = (key: Buffer, purpose: Purpose, payload: string): string =>
  createHmac('sha256', key).update(`${purpose}.${payload}`).digest('base64url');

/**
 * A text for an address that proves what its bearer may do, until a time. Every gateway accepts it, because it contains what it
 * proves, and all gateways have the tenant's key.
 */
export function ticket(key: Buffer, purpose: Purpose, claims: object, untilMs: number): string {
  const payload = Buffer.from(JSON.stringify({ ...claims, until: untilMs })).toString('base64url');
  return `${payload}.${signed(key, purpose, payload)}`;
}

/** The claims of a ticket; undefined if it isn't valid for this purpose at this time. */
export function claimsOf<C extends object>(key: Buffer, purpose: Purpose, text: string, nowMs: number): C | undefined {
  const [payload = '', signature = '', ...more] = text.split('.');
  if (more.length > 0 || !equalSecrets(signature, signed(key, purpose, payload))) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as C & { readonly until: number };
  return nowMs < claims.until ? claims : undefined;
}

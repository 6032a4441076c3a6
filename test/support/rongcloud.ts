import { createHash } from 'node:crypto';

export interface Credentials {
  readonly appKey: string;
  readonly appSecret: string;
}

/** The keys of the demo tenant. */
export const DEMO: Credentials = { appKey: 'demo', appSecret: 'demo-secret' };

/** The headers by which RongCloud's SDKs sign a call, made without the gateway's code. */
export function signed({ appKey, appSecret }: Credentials, prefix = ''): Record<string, string> {
  const [nonce, timestamp] = [String(Math.random()).slice(2), String(Date.now())];
  const signature = createHash('sha1').update(`${appSecret}${nonce}${timestamp}`).digest('hex');
  return {
    [`${prefix}App-Key`]: appKey,
    [`${prefix}Nonce`]: nonce,
    [`${prefix}Timestamp`]: timestamp,
    [`${prefix}Signature`]: signature,
  };
}

/**
 * A call of RongCloud's API, by the demo tenant unless `credentials` say otherwise. A field given as a list is sent
 * several times.
 */
export async function rongcloud(
  gateway: string,
  path: string,
  fields: Readonly<Record<string, string | readonly string[]>>,
  credentials = DEMO,
): Promise<{ status: number; body: unknown }> {
  const form = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as [string, string])),
  );
  const response = await fetch(`${gateway}${path}`, { method: 'POST', headers: signed(credentials), body: form });
  return { status: response.status, body: await response.json() };
}

import { createHash } from 'node:crypto';

/** The headers by which WildfireChat's SDKs sign a call, made without the gateway's code. */
export function signed(secret: string): Record<string, string> {
  const [nonce, timestamp] = [String(Math.floor(Math.random() * 100_000)), String(Date.now())];
  const sign = createHash('sha1').update(`${nonce}|${secret}|${timestamp}`).digest('hex');
  return { nonce, timestamp, sign };
}

import { isId } from '@cohort/contracts';
import { createHmac } from 'node:crypto';
import { equalSecrets } from '../../../dialect/secrets';
import type { AgoraSettings } from '../settings';
import type { Proven } from './access-token2';

/** How the tokens of the vendor's token call begin. */
export const PREFIX = 'YWMt';

interface Claims {
  /** The app, as `org#app`. */
  readonly app: string;
  /** The user; absent in the app's own token. */
  readonly sub?: string;
  /** Seconds since 1970. */
  readonly exp: number;
}

/** What signs and verifies a tenant's tokens, the signing one first. A token ends with the secret that signed it. */
const secretsOf = ({ clientSecrets, certificates }: AgoraSettings): readonly string[] => [
  ...clientSecrets,
  ...certificates,
];

const signed = (payload: string, secret: string): string =>
  createHmac('sha256', createHmac('sha256', secret).update('access tokens').digest())
    .update(payload)
    .digest('base64url');

/** A token of a tenant that every gateway accepts, since it contains what it proves. The tenant has a secret or a certificate. */
export function ownToken(settings: AgoraSettings, proven: Proven, exp: number): string {
  const claims: Claims = { app: settings.name, exp, ...(proven.type === 'user' ? { sub: proven.id } : {}) };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const [secret] = secretsOf(settings);
  if (secret === undefined) throw new Error('A tenant without a secret has no tokens.');
  return `${PREFIX}${payload}.${signed(payload, secret)}`;
}

/** Whom a token of this gateway proves; undefined if it isn't valid at this time. */
export function provenByOwn(token: string, settings: AgoraSettings, nowMs: number): Proven | undefined {
  if (!token.startsWith(PREFIX)) return undefined;
  const [payload = '', signature = '', ...more] = token.slice(PREFIX.length).split('.');
  if (more.length > 0) return undefined;
  if (!secretsOf(settings).some((secret) => equalSecrets(signature, signed(payload, secret)))) return undefined;
  const { app, sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
  if (app !== settings.name || nowMs >= exp * 1_000) return undefined;
  if (sub === undefined) return { type: 'service' };
  return isId(sub) ? { type: 'user', id: sub } : undefined;
}

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

/** The key of a tenant's tokens. Whoever changes a secret of the tenant makes its tokens invalid. */
const keyOf = ({ certificate, clientSecret }: AgoraSettings): Buffer =>
  createHmac('sha256', 'access tokens')
    .update(JSON.stringify([certificate ?? '', clientSecret ?? '']))
    .digest();

const signed = (payload: string, settings: AgoraSettings): string =>
  createHmac('sha256', keyOf(settings)).update(payload).digest('base64url');

/** A token of a tenant that every gateway accepts, since it contains what it proves. */
export function ownToken(settings: AgoraSettings, proven: Proven, exp: number): string {
  const claims: Claims = { app: settings.name, exp, ...(proven.type === 'user' ? { sub: proven.id } : {}) };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${PREFIX}${payload}.${signed(payload, settings)}`;
}

/** Whom a token of this gateway proves; undefined if it isn't valid at this time. */
export function provenByOwn(token: string, settings: AgoraSettings, nowMs: number): Proven | undefined {
  if (!token.startsWith(PREFIX)) return undefined;
  const [payload = '', signature = '', ...more] = token.slice(PREFIX.length).split('.');
  if (more.length > 0 || !equalSecrets(signature, signed(payload, settings))) return undefined;
  const { app, sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
  if (app !== settings.name || nowMs >= exp * 1_000) return undefined;
  if (sub === undefined) return { type: 'service' };
  return isId(sub) ? { type: 'user', id: sub } : undefined;
}

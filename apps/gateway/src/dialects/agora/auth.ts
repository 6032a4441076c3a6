import type { Incoming } from '../../dialect/call';
import type { Proof, Tenant, Tenants } from '../../dialect/tenants';
import { AgoraError, unauthorized } from './errors';
import { shapeOf } from './paths';
import type { AgoraSettings } from './settings';
import { provenBy, readAccessToken2, type Proven } from './tokens/access-token2';
import { provenByOwn } from './tokens/own-token';

export const CREDENTIALS = ['authorization'] as const;

/** How a tenant is named in `/{org}/{app}`. */
export const nameOf = ({ org, app }: Pick<AgoraSettings, 'org' | 'app'>): string | undefined =>
  org === undefined || app === undefined ? undefined : `${org}/${app}`;

/** The tenant that the path names. */
function tenantOf({ params }: Pick<Incoming, 'params'>, tenants: Tenants<AgoraSettings>): Tenant<AgoraSettings> {
  const { org_name: org, app_name: app = '' } = params;
  const tenant = tenants.get(shapeOf(org) === 'shengwang' ? app : `${org}/${app}`);
  if (!tenant) throw new AgoraError('noApp', `Could not find application for ${org}/${app}`);
  return tenant;
}

const BEARER = /^bearer +(\S+) *$/i;

/** Whom a token of the vendor's builders proves; undefined if it isn't valid now. */
export function provenByBuilt(token: string, settings: AgoraSettings, nowMs: number): Proven | undefined {
  const read = settings.certificates.length === 0 ? undefined : readAccessToken2(token);
  return read && provenBy(read, settings, nowMs);
}

/** The token of a request, without its scheme. */
export function bearerOf({ headers }: Pick<Incoming, 'headers'>): string {
  const { authorization = '' } = headers;
  if (authorization.trim() === '') throw new AgoraError('noToken', 'token is blank!');
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw unauthorized();
  return token;
}

/** Whether the request is the token call, which proves itself in its body. */
const isTokenCall = ({ path }: Pick<Incoming, 'path'>): boolean =>
  /\/token\/?$/i.test(path) && path.split('/').filter(Boolean).length === 3;

/** Checks app and token. A token of the app is the service's; one of a user acts as that user. */
export function authenticate(
  incoming: Pick<Incoming, 'headers' | 'params' | 'path'>,
  tenants: Tenants<AgoraSettings>,
  nowMs: number = Date.now(),
): Proof<AgoraSettings> {
  const tenant = tenantOf(incoming, tenants);
  if (isTokenCall(incoming)) return { tenant, actor: { type: 'service' } };
  const token = bearerOf(incoming);
  const { settings } = tenant;
  const proven = provenByOwn(token, settings, nowMs) ?? provenByBuilt(token, settings, nowMs);
  if (!proven) throw unauthorized();
  return { tenant, actor: proven };
}

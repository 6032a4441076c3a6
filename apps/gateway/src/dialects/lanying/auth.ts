import type { Incoming } from '../../dialect/call';
import { normalized } from '../../dialect/target';
import type { Proof, Tenant, Tenants } from '../../dialect/tenants';
import { badField, LanyingError } from './errors';
import { int64Of } from './ids';
import { LanyingSettings } from './settings';
import { verifyToken } from './tokens';

export const CREDENTIALS = ['app_id', 'access-token'] as const;
/** With an admin's token: act as this user, or as the service in this group. */
export const ACTING = ['user_id', 'group_id'] as const;

/** What the web SDK asks before anybody has logged in. */
export const DNS_PATH = '/v2/app_dns';
export const CONFIG_PATH = '/app/config';
export const ROOT_PATH = '/';
export const AVATAR_UPLOAD_PATH = '/file/upload/avatar/group';
export const AVATAR_DOWNLOAD_PATH = '/file/download/avatar';
export const FILE_DOWNLOAD_PATH = '/file/download/shared';

/** Calls whose address is their proof, or that need none. */
const isOpen = (method: string, path: string): boolean =>
  [DNS_PATH, CONFIG_PATH, AVATAR_DOWNLOAD_PATH, FILE_DOWNLOAD_PATH].includes(path) ||
  (path === AVATAR_UPLOAD_PATH && method === 'POST');

/** Who asks for `GET /`, which names no tenant. */
const NOBODY: Tenant<LanyingSettings> = { id: '', settings: new LanyingSettings() };

export const headerOf = ({ headers }: Pick<Incoming, 'headers'>, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/**
 * Checks app and token. A user's token proves that user. An admin's proves the service, or the user of the header
 * `user_id`, in whose place the call is made. Ids of users may be numbers here; `acting` finds whose they are.
 */
export async function authenticate(
  incoming: Pick<Incoming, 'method' | 'headers' | 'path' | 'query'>,
  tenants: Tenants<LanyingSettings>,
): Promise<Proof<LanyingSettings>> {
  const path = normalized(incoming.path);
  if (path === ROOT_PATH) return { tenant: NOBODY, actor: { type: 'service' } };
  const appId = headerOf(incoming, 'app_id') ?? incoming.query.getAll('app_id')[0];
  const tenant = appId === undefined ? undefined : tenants.get(appId);
  if (!tenant) throw new LanyingError(40000);
  if (path !== undefined && isOpen(incoming.method, path)) return { tenant, actor: { type: 'service' } };

  const token = headerOf(incoming, 'access-token');
  if (token === undefined) throw new LanyingError(10003);
  const { sub, role } = await verifyToken(token, tenant.settings);
  const given = headerOf(incoming, 'user_id');
  if (given !== undefined && int64Of(given) === undefined) throw badField('user_id', 'must be a number');
  const isAdmin = role !== undefined && tenant.settings.adminRoles.includes(role);
  if (isAdmin) return { tenant, actor: given === undefined ? { type: 'service' } : { type: 'user', id: given } };
  if (sub === undefined) throw new LanyingError(10008);
  return { tenant, actor: { type: 'user', id: sub } };
}

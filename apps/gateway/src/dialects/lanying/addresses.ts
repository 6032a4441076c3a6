import { badField } from './errors';
import type { LanyingCall } from './fields';

/** Where this gateway is. The caller wrote it, if neither tenant nor gateway has a public address. */
export function gatewayOf({ tenant, address }: Pick<LanyingCall, 'tenant' | 'address'>): URL {
  const given = tenant.settings.publicUrl ?? address;
  if (!URL.canParse(given)) throw badField('Host', 'is malformed');
  return new URL(given);
}

/** An address of this gateway that names the tenant, for callers without headers. */
export function addressAt(call: LanyingCall, path: string, params: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams({ app_id: call.tenant.settings.appId, ...params });
  return `${gatewayOf(call).href.replace(/\/+$/, '')}${path}?${search.toString()}`;
}

/** Characters of a ticket in an address, which has ids of a group and a user. */
export const TICKET_LENGTH = 2_048;

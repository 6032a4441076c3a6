import { createHmac } from 'node:crypto';

/** The keys of a tenant, as `APPS_FILE` has them. */
export interface LanyingKeys {
  readonly appId: string;
  readonly secret: string;
}

const HASH = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

/** A token with these claims, signed as the vendor's are. Written without the library that verifies it. */
export function token(secret: string, claims: object, alg: keyof typeof HASH = 'HS512'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac(HASH[alg], secret).update(signed).digest('base64url')}`;
}

/** The claim `role` of an admin's token, unless the tenant's settings have others. */
export const ADMIN_ROLE = 2;

export const userHeaders = ({ appId, secret }: LanyingKeys, userId: string | number): Record<string, string> => ({
  app_id: appId,
  'access-token': token(secret, { app: appId, sub: String(userId) }),
});

/** An admin's token: with `as`, in the place of a user or in a group. */
export const adminHeaders = (
  { appId, secret }: LanyingKeys,
  as: { readonly user_id?: string; readonly group_id?: string } = {},
): Record<string, string> => ({
  app_id: appId,
  'access-token': token(secret, { app: appId, sub: 'console', role: ADMIN_ROLE }),
  ...as,
});

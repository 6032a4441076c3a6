import { isId } from '@cohort/contracts';
import { DEMO_APP, loadApps, StartError } from '@cohort/process';
import { keepSecret } from '@cohort/surroundings';
import { SignJWT } from 'jose';
import { UsageError, type CommandLine } from './command-line';

/** The block of the demo tenant, which exists without `APPS_FILE`. Its secret is public. */
export const DEMO_LANYING = { appId: 'demo', secret: 'demo-secret' } as const;

/** What a token needs of a tenant's block. The gateway checks all of it. */
interface Keys {
  readonly appId: string;
  readonly secret: string;
  readonly adminRole: number;
}

const ADMIN_ROLE = 2;

function keysOf(app: string, env: NodeJS.ProcessEnv): Keys {
  const file = env.APPS_FILE === '' ? undefined : env.APPS_FILE;
  const tenant = loadApps(file === undefined ? {} : { APPS_FILE: file }).find(({ id }) => id === app);
  if (!tenant) {
    const place = file ?? 'the service without APPS_FILE';
    throw new StartError(`There is no app "${app}" in ${place} (--app is the app's id, not its lanying.appId).`);
  }
  const block = app === DEMO_APP.id && file === undefined ? DEMO_LANYING : tenant.dialects?.lanying;
  const { appId, secret, adminRoles } = (block ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof appId !== 'string' || typeof secret !== 'string') {
    const missing = [
      ...(typeof appId === 'string' ? [] : ['appId']),
      ...(typeof secret === 'string' ? [] : ['secret']),
    ];
    const named = missing.map((name) => `lanying.${name}`).join(' and ');
    throw new StartError(`The app "${app}" has no ${named}; tokens are signed with appId and secret.`);
  }
  if (secret !== DEMO_LANYING.secret) keepSecret(secret);
  const [first] = Array.isArray(adminRoles) ? (adminRoles as unknown[]) : [];
  return { appId, secret, adminRole: typeof first === 'number' ? first : ADMIN_ROLE };
}

/** Makes a token for the Lanying dialect, as the application's own server would. */
export const token: CommandLine = {
  usage: '--app <id> (--user <id> | --admin) [--expires 24h]',
  summary: 'prints a token for the Lanying dialect: of a user, or of an admin; APPS_FILE has the secret',
  options: {
    app: { type: 'string' },
    user: { type: 'string' },
    admin: { type: 'boolean' },
    expires: { type: 'string', default: '24h' },
  },
  run: async ({ values: { app, user, admin, expires }, positionals, env }) => {
    if (positionals.length > 0) throw new UsageError(`${positionals[0]} is no option.`);
    if (typeof app !== 'string') throw new UsageError('--app is required.');
    if (user === undefined && admin !== true) throw new UsageError('--user or --admin is required.');
    if (user !== undefined && !isId(user)) throw new UsageError('--user must be an id of 1 to 64 characters.');
    const { appId, secret, adminRole } = keysOf(app, env);
    const claims = {
      app: appId,
      ...(user === undefined ? {} : { sub: user }),
      ...(admin === true ? { role: adminRole } : {}),
    };
    const unsigned = new SignJWT(claims).setProtectedHeader({ alg: 'HS512', typ: 'JWT' }).setIssuedAt();
    return withExpiry(unsigned, String(expires)).sign(new TextEncoder().encode(secret));
  },
};

function withExpiry(token: SignJWT, expires: string): SignJWT {
  if (expires === 'never') return token;
  // The library reads more forms than a person would expect, such as "1 hour ago".
  if (!/^[1-9][0-9]{0,8}[smhd]$/.test(expires)) {
    throw new UsageError('--expires must be a number of s, m, h or d, such as 24h, or "never".');
  }
  return token.setExpirationTime(expires);
}

import { randomUUID } from 'node:crypto';

interface Kind {
  readonly count: number;
  readonly settings: object;
  readonly rongcloud: object;
  readonly lanying?: object;
  readonly wildfirechat?: object;
}

/** Settings in which tenants of the shared service differ, and how many tenants of each kind a run can use. */
const KINDS = {
  plain: { count: 200, settings: {}, rongcloud: {} },
  /** Its members get numbers. */
  numeric: { count: 20, settings: { numericUserIds: true }, rongcloud: {} },
  /** RongCloud's groups hold three users, and a call names two at the most. Lanying's public list has three groups. */
  small: { count: 20, settings: {}, rongcloud: { groupCapacity: 3, usersPerCall: 2 }, lanying: { publicGroups: 3 } },
  /** Applications and invitations run out after half a second. */
  hasty: { count: 20, settings: { limits: { applicationMs: 500, invitationMs: 500 } }, rongcloud: {} },
  /** Users whom Lanying's create names are invited. */
  inviting: { count: 20, settings: {}, rongcloud: {}, lanying: { inviteOnCreate: true } },
  /** Few groups: of the tenant, of an owner, and of a member. Two announcements in a group. */
  few: {
    count: 20,
    settings: { limits: { groups: 5, groupsOwnedPerUser: 2, groupsJoinedPerUser: 3, announcementsPerGroup: 2 } },
    rongcloud: {},
  },
  /** RongCloud's own limits. */
  strict: { count: 20, settings: {}, rongcloud: { strict: true } },
  /** Has the keys with which a vendor's SDK was recorded. */
  recorded: { count: 1, settings: {}, rongcloud: { appKey: 'demo', appSecret: 'demo-secret' } },
  recordedWildfire: { count: 1, settings: {}, rongcloud: {}, wildfirechat: { secret: 'demo-secret' } },
} as const satisfies Readonly<Record<string, Kind>>;

export type TenantKind = keyof typeof KINDS;

/** The event store and its events may outlive the run. */
const RUN = randomUUID().slice(0, 8);

/** An entry of `APPS_FILE`. */
export interface Tenant {
  readonly id: string;
  readonly rongcloud: { readonly appKey: string; readonly appSecret: string };
  readonly lanying: { readonly appId: string; readonly secret: string };
  readonly wildfirechat: { readonly secret: string };
  readonly agora: {
    readonly appId: string;
    readonly certificate: string;
    readonly org: string;
    readonly app: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
}

const tenantsOf = (kind: TenantKind): Tenant[] =>
  Array.from({ length: KINDS[kind].count }, (_, i) => {
    const id = `${kind}-${RUN}-${String(i + 1).padStart(3, '0')}`;
    const { settings, rongcloud, lanying, wildfirechat }: Kind = KINDS[kind];
    return {
      ...{ id, ...settings },
      rongcloud: { appKey: `${id}-key`, appSecret: `${id}-secret`, ...rongcloud },
      lanying: { appId: `${id}-app`, secret: `${id}-token-secret`, ...lanying },
      wildfirechat: { secret: `${id}-signing-secret`, ...wildfirechat },
      agora: {
        ...{ appId: `${id}-app-id`, certificate: `${id}-certificate`, org: id, app: 'im' },
        ...{ clientId: `${id}-client`, clientSecret: `${id}-client-secret` },
      },
    };
  });

/** All tenants of the shared services, each of which is handed out once in a run. */
export class Tenants {
  private readonly free = new Map((Object.keys(KINDS) as TenantKind[]).map((kind) => [kind, tenantsOf(kind)]));
  readonly all: readonly Tenant[] = [...this.free.values()].flat();

  take(kind: TenantKind): Tenant {
    const tenant = this.free.get(kind)?.shift();
    if (!tenant) throw new Error(`No tenant of the kind "${kind}" is left: raise its count in tenants.ts.`);
    return tenant;
  }
}

import type { OwnerPolicy } from './terms';

/**
 * An app (tenant), as `APPS_FILE` lists it: `{"apps": [{"id": "demo", "rongcloud": {...}, ...}]}`. Each dialect adds its
 * own keys; without them the app can't be reached by that dialect.
 */
export interface AppSettings {
  readonly id: string;
  /** What an owner's leaving means where neither command nor dialect says so. Default `refuse`. */
  readonly ownerPolicy: OwnerPolicy;
  /** Capacity of groups created without one. Default 1,000,000. */
  readonly groupCapacity: number;
  readonly rongcloud?: RongCloudSettings;
  readonly wildfirechat?: { readonly secret: string };
  readonly shengwang?: { readonly appId: string; readonly certificate: string };
  readonly agora?: {
    readonly org: string;
    readonly app: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly lanying?: { readonly appId: string; readonly secret: string };
}

/** Keys and limits of the RongCloud dialect (seed 000). Lengths count code points. */
export interface RongCloudSettings {
  readonly appKey: string;
  readonly appSecret: string;
  /** `true`: ids up to 30, names up to 60 (the seed's text); default: 64 and 64 (what the vendor's SDKs check). */
  readonly strict: boolean;
  /** Members of a group; default 3,000. */
  readonly groupCapacity: number;
  /** Users of one join or quit; default 1,000. */
  readonly usersPerCall: number;
}

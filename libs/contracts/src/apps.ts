import type { OwnerPolicy } from './terms';

/** A tenant of `APPS_FILE`: `{"apps": [{"id": "shop", "rongcloud": {...}, ...}]}`. */
export interface AppSettings {
  readonly id: string;
  /** The meaning of an owner's leave if neither the command nor the dialect defines it. Default `refuse`. */
  readonly ownerPolicy: OwnerPolicy;
  /** Capacity of groups created without one. Default 1,000,000. */
  readonly groupCapacity: number;
  /**
   * The other keys of the tenant, one for each dialect that may reach it. Only the gateway knows the dialects and checks
   * their blocks.
   */
  readonly dialects?: Readonly<Record<string, unknown>>;
}

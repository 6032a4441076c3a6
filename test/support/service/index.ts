import type { Addresses } from './host';
import { askHost } from './host-client';
import type { Tenant, TenantKind } from './tenants';

export { FIRST_START_MS } from '../built';
export type { Tenant } from './tenants';

/**
 * The whole service as it was built, shared by all specs of a Jest worker: nats-server, event store, two command and two
 * query nodes, worker and gateway. A spec uses tenants of its own, and leaves all processes running as they are; a spec
 * that kills, restarts or configures a process starts its own (`startStack`, `startPart`).
 */
export const sharedService = (): Promise<Addresses> =>
  askHost('service', { worker: process.env.JEST_WORKER_ID ?? '1' });

/** A tenant of the shared service that no other spec has, and which has no groups yet. */
export const newTenant = (kind: TenantKind = 'plain'): Promise<Tenant> => askHost('tenant', { kind });

import { DEFAULT_APP_LIMITS, type AppSettings } from '@cohort/contracts';
import type { FileStore } from '@cohort/file-store';
import { TenantFiles, type Files } from './dialect/files/tenant-files';

/** The files of each tenant, none larger than this gateway and the tenant allow. */
export function storedFiles(store: FileStore, apps: { get(id: string): AppSettings }, maxBytes: number): Files {
  const byTenant = new Map<string, TenantFiles>();
  const open = (tenantId: string): TenantFiles => {
    // A dialect may serve calls that name no tenant.
    const limits = tenantId === '' ? undefined : apps.get(tenantId).limits;
    return new TenantFiles(store, tenantId, Math.min(maxBytes, limits?.fileBytes ?? DEFAULT_APP_LIMITS.fileBytes));
  };
  return {
    of: (tenantId) => {
      const known = byTenant.get(tenantId) ?? open(tenantId);
      byTenant.set(tenantId, known);
      return known;
    },
  };
}

import { DirectoryAway, type UserDirectories } from '@cohort/bus';
import { CohortError, type AppSettings } from '@cohort/contracts';
import type { KnownUsers } from './dialect/group-service';

/** The users of the tenants, as their user directories know them. */
export const knownUsers = (
  apps: { get(id: string): AppSettings },
  directories: Pick<UserDirectories, 'of'>,
): KnownUsers => ({
  isKnown: async (tenantId, userId) => {
    const directory = directories.of(apps.get(tenantId));
    if (directory === undefined) return true;
    try {
      return (await directory.unknownAmong([userId])).size === 0;
    } catch (error) {
      if (!(error instanceof DirectoryAway)) throw error;
      const message = "The tenant's user directory gave no usable answer in time; nothing was done. Try again later.";
      throw new CohortError('UNAVAILABLE', message, { dependency: 'userDirectory' });
    }
  },
});

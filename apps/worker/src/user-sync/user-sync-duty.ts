import { GROUP_STREAM_PREFIX, USER_STREAM_PREFIX } from '@cohort/contracts';
import { JobsDuty, type JobsDutyOptions } from '../duty/jobs-duty';
import { userSync } from './carry-out';
import { merged, workOf, type SyncWork } from './work';

/**
 * Follows the log for syncs that users' streams ask for, and for effects of syncs on groups, and carries each sync through.
 */
export const userSyncDuty = (options: JobsDutyOptions): JobsDuty<SyncWork> =>
  new JobsDuty(options, {
    duty: 'userSync',
    prefixes: [GROUP_STREAM_PREFIX, USER_STREAM_PREFIX],
    concurrency: 16,
    failed: 'a user sync failed: retrying',
    carryOut: userSync,
    merged,
    workOf,
  });

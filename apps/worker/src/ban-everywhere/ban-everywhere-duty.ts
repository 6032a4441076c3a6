import { USER_BAN_STREAM_PREFIX } from '@cohort/contracts';
import { mergedWork, type Work } from '../duty/jobs';
import { JobsDuty, type JobsDutyOptions } from '../duty/jobs-duty';
import { carryOutBan } from './carry-out';

/** Follows the log for requests to ban a user in all their groups, and carries each one out. */
export const banEverywhereDuty = (options: JobsDutyOptions): JobsDuty<Work> =>
  new JobsDuty<Work>(options, {
    duty: 'banEverywhere',
    prefixes: [USER_BAN_STREAM_PREFIX],
    concurrency: 8,
    failed: 'a ban in all groups failed: retrying',
    carryOut: carryOutBan,
    merged: mergedWork,
    workOf: ({ owner, event: { type, position, revision } }, since) =>
      type === 'banEverywhereCompleted' ? [] : [{ user: owner, work: { position, since, requested: revision } }],
  });

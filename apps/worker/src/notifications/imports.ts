import { notifiesNobody, type Rules } from './rule';

/** What happened elsewhere and before is no news. */
export const imports: Rules<'importStarted' | 'membersImported' | 'importCompleted'> = {
  importStarted: notifiesNobody,
  membersImported: notifiesNobody,
  importCompleted: notifiesNobody,
};

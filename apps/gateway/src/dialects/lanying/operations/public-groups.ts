import { PAGE, type GroupView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { listWithCursor } from '../envelope';
import { plainPage } from '../fields';
import { operation } from '../operation';
import { INT64 } from '../views';

/** Public groups from the cursor on, the newest first. The query's pages are shorter where texts are long. */
async function newest(as: Caller, most: number, from: string | undefined) {
  const entries: GroupView[] = [];
  let cursor = from;
  do {
    const limit = Math.min(most - entries.length, PAGE.maxLimit);
    const page = await as.query('publicGroups', { limit, ...(cursor !== undefined && { cursor }) });
    entries.push(...page.groups);
    ({ cursor } = page);
  } while (cursor !== undefined && entries.length < most);
  return { entries, cursor };
}

/** Groups that anybody finds. */
export const publicGroups = [
  operation('publicGroups', 'GET', '/group/public_list', {
    source: '7.55',
    summary: 'returns the ids of the newest public groups, 1,000 unless the tenant has another number',
    access: 'anyone',
    input: plainPage,
    does: ({ as, call, input: { limit = Infinity, cursor } }) =>
      newest(as, Math.min(limit, call.tenant.settings.publicGroups), cursor),
    answer: listWithCursor(INT64, 2306414607729, ({ groupId, numericId }: GroupView, ids) =>
      ids.group(groupId, numericId),
    ),
  }),
];

import type { GroupView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { data } from '../envelope';
import { operation } from '../operation';
import { INT64 } from '../views';

/** Groups that the list has at most. */
const MOST = 1_000;

/** The newest public groups: several pages, if their texts are long. */
async function newest(as: Caller): Promise<GroupView[]> {
  const found: GroupView[] = [];
  let cursor: string | undefined;
  do {
    const page = await as.query('publicGroups', { limit: MOST - found.length, ...(cursor && { cursor }) });
    found.push(...page.groups);
    ({ cursor } = page);
  } while (cursor !== undefined && found.length < MOST);
  return found;
}

/** Groups that anybody finds. */
export const publicGroups = [
  operation('publicGroups', 'GET', '/group/public_list', {
    source: '7.55',
    summary: `returns the ids of the newest ${MOST} public groups`,
    access: 'anyone',
    input: {},
    does: ({ as }) => newest(as),
    answer: data({ type: 'array', items: INT64 }, [2306414607729], (groups: readonly GroupView[], ids) =>
      groups.map(({ groupId, numericId }) => ids.group(groupId, numericId)),
    ),
  }),
];

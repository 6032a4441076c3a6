import type { GroupCommandData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { memberCount } from '../../facts/members';
import type { GroupState } from '../../state';
import { importOf, outOfOrder } from './importOf';

/** Ends an import, whose chunks are all there. */
export function completeImport(data: GroupCommandData<'completeImport'>, state: GroupState): Decision {
  const group = importOf('completeImport', data, state);
  if (!group.ok) return group;
  const { imports } = group.live;
  const { chunks } = data;
  if (chunks !== imports.next) return outOfOrder(imports);
  if (imports.status === 'done') return accept([]);
  return accept([{ type: 'importCompleted', data: { chunks, memberCount: memberCount(group.live) } }]);
}

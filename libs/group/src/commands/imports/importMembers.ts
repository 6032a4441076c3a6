import type { GroupCommandData, ImportedMember } from '@cohort/contracts';
import { accept, mustFit, type Decision } from '../../decision';
import { memberCount } from '../../facts/members';
import type { GroupState, LiveGroup } from '../../state';
import { importOf, outOfOrder } from './importOf';

/** Imports one chunk of members, the next one. */
export function importMembers(data: GroupCommandData<'importMembers'>, state: GroupState): Decision {
  const { chunk } = data;
  const group = importOf('importMembers', data, state);
  if (!group.ok) return group;
  const { imports, membership } = group.live;
  if (chunk < imports.next) return accept([]);
  if (chunk > imports.next || imports.status === 'done') return outOfOrder(imports);
  const members = newAmong(group.live, data.members);
  const count = memberCount(group.live) + members.length;
  return (
    mustFit(count, membership.capacity) ??
    accept([{ type: 'membersImported', data: { chunk, members, memberCount: count } }])
  );
}

/** Those that aren't members yet, each once. */
function newAmong(
  { membership }: LiveGroup,
  members: GroupCommandData<'importMembers'>['members'],
): readonly ImportedMember[] {
  const seen = new Set<string>();
  return members.flatMap(({ userId, role, joinedAt }) => {
    if (seen.has(userId) || membership.members.has(userId)) return [];
    seen.add(userId);
    return { userId, ...(role === 'admin' ? { role } : {}), ...(joinedAt === undefined ? {} : { joinedAt }) };
  });
}

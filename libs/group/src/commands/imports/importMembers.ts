import type { GroupCommandData, GroupEvent, ImportedMember } from '@cohort/contracts';
import { accept, mustFit, type DecideContext, type Decision } from '../../decision';
import { isOver, usersBanned } from '../../facts/bans';
import { memberCount, usersNamed } from '../../facts/members';
import type { GroupState, LiveGroup } from '../../state';
import { FOREVER } from '../../state/bans';
import { importOf, outOfOrder } from './importOf';

type Entry = GroupCommandData<'importMembers'>['members'][number];

/** Imports one chunk of members, the next one, with their bans, and users whom the group blocks. */
export function importMembers(
  data: GroupCommandData<'importMembers'>,
  state: GroupState,
  { at }: DecideContext,
): Decision {
  const { chunk } = data;
  const group = importOf('importMembers', data, state);
  if (!group.ok) return group;
  const { imports, membership } = group.live;
  if (chunk < imports.next) return accept([]);
  if (chunk > imports.next || imports.status === 'done') return outOfOrder(imports);
  const entries = newAmong(group.live, data.members);
  const members = entries.filter(({ blocked }) => blocked !== true);
  const blocked = entries.filter((entry) => entry.blocked === true).map(({ userId }) => userId);
  const count = memberCount(group.live) + members.length;
  return (
    mustFit(count, membership.capacity) ??
    accept([
      { type: 'membersImported', data: { chunk, members: members.map(imported), memberCount: count } },
      ...bansOf(members, at),
      ...usersNamed('blocked', blocked),
    ])
  );
}

/** Those that are neither members nor blocked yet, each once. */
function newAmong({ membership, blocks }: LiveGroup, entries: readonly Entry[]): readonly Entry[] {
  const seen = new Set<string>();
  return entries.filter(({ userId }) => {
    if (seen.has(userId) || membership.members.has(userId) || blocks.blocked.has(userId)) return false;
    seen.add(userId);
    return true;
  });
}

/** Fields that are absent are no fields. Objects of few forms, made without copies: there may be a million. */
function imported({ userId, role, joinedAt }: Entry): ImportedMember {
  if (role === 'admin') return { userId, role, ...(joinedAt === undefined ? {} : { joinedAt }) };
  return joinedAt === undefined ? { userId } : { userId, joinedAt };
}

/** The bans that aren't over: an event for each end. */
function bansOf(members: readonly Entry[], at: number): readonly GroupEvent[] {
  const byEnd = new Map<number, string[]>();
  for (const { userId, banned, bannedUntil } of members) {
    const end = bannedUntil === undefined ? FOREVER : Date.parse(bannedUntil);
    if (banned === true && !isOver(end, at)) byEnd.set(end, [...(byEnd.get(end) ?? []), userId]);
  }
  return [...byEnd].sort(([a], [b]) => a - b).flatMap(([end, userIds]) => usersBanned(userIds, end));
}

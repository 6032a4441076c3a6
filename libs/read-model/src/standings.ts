import type { Owned, Position } from '@cohort/contracts';
import type { EventHandlers } from './event-handlers';
import type { GroupRow, GroupTable } from './tables/groups';
import type { MemberTable } from './tables/members';
import { LIVE } from './tables/groups';
import type { GroupStanding, UnusableTable } from './tables/unusable';

/** Groups whose streams aren't whole, as the projection finds them. Each call belongs to a transaction. */
export class Standings {
  constructor(
    private readonly table: UnusableTable,
    private readonly groups: GroupTable,
    private readonly members: MemberTable,
    private readonly handlers: Pick<EventHandlers, 'eraseGroup'>,
  ) {}

  /** Whether the group is refused, and why; undefined for any other group. */
  get(owner: Owned): Exclude<GroupStanding, 'limited'> | undefined {
    const standing = this.table.get(owner);
    return standing === 'limited' ? undefined : standing;
  }

  /** The group's row, unless the group is refused. */
  usableGroup(stream: string, { app, id }: Owned): GroupRow | undefined {
    const group = this.groups.get(stream, app, id);
    return group?.live === LIVE.damaged ? undefined : group;
  }

  /** Stores a group's standing. `whole` removes a limit. A refused group stays refused, but may still be erased. */
  set(stream: string, owner: Owned, standing: GroupStanding | 'whole', position: Position): void {
    const before = this.get(owner);
    if (before === 'erased' || (before === 'damaged' && standing !== 'erased')) return;
    if (standing === 'whole') return this.table.delete(owner);
    this.table.put(owner, standing, position);
    if (standing === 'limited') return;
    const group = this.groups.get(stream, owner.app, owner.id);
    if (group === undefined) return;
    if (standing === 'erased') {
      group.position = position;
      this.handlers.eraseGroup(group);
      this.groups.erase(group);
    } else {
      this.groups.damage(group, position);
      this.members.end(group);
    }
  }

  /** The groups whose streams have limits. */
  get limited(): Owned[] {
    return this.table.all('limited');
  }

  forgetAfter(position: Position): void {
    this.table.forgetAfter(position);
  }
}

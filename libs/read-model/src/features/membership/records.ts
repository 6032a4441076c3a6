import type { JoinVia, MemberView } from '@cohort/contracts';
import { isoTime } from '../../tables/group-reader';
import { ROLE_NAMES } from '../../tables/members';
import type { TextReader } from '../../tables/text-keys';

/** A row of `members`. */
export interface MemberRecord {
  readonly seq: number;
  readonly user: string;
  readonly role: 0 | 1 | 2;
  readonly joined_at: number;
  readonly via: JoinVia;
  readonly brought_by: string | null;
  readonly name: string | null;
}

/** The columns of a `MemberRecord`. */
export const MEMBER_COLUMNS = 'seq, user, role, joined_at, via, brought_by, name';

/** The same of a membership that is over: its role is null. */
export type Ended<R extends { role: unknown }> = Omit<R, 'role' | 'joined_at' | 'via' | 'brought_by' | 'name'> & {
  readonly role: null;
};

export const memberView =
  (texts: TextReader) =>
  ({ user, role, joined_at, via, brought_by, name }: MemberRecord): MemberView => {
    const displayName = texts.open(name);
    return {
      userId: user,
      role: ROLE_NAMES[role],
      joinedAt: isoTime(joined_at),
      joinedVia: via,
      ...(brought_by === null ? {} : { joinedBy: brought_by }),
      ...(displayName === '' ? {} : { displayName }),
    };
  };

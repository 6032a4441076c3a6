import {
  CohortError,
  isId,
  type MemberProfileView,
  type MuteMode,
  type PushMode,
  type QueryAnswers,
  type QueryData,
} from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, ReadSide, WriteSide } from '../feature';
import { hotCheck } from '../hot';
import { MAX_ANSWER_BYTES, taken } from '../pages';
import { extraIn, extraTexts } from '../tables/extra';
import { groupView, isoTime } from '../tables/group-reader';
import { seqOf } from '../tables/places';
import { storedText } from '../tables/text-keys';

/** The columns of a member's row that this feature writes. */
interface ProfileRow {
  readonly user: string;
  readonly joined_at: number;
  readonly name: string | null;
  readonly mute: MuteMode | null;
  readonly push: PushMode | null;
  readonly extra: string | null;
}

function handlers({ connection, members }: WriteSide): GroupHandlers {
  const setName = connection.prepare('UPDATE members SET name = ?, changed = ? WHERE gid = ? AND user = ?');
  const setMute = connection.prepare('UPDATE members SET mute = ? WHERE gid = ? AND user = ?');
  const setPush = connection.prepare('UPDATE members SET push = ? WHERE gid = ? AND user = ?');
  const setExtra = connection.prepare('UPDATE members SET extra = ? WHERE gid = ? AND user = ?');
  const extraOf = connection.prepare('SELECT extra FROM members WHERE gid = ? AND user = ?');
  return {
    displayNameChanged: (group, { userId, displayName }) => {
      const { gid, revision } = group;
      setName.run([displayName === '' ? null : storedText(displayName), seqOf(revision, 0), gid, userId]);
      members.rename(group, userId);
    },
    muteModeSet: ({ gid }, { userId, mode }) => void setMute.run([mode, gid, userId]),
    pushModeSet: ({ gid }, { userId, mode }) => void setPush.run([mode, gid, userId]),
    memberExtraSet: ({ gid }, { userId, set, removed }) => {
      const row = extraOf.get(gid, userId) as Pick<ProfileRow, 'extra'> | undefined;
      const gone = new Set(removed);
      const kept = Object.entries(extraIn(row?.extra ?? null)).filter(([key]) => !gone.has(key));
      const extra = Object.fromEntries([...kept, ...Object.entries(set)].sort(([a], [b]) => (a < b ? -1 : 1)));
      setExtra.run([Object.keys(extra).length === 0 ? null : JSON.stringify(extra), gid, userId]);
    },
  };
}

function profiles({ connection, groups, texts }: ReadSide) {
  const select = connection.prepare(
    'SELECT user, joined_at, name, mute, push, extra FROM members WHERE gid = ? AND user = ?',
  );
  const view = ({ user, joined_at, name, mute, push, extra }: ProfileRow): MemberProfileView => ({
    userId: user,
    joinedAt: isoTime(joined_at),
    displayName: texts.open(name),
    muteMode: mute ?? 0,
    pushMode: push ?? 0,
    extra: extraTexts(texts, extra),
  });

  return ({ app, groupId, userIds }: QueryData<'memberProfiles'>): QueryAnswers['memberProfiles'] => {
    const { gid } = groups.live(app, groupId);
    const missing: string[] = [];
    function* rows(): Generator<ProfileRow> {
      for (const userId of new Set(userIds)) {
        const row = select.get(gid, userId) as ProfileRow | undefined;
        if (row === undefined) missing.push(userId);
        else yield row;
      }
    }
    const { entries: found, areAll } = taken(rows(), view);
    if (!areAll) {
      throw new CohortError(
        'TOO_LARGE',
        `These members' data don't fit into one answer of ${MAX_ANSWER_BYTES} bytes; ask for fewer.`,
      );
    }
    return { profiles: found, missing };
  };
}

const NOTHING: QueryAnswers['deliveryFor'] = { receive: false, notify: false, push: false };

/** Whether a message is pushed, by the member's mode. */
const PUSHES: Readonly<Record<PushMode, (fromAdmin: boolean, mentioned: boolean) => boolean>> = {
  0: () => true,
  1: () => false,
  2: (fromAdmin, mentioned) => fromAdmin || mentioned,
  3: (fromAdmin) => fromAdmin,
  4: (_fromAdmin, mentioned) => mentioned,
};

/** What a message service asks before it delivers. */
function delivery({ connection, groups }: ReadSide) {
  const modes = connection.prepare('SELECT mute, push FROM members WHERE gid = ? AND user = ?');
  const joinedAt = connection.prepare('SELECT joined_at FROM members WHERE gid = ? AND user = ?');
  /** The group, if it is neither unknown nor dismissed. */
  const known = (app: string, groupId: string) => {
    const group = groups.find(app, groupId);
    if (group === undefined) groups.mustBeUsable(app, groupId);
    return group && { gid: group.gid, ...groupView(group) };
  };

  return {
    deliveryFor: (query: Omit<QueryData<'deliveryFor'>, 'after'>): QueryAnswers['deliveryFor'] => {
      const { app, groupId, userId, fromAdmin = false, mentioned = false } = query;
      const group = known(app, groupId);
      if (group?.status !== 'live') return NOTHING;
      const row = modes.get(group.gid, userId) as Pick<ProfileRow, 'mute' | 'push'> | undefined;
      const mute = row?.mute ?? 0;
      if (row === undefined || mute === 2) return NOTHING;
      return { receive: true, notify: mute === 0, push: PUSHES[row.push ?? 0](fromAdmin, mentioned) };
    },

    canReadSince: ({ app, groupId, userId }: QueryData<'canReadSince'>): QueryAnswers['canReadSince'] => {
      const group = known(app, groupId);
      if (group === undefined || group.status === 'dismissed') return { canRead: false };
      const row = joinedAt.get(group.gid, userId) as { readonly joined_at: number } | undefined;
      if (row === undefined) return { canRead: false };
      return { canRead: true, since: group.settings.historyVisible ? group.createdAt : isoTime(row.joined_at) };
    },
  };
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean';

/** What members have of their own in a group: names, modes, data. */
export const memberProfile = {
  name: 'member-profile',
  hot: {
    deliveryFor: hotCheck({ groupId: isId, userId: isId }, { fromAdmin: isFlag, mentioned: isFlag }),
    canReadSince: hotCheck({ groupId: isId, userId: isId }),
  },
  open: ({ write, read }) => ({
    group: handlers(write),
    queries: { memberProfiles: profiles(read), ...delivery(read) },
  }),
} satisfies ReadFeature;

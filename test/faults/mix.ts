import type { Actor, CommandData, GroupCommandName, GroupSettings } from '@cohort/contracts';
import { APP, HOT_GROUPS, SERVICE, STAYING, USERS, type PlannedCommand } from './plan';
import type { Random } from './random';

/** The mix of commands that callers send to the groups that they share. */

/** What one command is made of. */
interface Draw {
  readonly random: Random;
  readonly commandId: string;
  readonly groupId: string;
  readonly isHot: boolean;
  readonly actor: Actor;
  readonly userId: string;
  readonly userIds: string[];
}

type Fields<N extends GroupCommandName> = Omit<CommandData<N>, 'app' | 'actor' | 'groupId' | 'commandId'>;

interface Kind<N extends GroupCommandName> {
  /** How often it is sent, compared with the others: to hot groups, and to groups that may end. 0: other callers send it. */
  readonly weight: readonly [hot: number, others: number];
  /** Which users send it, beside services: those whom it concerns, or any. Nobody if it is absent. */
  readonly by?: 'self' | 'anyone';
  fields(this: void, draw: Draw): Fields<N>;
}

/** The policies under which an owner's leave never ends a hot group. */
const KEEPING = ['refuse', 'oldestAdmin', 'oldestMember'] as const;
/** Bans end while processes die. */
const durationMs = ({ random }: Draw) => random.between(100, 5_000);
const some = ({ userIds }: Draw) => ({ userIds });
const one = ({ userId }: Draw) => ({ userId });
const none = () => ({});
/** Replaced by something that the group has, if it is known to have anything (`Known`). */
const UNKNOWN = '1';

const SETTING: Readonly<Record<keyof GroupSettings, (random: Random) => Partial<GroupSettings>>> = {
  visibility: (random) => ({ visibility: random.chance(0.9) ? 'public' : random.pick(['private', 'chatroom']) }),
  joinPolicy: (random) => ({
    joinPolicy: random.pick(['open', 'open', 'approval', 'approval', 'approval', 'forbidden']),
  }),
  membersMayInvite: (random) => ({ membersMayInvite: random.chance(0.5) }),
  membersMayModify: (random) => ({ membersMayModify: random.chance(0.5) }),
  readAck: (random) => ({ readAck: random.chance(0.5) }),
  historyVisible: (random) => ({ historyVisible: random.chance(0.5) }),
  hideMemberInfo: (random) => ({ hideMemberInfo: random.chance(0.5) }),
  inviteNeedsConfirm: (random) => ({ inviteNeedsConfirm: random.chance(0.8) }),
};
const settings = (random: Random, count: number): Partial<GroupSettings> =>
  Object.assign({}, ...random.some(Object.values(SETTING), count).map((one) => one(random))) as Partial<GroupSettings>;

/** A new command must be added here. */
export const MIX: { readonly [N in GroupCommandName]: Kind<N> } = {
  create: {
    weight: [0, 9],
    fields: ({ random, groupId, userId }) => ({
      name: groupId,
      owner: userId,
      members: random.some(USERS, random.between(0, 10)),
      capacity: 60,
      settings: { visibility: 'public', ...settings(random, 2) },
    }),
  },
  createOrJoin: { weight: [4, 4], fields: some },
  dismiss: { weight: [0, 1.5], by: 'anyone', fields: none },
  // Of hot groups, one caller disables them for a while.
  disable: { weight: [0, 1.5], fields: none },
  enable: { weight: [0, 5], fields: none },
  join: { weight: [12, 12], by: 'self', fields: one },
  leave: {
    weight: [9, 9],
    fields: ({ random, isHot, userId }) => ({
      userId,
      ownerPolicy: random.pick(isHot ? KEEPING : [...KEEPING, 'dismiss' as const]),
    }),
  },
  leaveMany: {
    weight: [2, 2],
    fields: (draw) => ({ ...some(draw), ownerPolicy: draw.random.pick(KEEPING) }),
  },
  eraseMember: { weight: [1, 1], fields: one },
  eraseRequests: { weight: [1, 1], fields: one },
  addMembers: { weight: [8, 8], by: 'anyone', fields: some },
  kick: { weight: [6, 6], by: 'anyone', fields: some },
  transfer: {
    weight: [6, 6],
    by: 'anyone',
    fields: ({ random, isHot, userId }) => ({
      newOwner: isHot && random.chance(0.5) ? random.pick(STAYING) : userId,
      ...(random.chance(0.2) ? { addIfMissing: true } : {}),
    }),
  },
  grantAdmins: {
    weight: [3, 3],
    by: 'anyone',
    fields: ({ random, userIds }) => ({ userIds: [...userIds, random.pick(STAYING)] }),
  },
  revokeAdmins: { weight: [2, 2], by: 'anyone', fields: some },
  changeInfo: {
    weight: [3, 3],
    by: 'anyone',
    fields: ({ groupId, commandId }) => ({ name: `${groupId} by ${commandId}` }),
  },
  changeSettings: { weight: [3, 3], by: 'anyone', fields: ({ random }) => settings(random, 2) },
  changeCapacity: { weight: [1, 1], by: 'anyone', fields: ({ random }) => ({ capacity: random.between(60, 90) }) },
  ban: { weight: [4, 4], by: 'anyone', fields: (draw) => ({ ...some(draw), durationMs: durationMs(draw) }) },
  unban: { weight: [2, 2], by: 'anyone', fields: some },
  expireBans: { weight: [1, 1], fields: some },
  banAll: { weight: [2, 2], by: 'anyone', fields: (draw) => ({ durationMs: durationMs(draw) }) },
  unbanAll: { weight: [1, 1], by: 'anyone', fields: none },
  expireBanAll: { weight: [1, 1], fields: none },
  allowToSpeak: { weight: [2, 2], by: 'anyone', fields: some },
  disallowToSpeak: { weight: [2, 2], by: 'anyone', fields: some },
  block: { weight: [1, 1], by: 'anyone', fields: some },
  unblock: { weight: [3, 3], by: 'anyone', fields: some },
  postAnnouncement: {
    weight: [2, 2],
    by: 'anyone',
    fields: ({ commandId }) => ({ title: 'News', content: `By ${commandId}` }),
  },
  deleteAnnouncement: { weight: [2, 2], by: 'anyone', fields: () => ({ announcementId: UNKNOWN }) },
  shareFile: {
    weight: [2, 2],
    by: 'anyone',
    fields: ({ commandId }) => ({ name: commandId, size: 1_024, url: 'https://example.org/plan.pdf' }),
  },
  renameFile: {
    weight: [2, 2],
    by: 'anyone',
    fields: ({ commandId }) => ({ fileId: UNKNOWN, name: `by ${commandId}` }),
  },
  removeFiles: { weight: [2, 2], by: 'anyone', fields: () => ({ fileIds: [UNKNOWN] }) },
  setDisplayName: {
    weight: [2, 2],
    by: 'self',
    fields: ({ userId, commandId }) => ({ userId, displayName: `Called ${commandId}` }),
  },
  setMuteMode: {
    weight: [2, 2],
    by: 'self',
    fields: ({ random, userId }) => ({ userId, mode: random.pick([0, 1, 2] as const) }),
  },
  setPushMode: {
    weight: [2, 2],
    by: 'self',
    fields: ({ random, userId }) => ({ userId, mode: random.pick([0, 1, 2, 3, 4] as const) }),
  },
  setMemberExtra: {
    weight: [2, 2],
    by: 'self',
    fields: ({ userId, commandId }) => ({ userId, set: [{ key: 'nick', text: commandId }] }),
  },
  apply: {
    weight: [6, 6],
    by: 'self',
    fields: ({ random, userId }) => ({ userId, ...(random.chance(0.3) ? { reason: 'Please' } : {}) }),
  },
  handleApplication: {
    weight: [5, 5],
    by: 'anyone',
    fields: ({ random, userId }) => ({ userId, approve: random.chance(0.7) }),
  },
  withdrawApplication: { weight: [1, 1], by: 'self', fields: one },
  expireApplications: { weight: [1, 1], fields: some },
  invite: {
    weight: [4, 4],
    by: 'anyone',
    fields: (draw) => ({ ...some(draw), ...(draw.random.chance(0.3) ? { reason: 'Join us' } : {}) }),
  },
  handleInvitation: {
    weight: [4, 4],
    by: 'self',
    fields: ({ random, userId }) => ({ userId, approve: random.chance(0.7) }),
  },
  withdrawInvitations: { weight: [1, 1], by: 'anyone', fields: some },
  expireInvitations: { weight: [1, 1], fields: some },
  setAttributes: {
    weight: [1, 1],
    by: 'anyone',
    fields: ({ random }) => ({ set: [{ key: 'type', text: random.chance(0.5) ? '1' : '2' }] }),
  },
  changeJoinKey: { weight: [1, 1], by: 'anyone', fields: none },
  // The code is one that the group has (`Known`).
  joinByCode: { weight: [3, 3], by: 'self', fields: ({ userId }) => ({ userId, code: UNKNOWN }) },
  // One caller imports groups of its own, from their start to their end.
  importGroup: {
    weight: [0, 0],
    fields: ({ userId, groupId }) => ({ importId: groupId, name: groupId, owner: userId }),
  },
  importMembers: {
    weight: [0, 0],
    fields: ({ userId, groupId }) => ({ importId: groupId, chunk: 0, members: [{ userId }] }),
  },
  completeImport: { weight: [0, 0], fields: ({ groupId }) => ({ importId: groupId, chunks: 1 }) },
};

export const COMMANDS = Object.keys(MIX) as GroupCommandName[];
/** The commands of which some must have an effect in a long run. The worker alone may announce all ends. */
export const EFFECTIVE = COMMANDS.filter((name) => !name.startsWith('expire'));

const GROUPS_PER_EPOCH = 8;

/** What is answered soon by the same caller, often: it may run out before another one happens to do so. */
const ANSWERS: Partial<Readonly<Record<GroupCommandName, GroupCommandName>>> = {
  apply: 'handleApplication',
  invite: 'handleInvitation',
  ban: 'unban',
  banAll: 'unbanAll',
};
const ANSWERED = 0.4;

/**
 * A command of the mix. Groups of an epoch are made by the first that create them, and may be dismissed.
 * @param before the caller's command before this one
 */
export function commandOf(random: Random, commandId: string, epoch: number, before?: PlannedCommand): PlannedCommand {
  const answer = before && random.chance(ANSWERED) ? ANSWERS[before.name] : undefined;
  const isHot = answer ? HOT_GROUPS.some((id) => id === before?.data.groupId) : random.chance(0.4);
  const anyGroup = isHot ? random.pick(HOT_GROUPS) : `g${epoch}-${random.between(0, GROUPS_PER_EPOCH - 1)}`;
  const groupId = answer && before ? before.data.groupId : anyGroup;
  const name = answer ?? nameOf(random, isHot ? 0 : 1);
  const { by, fields } = MIX[name] as Kind<GroupCommandName>;
  const userId = random.pick(USERS);
  const id = by === 'self' ? userId : random.pick([...USERS, ...STAYING, ...STAYING]);
  const actor: Actor = by !== undefined && random.chance(0.3) ? { type: 'user', id } : SERVICE;
  const userIds = random.some(USERS, random.between(1, 5));
  const named = answer && before && 'userIds' in before.data ? before.data.userIds : undefined;
  const draw = { random, commandId, groupId, isHot, actor, userId, userIds: named ?? userIds };
  return { name, data: { app: APP, groupId, commandId, actor, ...fields(draw) } } as PlannedCommand;
}

function nameOf(random: Random, place: 0 | 1): GroupCommandName {
  const sum = COMMANDS.reduce((total, name) => total + MIX[name].weight[place], 0);
  let left = random.next() * sum;
  for (const name of COMMANDS) {
    left -= MIX[name].weight[place];
    if (left < 0) return name;
  }
  return 'join';
}

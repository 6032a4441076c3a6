import type { GroupEventData, GroupEventType } from './registry';
import { isRecord } from './shape';

/** The names of all fields of groups' events. */
type Field = { [T in GroupEventType]: keyof GroupEventData[T] }[GroupEventType];

/**
 * What a field of an event's data holds, by its name: one user's id, a list of objects with a `userId`, or neither. A new field
 * must be added here.
 */
const FIELDS: Readonly<Record<Field, 'user' | 'users' | 'other'>> = {
  userId: 'user',
  owner: 'user',
  from: 'user',
  to: 'user',
  by: 'user',
  inviter: 'user',
  uploader: 'user',
  author: 'user',
  syncOf: 'user',
  members: 'users',
  users: 'users',
  invitees: 'users',
  announcementId: 'other',
  fileId: 'other',
  name: 'other',
  numericId: 'other',
  capacity: 'other',
  memberCount: 'other',
  description: 'other',
  avatar: 'other',
  ext: 'other',
  settings: 'other',
  sync: 'other',
  visibility: 'other',
  joinPolicy: 'other',
  membersMayInvite: 'other',
  membersMayModify: 'other',
  readAck: 'other',
  historyVisible: 'other',
  hideMemberInfo: 'other',
  inviteNeedsConfirm: 'other',
  threads: 'other',
  reason: 'other',
  createdAt: 'other',
  removed: 'other',
  displayName: 'other',
  via: 'other',
  until: 'other',
  endedAt: 'other',
  title: 'other',
  content: 'other',
  size: 'other',
  type: 'other',
  url: 'other',
  files: 'other',
  applicationId: 'other',
  expiresAt: 'other',
  invitationId: 'other',
  key: 'other',
  importId: 'other',
  chunks: 'other',
  ownerJoinedAt: 'other',
  chunk: 'other',
  mode: 'other',
  set: 'other',
};
const HOLDS = new Map<string, string>(Object.entries(FIELDS));
const holds = (field: string): string | undefined => HOLDS.get(field);

/** Whether a field of this name holds users' ids. */
export const namesUsers = (field: string): boolean => (holds(field) ?? 'other') !== 'other';

/**
 * The users that an event's data names, each once. It goes by the names of the fields, so that it holds for events of every
 * type.
 */
export function usersNamedIn(data: object): string[] {
  const users = new Set<string>();
  for (const [field, value] of Object.entries(data) as [string, unknown][]) {
    if (typeof value === 'string' && holds(field) === 'user') users.add(value);
    if (!Array.isArray(value) || holds(field) !== 'users') continue;
    for (const item of value as unknown[]) {
      if (isRecord(item) && typeof item.userId === 'string') users.add(item.userId);
    }
  }
  return [...users];
}

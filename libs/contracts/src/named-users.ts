import { isRecord } from './shape';

/** Fields of events' data that hold one user's id. */
const ONE_USER: ReadonlySet<string> = new Set([
  'userId',
  'owner',
  'newOwner',
  'from',
  'to',
  'by',
  'inviter',
  'invitee',
  'uploader',
  'author',
  'syncOf',
]);
/** Fields that hold a list of users' ids. */
const SEVERAL_USERS: ReadonlySet<string> = new Set(['userIds', 'inviters', 'users']);

/**
 * The users that an event's data names, each once: in the fields above, and in lists of objects that have a `userId`. It goes
 * by the names of the fields, so that it holds for events of every type.
 */
export function usersNamedIn(data: object): string[] {
  const users = new Set<string>();
  for (const [field, value] of Object.entries(data) as [string, unknown][]) {
    if (typeof value === 'string') {
      if (ONE_USER.has(field)) users.add(value);
    } else if (Array.isArray(value)) {
      for (const item of value as unknown[]) {
        if (typeof item === 'string') {
          if (SEVERAL_USERS.has(field)) users.add(item);
        } else if (isRecord(item) && typeof item.userId === 'string') users.add(item.userId);
      }
    }
  }
  return [...users];
}

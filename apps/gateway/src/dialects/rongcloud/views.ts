import type { BannedUserView, BanView, QueryAnswers } from '@cohort/contracts';
import type { Schema } from '../../dialect/fields';
import { list, one } from './envelope';
import type { RongCloudSettings } from './settings';
import { localTime } from './times';

/** What answers need of a call. */
interface OfTenant {
  readonly tenant: { readonly settings: RongCloudSettings };
}

const object = (...fields: string[]): Schema => ({
  type: 'object',
  properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])),
  required: fields,
});

/** The members of a group, in the order in which they joined. */
export const users = list('users', object('id'), { id: 'u1' }, (pages: readonly QueryAnswers['members'][]) =>
  pages.flatMap(({ members }) => members).map(({ userId }) => ({ id: userId })),
);

/** The groups of a user. */
export const groups = list(
  'groups',
  object('id', 'name'),
  { id: 'g1', name: 'Sales' },
  (pages: readonly QueryAnswers['userGroups'][]) =>
    pages.flatMap((page) => page.groups).map(({ groupId, name }) => ({ id: groupId, name })),
);

/** The muted users of a group, or of all: since when, and until when. */
export const muted = list(
  'users',
  object('userId', 'time', 'startTime'),
  { userId: 'u1', time: '2015-09-25 16:12:38', startTime: '2015-09-25 15:12:38' },
  (bans: readonly (BanView | BannedUserView)[], { tenant: { settings } }: OfTenant) =>
    bans.map(({ userId, until, bannedAt }) => ({
      userId,
      time: localTime(until, settings),
      startTime: localTime(bannedAt, settings),
    })),
);

/** Which groups are muted: 1, or 0. */
export const mutedGroups = list(
  'groupinfo',
  {
    type: 'object',
    properties: { groupId: { type: 'string' }, stat: { type: 'integer', enum: [0, 1] } },
    required: ['groupId', 'stat'],
  },
  { groupId: 'g1', stat: 1 },
  (groups: readonly { readonly groupId: string; readonly isMuted: boolean }[]) =>
    groups.map(({ groupId, isMuted }) => ({ groupId, stat: isMuted ? 1 : 0 })),
);

/** The members that may speak in a muted group. */
export const allowed = list('userIds', { type: 'string' }, 'u1', (pages: readonly QueryAnswers['allowList'][]) =>
  pages.flatMap(({ members }) => members).map(({ userId }) => userId),
);

/** A member's name in the group; empty without one. */
export const remark = one(
  'remark',
  { type: 'string' },
  'Ann',
  (profiles: QueryAnswers['memberProfiles'] | undefined) => profiles?.profiles[0]?.displayName ?? '',
);

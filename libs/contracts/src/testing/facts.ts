import type { EventTypes } from '../event';
import { GROUP_EVENTS, USER_EVENTS, USER_NUMBER_EVENTS } from '../registry';
import { DEFAULT_SETTINGS } from '../terms';
import type {
  Actor,
  GroupEvent,
  GroupEventData,
  ImportedMember,
  JoinVia,
  SyncedGroup,
  UserEvent,
  UserEventData,
  UserBanEvent,
  UserBanEventData,
  UserNumberEvent,
  PersonalText,
} from '..';

/** The builders of events for tests. Each returns an event that the domain could have written. */

export const service: Actor = { type: 'service' };
export const user = (id: string): Actor => ({ type: 'user', id });

const members = (userIds: readonly string[]) => userIds.map((userId) => ({ userId }));
const fact = <T extends GroupEvent['type']>(type: T, data: GroupEventData[T]) =>
  ({ type, data }) as Extract<GroupEvent, { type: T }>;
const userFact = <T extends UserEvent['type']>(type: T, data: UserEventData[T]) =>
  ({ type, data }) as Extract<UserEvent, { type: T }>;

export const created = (owner: string, over: Partial<GroupEventData['created']> = {}) =>
  fact('created', {
    name: 'Sales',
    owner,
    numericId: '4503599627370496',
    capacity: 10,
    memberCount: 1,
    settings: DEFAULT_SETTINGS,
    ...over,
  });

export const dismissed = (reason: GroupEventData['dismissed']['reason'] = 'requested') =>
  fact('dismissed', { reason, threads: true });

export const disabled = () => fact('disabled', { threads: true });

export const enabled = () => fact('enabled', { threads: true });

export const settingsChanged = (data: GroupEventData['settingsChanged']) => fact('settingsChanged', data);

export const capacityChanged = (capacity: number) => fact('capacityChanged', { capacity });

export const infoChanged = (data: GroupEventData['infoChanged']) => fact('infoChanged', data);

/** @param memberCount members after the event */
export const joined = (via: JoinVia, memberCount: number, ...userIds: string[]) =>
  fact('memberJoined', { members: members(userIds), via, memberCount });

/**
 * @param by the user who brought them in
 * @param memberCount members after the event
 */
export const joinedBy = (via: JoinVia, by: string, memberCount: number, ...userIds: string[]) =>
  fact('memberJoined', { members: members(userIds), via, by, memberCount });

/** @param memberCount members after the event */
export const left = (memberCount: number, ...userIds: string[]) =>
  fact('memberLeft', { members: members(userIds), memberCount });

/** @param memberCount members after the event */
export const kicked = (memberCount: number, ...userIds: string[]) =>
  fact('memberKicked', { members: members(userIds), memberCount });

export const transferred = (
  from: string,
  to: string,
  reason: GroupEventData['ownerTransferred']['reason'] = 'requested',
) => fact('ownerTransferred', { from, to, reason });

export const importStarted = (importId: string, over: Partial<GroupEventData['importStarted']> = {}) =>
  fact('importStarted', { importId, ...over });

/** @param memberCount members after the event */
export const membersImported = (chunk: number, memberCount: number, ...imported: ImportedMember[]) =>
  fact('membersImported', { chunk, members: imported, memberCount });

export const importCompleted = (chunks: number, memberCount: number) =>
  fact('importCompleted', { chunks, memberCount });

export const adminGranted = (...userIds: string[]) => fact('adminGranted', { members: members(userIds) });

export const adminRevoked = (...userIds: string[]) => fact('adminRevoked', { members: members(userIds) });

export const announcementPosted = (announcementId: string, over: Partial<GroupEventData['announcementPosted']> = {}) =>
  fact('announcementPosted', { announcementId, author: 'o', title: 'News', content: 'All is well.', ...over });

export const announcementDeleted = (announcementId: string) => fact('announcementDeleted', { announcementId });

export const fileShared = (fileId: string, uploader: string, over: Partial<GroupEventData['fileShared']> = {}) =>
  fact('fileShared', {
    fileId,
    name: 'plan.pdf',
    size: 1_024,
    type: 'application/pdf',
    url: 'https://example.org/plan.pdf',
    uploader,
    ...over,
  });

export const fileRenamed = (fileId: string, name: string) => fact('fileRenamed', { fileId, name });

export const fileRemoved = (...files: readonly (readonly [fileId: string, uploader: string])[]) =>
  fact('fileRemoved', { files: files.map(([fileId, uploader]) => ({ fileId, uploader })) });
/** An end in milliseconds since 1970, as a field of an event. */
const endAt = <F extends string>(field: F, end: number | undefined) =>
  (end === undefined ? {} : { [field]: new Date(end).toISOString() }) as Partial<Record<F, string>>;

/** @param until when the ban ends by itself, in milliseconds since 1970 */
export const banned = (until: number | undefined, ...userIds: string[]) =>
  fact('banned', { users: members(userIds), ...endAt('until', until) });

export const unbanned = (...userIds: string[]) => fact('unbanned', { users: members(userIds), reason: 'lifted' });

/** @param endedAt milliseconds since 1970 */
export const banExpired = (endedAt: number, ...userIds: string[]) =>
  fact('unbanned', { users: members(userIds), reason: 'expired', ...endAt('endedAt', endedAt) });

/** @param until when the ban-all ends by itself, in milliseconds since 1970 */
export const allBanned = (until?: number) => fact('allBanned', endAt('until', until));

export const allUnbanned = () => fact('allUnbanned', { reason: 'lifted' });

/** @param endedAt milliseconds since 1970 */
export const banAllExpired = (endedAt: number) =>
  fact('allUnbanned', { reason: 'expired', ...endAt('endedAt', endedAt) });

export const allowListed = (...userIds: string[]) => fact('allowListed', { users: members(userIds) });

export const allowListRemoved = (...userIds: string[]) => fact('allowListRemoved', { users: members(userIds) });

export const blocked = (...userIds: string[]) => fact('blocked', { users: members(userIds) });

export const unblocked = (...userIds: string[]) => fact('unblocked', { users: members(userIds) });

/** Times of events are in ISO 8601. */
const iso = (ms: number): string => new Date(ms).toISOString();

export const applied = (userId: string, number: number, expiresAt: number, reason?: PersonalText) =>
  fact('applied', {
    userId,
    applicationId: String(number),
    ...(reason === undefined ? {} : { reason }),
    expiresAt: iso(expiresAt),
  });

export const applicationApproved = (userId: string, number: number, by?: string) =>
  fact('applicationApproved', { userId, applicationId: String(number), ...(by === undefined ? {} : { by }) });

export const applicationDeclined = (userId: string, number: number, by?: string) =>
  fact('applicationDeclined', { userId, applicationId: String(number), ...(by === undefined ? {} : { by }) });

export const applicationWithdrawn = (userId: string, number: number) =>
  fact('applicationWithdrawn', { userId, applicationId: String(number) });

export const applicationExpired = (userId: string, number: number, endedAt: number) =>
  fact('applicationExpired', { userId, applicationId: String(number), endedAt: iso(endedAt) });

/** Users with the numbers of their invitations. */
type Numbered = Readonly<Record<string, number>>;
const invitees = (numbered: Numbered) =>
  Object.entries(numbered).map(([userId, number]) => ({ userId, invitationId: String(number) }));

export const invited = (inviter: string, numbered: Numbered, expiresAt: number, reason?: PersonalText) =>
  fact('invited', {
    invitees: invitees(numbered),
    inviter,
    ...(reason === undefined ? {} : { reason }),
    expiresAt: iso(expiresAt),
  });

export const invitationAccepted = (userId: string, number: number, inviter: string) =>
  fact('invitationAccepted', { userId, invitationId: String(number), inviter });

export const invitationDeclined = (userId: string, number: number, inviter: string) =>
  fact('invitationDeclined', { userId, invitationId: String(number), inviter });

export const invitationWithdrawn = (numbered: Numbered) =>
  fact('invitationWithdrawn', { invitees: invitees(numbered) });

export const invitationExpired = (numbered: Numbered, endedAt: number) =>
  fact('invitationExpired', { invitees: invitees(numbered), endedAt: iso(endedAt) });

export const attributesSet = (set: Readonly<Record<string, string>>, removed: readonly string[] = []) =>
  fact('attributesSet', { set, removed });

export const joinKeyChanged = (key: number) => fact('joinKeyChanged', { key });

/** The same event, as part of a sync. */
export const ofSync = <E extends GroupEvent>(sync: number, event: E): E => ({
  ...event,
  data: { ...event.data, sync },
});

export const syncRequested = (groups: readonly SyncedGroup[], capacity?: number) =>
  userFact('syncRequested', { groups, ...(capacity === undefined ? {} : { capacity }) });

export const erasureRequested = (erase: UserEventData['syncRequested']['erase'] = {}) =>
  userFact('syncRequested', { groups: [], erase });

export const syncCompleted = (sync: number, position: string, skipped: readonly string[] = []) =>
  userFact('syncCompleted', { sync, position, skipped });

/** @param number a decimal from 2^52 to 2^53-1 */
export const numberAssigned = (number: string): UserNumberEvent => ({ type: 'numberAssigned', data: { number } });
export const displayNameChanged = (userId: string, displayName: PersonalText) =>
  fact('displayNameChanged', { userId, displayName });

export const muteModeSet = (userId: string, mode: number) => fact('muteModeSet', { userId, mode });

export const pushModeSet = (userId: string, mode: number) => fact('pushModeSet', { userId, mode });

export const memberExtraSet = (
  userId: string,
  set: Readonly<Record<string, PersonalText>>,
  removed: readonly string[] = [],
) => fact('memberExtraSet', { userId, set, removed });

const userBanFact = <T extends UserBanEvent['type']>(type: T, data: UserBanEventData[T]) =>
  ({ type, data }) as Extract<UserBanEvent, { type: T }>;

/** @param until ISO 8601 UTC */
export const banEverywhereRequested = (until?: string) =>
  userBanFact('banEverywhereRequested', until === undefined ? {} : { until });

export const unbanEverywhereRequested = () => userBanFact('unbanEverywhereRequested', {});

export const banEverywhereCompleted = (request: number, position: string, skipped: readonly string[] = []) =>
  userBanFact('banEverywhereCompleted', { request, position, skipped });

/** The newest version of an event type; 1 of one that no feature declares. */
export const newestVersion = (type: string): number =>
  (({ ...GROUP_EVENTS, ...USER_EVENTS, ...USER_NUMBER_EVENTS }) as EventTypes)[type]?.version ?? 1;

import { isAppId, isId } from './ids';

/**
 * The names of streams (docs/decisions/0001-streams.md). The category ends at the first `-`. A tenant's id has no `/`, so
 * the first `/` ends it, and group and user ids are written as they are.
 */
export interface Owned {
  readonly app: string;
  readonly id: string;
}

export const GROUP_STREAM_PREFIX = 'group-';
export const USER_STREAM_PREFIX = 'user-';
export const USER_KEY_STREAM_PREFIX = 'userKey-';
export const USER_BAN_STREAM_PREFIX = 'userBan-';
export const USER_NUMBER_STREAM_PREFIX = 'userNumber-';
export const METADATA_STREAM_PREFIX = '$$';

/** The stream with one event, `storeCreated`, whose data is the store's UUID. */
export const STORE_STREAM = 'cohort-store';
/** Marks of the log's end, which every follower of the log is sent (`head` in libs/event-store). */
export const HEAD_STREAM = 'cohort-head';

/** A stream without events. Its metadata is written to find out whether the store writes again. */
export const PROBE_STREAM = 'cohort-probe';

/** The stream of a group's events: the source of truth. */
export const groupStream = (app: string, groupId: string): string => `${GROUP_STREAM_PREFIX}${app}/${groupId}`;

/** The stream of a user's wishes across groups (syncs). */
export const userStream = (app: string, userId: string): string => `${USER_STREAM_PREFIX}${app}/${userId}`;

/** The stream of the keys of a user's personal texts. With an empty user: the tenant's own. Erasure deletes it. */
export const userKeyStream = (app: string, userId: string): string => `${USER_KEY_STREAM_PREFIX}${app}/${userId}`;

/** The stream of a user's number. Its first event gives the number, which never changes. */
export const userNumberStream = (app: string, userId: string): string => `${USER_NUMBER_STREAM_PREFIX}${app}/${userId}`;

/** The stream of the requests to ban a user in all their groups. */
export const userBanStream = (app: string, userId: string): string => `${USER_BAN_STREAM_PREFIX}${app}/${userId}`;

/** The stream of a group's snapshots; may be deleted at any time. */
export const snapshotStream = (app: string, groupId: string): string => `groupSnapshot-${app}/${groupId}`;

/** The stream that reserves the block of aliases with this index for one process. */
export const numericStream = (app: string, block: bigint): string => `numeric-${app}/${block}`;

/** The stream of a follower's checkpoint. It keeps one event. */
export const checkpointStream = (name: string): string => `checkpoint-${name}`;

/** The stream of a stream's metadata, which belongs to the event store: retention and access. */
export const metadataStream = (stream: string): string => `${METADATA_STREAM_PREFIX}${stream}`;

/** Tenant and id in a group's stream name; undefined for any other stream. */
export const parseGroupStream = (stream: string): Owned | undefined => parse(GROUP_STREAM_PREFIX, stream);

/** Tenant and id in a user's stream name; undefined for any other stream. */
export const parseUserStream = (stream: string): Owned | undefined => parse(USER_STREAM_PREFIX, stream);

/** Tenant and id in the name of a stream with a user's number; undefined for any other stream. */
export const parseUserNumberStream = (stream: string): Owned | undefined => parse(USER_NUMBER_STREAM_PREFIX, stream);

/** Tenant and id in the name of a stream with a user's bans; undefined for any other stream. */
export const parseUserBanStream = (stream: string): Owned | undefined => parse(USER_BAN_STREAM_PREFIX, stream);

function parse(prefix: string, stream: string): Owned | undefined {
  if (!stream.startsWith(prefix)) return undefined;
  const slash = stream.indexOf('/', prefix.length);
  if (slash < 0) return undefined;
  const owned = { app: stream.slice(prefix.length, slash), id: stream.slice(slash + 1) };
  return isAppId(owned.app) && isId(owned.id) ? owned : undefined;
}

import { ValidateIf } from 'class-validator';
import type { ErrorCode } from './errors';
import type { Actor } from './event';
import { NoticeDto, type Notice } from './notice';
import {
  boundsOf,
  IsAppId,
  IsCommandId,
  IsId,
  IsOneOf,
  IsRevision,
  Nested,
  OnlyWith,
  Optional,
  type Class,
  type RequestBounds,
} from './validation';

/** Outer bounds, for every tenant and dialect. A tenant's or a dialect's own limits are narrower. */
export const LIMITS = {
  /** Members of a group. */
  capacity: 1_000_000,
  /** First members of a new group, its owner not counted. */
  createMembers: 3_000,
  /** Users named by one command on a group that exists. */
  usersPerCommand: 1_000,
  /** Groups of one user's sync. */
  syncGroups: 5_000,
  /** Code points. */
  name: 256,
  description: 4_096,
  avatar: 2_048,
  ext: 16_384,
  announcementTitle: 512,
  announcementContent: 4_096,
  fileName: 256,
  fileType: 128,
  url: 2_048,
  /** Milliseconds of a ban with an end: as many minutes as 31 bits count. */
  banMs: (2 ** 31 - 1) * 60_000,
  /** Files named by one command. */
  filesPerCommand: 100,
  displayName: 64,
  /** Keys of a member's own data, the code points of each, and those of its text. */
  extraKeys: 32,
  extraKey: 64,
  extraText: 1_024,
  /** Attributes of a group, the code points of a key, and those of its text. */
  attributes: 8,
  attributeKey: 32,
  attributeText: 128,
  /** Reason of an application or an invitation. */
  reason: 512,
  /** Of one group. */
  pendingApplications: 10_000,
  pendingInvitations: 10_000,
} as const;

/** A union: each type has a field of its own. */
class ActorDto {
  @IsOneOf(['service', 'user'])
  type!: 'service' | 'user';

  /** The acting user. */
  @ValidateIf(({ type, id }: ActorDto) => type === 'user' || id !== undefined)
  @OnlyWith('type', 'user')
  @IsId()
  id?: string;

  /** The user for whom the service acts; recorded only. */
  @Optional()
  @OnlyWith('type', 'service')
  @IsId()
  onBehalfOf?: string;
}

/** The fields of every command. */
export abstract class Command {
  /** The tenant. On `group.v1.app.<app>.command.<name>` it may be left out: the subject names it. */
  @IsAppId()
  app!: string;

  /** The actor. A service skips role checks, never invariants. */
  @Nested(() => ActorDto, { says: '{"type":"service"} or {"type":"user","id":"..."}' })
  actor!: Actor;

  /**
   * Idempotency key. Within 24 hours (and the group's last 1,000 commands, at most its last 250,000) a repeat returns
   * the first answer and writes nothing. A UUIDv7 is best: an older one is then `COMMAND_EXPIRED`, while any other old id
   * counts as a new command. The id is scoped to its tenant and group. Without an id, each message is a new command.
   */
  @Optional()
  @IsCommandId()
  commandId?: string;

  /** The command is carried out only if the group is at this revision; else `CONCURRENCY_CONFLICT`. */
  @Optional()
  @IsRevision()
  expectedRevision?: string;

  /** Kept in the metadata of the command's events; the feed and notifications carry it. Nothing else depends on it. */
  @Optional()
  @Nested(() => NoticeDto)
  notice?: Notice;
}

/** The fields of every command on a group that exists. */
export abstract class OnGroup extends Command {
  @IsId()
  groupId!: string;
}

/** The result for one user that a command named: `ok` if it holds now, newly or already; else `code` gives the reason. */
export interface UserResult {
  readonly userId: string;
  readonly ok: boolean;
  readonly code?: ErrorCode;
}

/** The result for one file that a command named. */
export interface FileResult {
  readonly fileId: string;
  readonly ok: boolean;
  readonly code?: ErrorCode;
}

/** Answer of a command on a group. */
export interface GroupCommandAnswer {
  readonly groupId: string;
  /** Revision of the group that the answer is based on. */
  readonly revision: string;
  /**
   * Pass it as `after` to a query to read what was written. It is the position of the last event of the append that
   * wrote this revision. All commands of one append become visible together, so it may lie beyond that revision's own
   * event.
   */
  readonly position: string;
  /** Of commands that name several users: one entry for each user, in the given order, repeats once. */
  readonly results?: readonly UserResult[];
  /** Of commands that name several files: one entry for each, in the given order, repeats once. */
  readonly fileResults?: readonly FileResult[];
  /** Of `postAnnouncement`: the new announcement. */
  readonly announcementId?: string;
  /** Of `shareFile`: the new file. */
  readonly fileId?: string;
}

/** What a command may make, by the field of its answer that has the new thing's id. */
export type Made = 'announcementId' | 'fileId';

declare const ANSWER: unique symbol;

/** A command as its feature declares it. `A` is the type of its answer. */
export interface CommandDeclaration<T extends Command = Command, A = unknown> {
  readonly dto: Class<T>;
  /** The largest message that it takes. */
  readonly bounds: RequestBounds;
  /** What decides it: the stream of a group, of a user, or of a user's bans, or the tenant, if it needs no stream. */
  readonly on: 'group' | 'user' | 'userBan' | 'tenant';
  /** The field that lists users or files, each of which gets a result. */
  readonly names?: 'userIds' | 'fileIds';
  /** The field of its answer with the id of what it makes. */
  readonly makes?: Made;
  readonly [ANSWER]?: A;
}

/** A command with a list of users or files must say so. */
type Naming<T> = T extends { readonly userIds: readonly string[] }
  ? { names: 'userIds' }
  : T extends { readonly fileIds: readonly string[] }
    ? { names: 'fileIds' }
    : { names?: undefined };

/** Declares a command that one group decides. */
export const onGroup = <T extends Command>(
  dto: Class<T>,
  { names, makes }: Naming<T> & { readonly makes?: Made } = {} as never,
): CommandDeclaration<T, GroupCommandAnswer> & { readonly on: 'group' } => ({
  dto,
  bounds: boundsOf(dto),
  on: 'group',
  ...(names === undefined ? {} : { names }),
  ...(makes === undefined ? {} : { makes }),
});

/** Declares a command that one user's stream decides. */
export const onUser = <T extends Command, A>(dto: Class<T>): CommandDeclaration<T, A> & { readonly on: 'user' } => ({
  dto,
  bounds: boundsOf(dto),
  on: 'user',
});

/** Declares a command that belongs to no single group or user. */
export const onTenant = <T extends Command, A>(
  dto: Class<T>,
): CommandDeclaration<T, A> & { readonly on: 'tenant' } => ({
  dto,
  bounds: boundsOf(dto),
  on: 'tenant',
});

/** The data of a declared command. */
export type DataOfCommand<D> = D extends { readonly dto: Class<infer T extends object> } ? T : never;
/** The answer of a declared command. */
export type AnswerOfCommand<D> = D extends CommandDeclaration<infer _T, infer A> ? A : never;

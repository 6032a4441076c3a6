import { LIMITS, OnGroup, onGroup } from '../command';
import { event, MAX_MEMBERS_PER_EVENT } from '../event';
import { Query, query } from '../query';
import { SettingsDto } from '../group-settings';
import { id, listOf, maybe, Shape, shaped, wholeNumber, word } from '../shape';
import { isTime } from '../times';
import {
  IsFlag,
  IsId,
  IsLine,
  IsList,
  IsOneOf,
  IsText,
  IsTime,
  IsWhole,
  NeedsBeside,
  Nested,
  NotBeside,
  Optional,
} from '../validation';

/** The fields of every command of an import, which services send. */
abstract class OfImport extends OnGroup {
  /** The caller's name for this import of the group. The same import may be begun and continued again at any time. */
  @IsId()
  importId!: string;
}

/**
 * Begins to bring in a group that existed elsewhere, with its id. Nobody sees the group before `completeImport`, and nobody is
 * notified. Repeated with the same `importId`, it changes nothing, also with other fields. `GROUP_EXISTS` for any other group
 * with this id; `details.importId` names an unfinished import. A service's `changeCapacity` corrects its capacity.
 */
export class ImportGroup extends OfImport {
  @IsLine(LIMITS.name, 1)
  name!: string;

  @IsId()
  owner!: string;

  /** When the owner joined; default: `createdAt`. */
  @Optional()
  @IsTime()
  ownerJoinedAt?: string;

  /** When the group was made elsewhere; default: now. */
  @Optional()
  @IsTime()
  createdAt?: string;

  @Optional()
  @IsWhole(1, LIMITS.capacity)
  capacity?: number;

  @Optional()
  @IsText(LIMITS.description)
  description?: string;

  @Optional()
  @IsLine(LIMITS.avatar)
  avatar?: string;

  @Optional()
  @IsText(LIMITS.ext)
  ext?: string;

  /** Settings that are left out have their default. */
  @Optional()
  @Nested(() => SettingsDto)
  settings?: SettingsDto;

  /** The group is disabled from the beginning, as after `disable`. Default: false. */
  @Optional()
  @IsFlag()
  disabled?: boolean;
}

class ImportedMemberDto {
  @IsId()
  userId!: string;

  @Optional()
  @IsOneOf(['member', 'admin'])
  role?: 'member' | 'admin';

  /** When they joined elsewhere; default: now. */
  @Optional()
  @IsTime()
  joinedAt?: string;

  /** They may not speak: until `bannedUntil`, or for ever. Default: false. */
  @Optional()
  @IsFlag()
  banned?: boolean;

  /** The end of their ban. One that is over already is left out. */
  @Optional()
  @IsTime()
  @NeedsBeside('banned')
  bannedUntil?: string;

  /** They are no member, and may not become one. Default: false. */
  @Optional()
  @IsFlag()
  @NotBeside('role', 'joinedAt', 'banned', 'bannedUntil')
  blocked?: boolean;
}

/**
 * The next members of a group that is being imported, in the order they joined. Chunks are numbered from 0. A chunk that was
 * imported already changes nothing; one that isn't the next is `IMPORT_OUT_OF_ORDER`, whose `details.expected` is the next
 * one's number. A chunk is imported whole or not at all. A user who is a member or blocked already counts once. Users whom the
 * group blocks are among the members' entries, with `blocked: true`.
 */
export class ImportMembers extends OfImport {
  @IsWhole(0)
  chunk!: number;

  @IsList(MAX_MEMBERS_PER_EVENT, 1)
  @Nested(() => ImportedMemberDto, { each: true })
  members!: ImportedMemberDto[];
}

/**
 * Ends an import: from now on the group is like any other. `IMPORT_OUT_OF_ORDER` if not exactly this many chunks were
 * imported. Repeated, it changes nothing.
 */
export class CompleteImport extends OfImport {
  /** All chunks of the import. */
  @IsWhole(0)
  chunks!: number;
}

/** How far the import of a group is. */
export class GetImportStatus extends Query {
  @IsId()
  groupId!: string;
}

/** `GROUP_NOT_FOUND` for a group that wasn't imported. */
export interface ImportStatusAnswer {
  readonly groupId: string;
  readonly importId: string;
  /** Chunks that are imported, which is also the number of the next one. */
  readonly chunks: number;
  readonly memberCount: number;
  readonly completed: boolean;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly updatedAt: string;
}

/** `importStarted`: the group, whose `created` is right before, is being imported. It isn't visible yet. */
export interface ImportStarted {
  readonly importId: string;
  /** When the group was made elsewhere. */
  readonly createdAt?: string;
  /** When the owner joined elsewhere. */
  readonly ownerJoinedAt?: string;
}

/** A member as they were elsewhere. */
export interface ImportedMember {
  readonly userId: string;
  /** Absent for a plain member. */
  readonly role?: 'admin';
  /** When they joined elsewhere. */
  readonly joinedAt?: string;
}

/** `membersImported`: one chunk of an import. Its members weren't in an earlier chunk; there may be none. */
export interface MembersImported {
  readonly chunk: number;
  readonly members: readonly ImportedMember[];
  /** Members after this event. */
  readonly memberCount: number;
}

/** `importCompleted`: the group is visible, and like any other. */
export interface ImportCompleted {
  readonly chunks: number;
  readonly memberCount: number;
}

export const imports = {
  commands: {
    importGroup: onGroup(ImportGroup),
    importMembers: onGroup(ImportMembers),
    completeImport: onGroup(CompleteImport),
  },
  queries: { importStatus: query<GetImportStatus, ImportStatusAnswer>(GetImportStatus, ['importId', 'string']) },
  events: {
    importStarted: event<ImportStarted>({ importId: id, createdAt: maybe(isTime), ownerJoinedAt: maybe(isTime) }),
    membersImported: event<MembersImported>({
      chunk: wholeNumber,
      members: listOf(
        MAX_MEMBERS_PER_EVENT,
        shaped(new Shape<ImportedMember>({ userId: id, role: maybe(word), joinedAt: maybe(isTime) })),
      ),
      memberCount: wholeNumber,
    }),
    importCompleted: event<ImportCompleted>({ chunks: wholeNumber, memberCount: wholeNumber }),
  },
} as const;

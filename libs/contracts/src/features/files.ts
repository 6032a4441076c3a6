import { LIMITS, OnGroup, onGroup } from '../command';
import { event, notification } from '../event';
import { type ListPart, MirroredOfGroup, Query, query } from '../query';
import { id, listOf, ordinal, Shape, shaped, textUpTo, wholeNumber } from '../shape';
import { IsId, IsLine, IsList, IsOrdinal, IsWhole, Optional } from '../validation';

/**
 * Shares a file: its name and place. The file's bytes are elsewhere. By a member or a service. The answer has its `fileId`.
 * Shared again without the same `commandId`, it is another file. `FILE_LIMIT_REACHED` if the group has as many files as its
 * tenant allows; `FILE_TOO_LARGE` if the tenant allows no file of this size.
 */
export class ShareFile extends OnGroup {
  @IsLine(LIMITS.fileName, 1)
  name!: string;

  /** Bytes. */
  @IsWhole(0)
  size!: number;

  /** Such as a media type. Default: empty. */
  @Optional()
  @IsLine(LIMITS.fileType)
  type?: string;

  @IsLine(LIMITS.url, 1)
  url!: string;
}

/** Renames a file; by its uploader, the owner, an admin or a service. Else `FILE_NOT_FOUND`, `NOT_THE_UPLOADER`. */
export class RenameFile extends OnGroup {
  @IsOrdinal()
  fileId!: string;

  @IsLine(LIMITS.fileName, 1)
  name!: string;
}

/**
 * Removes files; each by its uploader, the owner, an admin or a service. `fileResults` has a result for each, with
 * `FILE_NOT_FOUND` or `NOT_THE_UPLOADER` for those that aren't removed. The others are removed.
 */
export class RemoveFiles extends OnGroup {
  @IsList(LIMITS.filesPerCommand)
  @IsOrdinal({ each: true })
  fileIds!: string[];
}

/** One file; else `FILE_NOT_FOUND`. */
export class GetFile extends Query {
  @IsId()
  groupId!: string;

  @IsOrdinal()
  fileId!: string;
}

/** A group's files, the newest first. */
export class ListFiles extends MirroredOfGroup {}

export interface FileView {
  /** Counts the group's files: a decimal from "1", never used again. */
  readonly fileId: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  readonly url: string;
  /** The user who shared it. If a service shared it for no user: the owner at that time. */
  readonly uploader: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  /** ISO 8601 UTC. */
  readonly updatedAt: string;
}

export interface FileAnswer extends FileView {
  readonly groupId: string;
  readonly revision: string;
}

/** `GROUP_DISMISSED` for a dismissed group. */
export type FilesAnswer = {
  readonly files: readonly FileView[];
  readonly total: number;
  /** The group's revision at the first page. Of changes: the revision up to which they are listed. */
  readonly revision: string;
} & ListPart;

/** `fileShared` */
export interface FileShared {
  readonly fileId: string;
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly url: string;
  readonly uploader: string;
}

/** `fileRenamed` */
export interface FileRenamed {
  readonly fileId: string;
  readonly name: string;
}

export interface RemovedFile {
  readonly fileId: string;
  readonly uploader: string;
}

/** `fileRemoved` */
export interface FileRemoved {
  readonly files: readonly RemovedFile[];
}

const removedFile = new Shape<RemovedFile>({ fileId: ordinal, uploader: id });

export const files = {
  commands: {
    shareFile: onGroup(ShareFile, { makes: 'fileId' }),
    renameFile: onGroup(RenameFile),
    removeFiles: onGroup(RemoveFiles, { names: 'fileIds' }),
  },
  queries: {
    file: query<GetFile, FileAnswer>(GetFile, ['fileId', 'string']),
    files: query<ListFiles, FilesAnswer>(ListFiles, ['files', 'list']),
  },
  events: {
    fileShared: event<FileShared>({
      fileId: ordinal,
      name: textUpTo(LIMITS.fileName),
      size: wholeNumber,
      type: textUpTo(LIMITS.fileType),
      url: textUpTo(LIMITS.url),
      uploader: id,
    }),
    fileRenamed: event<FileRenamed>({ fileId: ordinal, name: textUpTo(LIMITS.fileName) }),
    fileRemoved: event<FileRemoved>({ files: listOf(LIMITS.filesPerCommand, shaped(removedFile)) }),
  },
  notifications: {
    /** Another actor removed files that the user had shared. */
    fileRemoved: notification<{ readonly fileIds: readonly string[] }>(),
  },
} as const;

import { LIMITS, OnGroup, onGroup } from '../command';
import { event } from '../event';
import { type ListPart, MirroredOfGroup, Query, query } from '../query';
import { id, ordinal, textUpTo } from '../shape';
import { IsId, IsLine, IsOrdinal, IsText } from '../validation';

/**
 * Posts an announcement; by the owner, an admin or a service. The answer has its `announcementId`. Posted again without the
 * same `commandId`, it is another announcement. `ANNOUNCEMENT_LIMIT_REACHED` if the group has as many as its tenant allows.
 */
export class PostAnnouncement extends OnGroup {
  @IsLine(LIMITS.announcementTitle)
  title!: string;

  @IsText(LIMITS.announcementContent, 1)
  content!: string;
}

/** Deletes an announcement; by the owner, an admin or a service. Else `ANNOUNCEMENT_NOT_FOUND`. */
export class DeleteAnnouncement extends OnGroup {
  @IsOrdinal()
  announcementId!: string;
}

/** One announcement; else `ANNOUNCEMENT_NOT_FOUND`. */
export class GetAnnouncement extends Query {
  @IsId()
  groupId!: string;

  @IsOrdinal()
  announcementId!: string;
}

/** The newest announcement; `ANNOUNCEMENT_NOT_FOUND` if there is none. */
export class GetLastAnnouncement extends Query {
  @IsId()
  groupId!: string;
}

/** A group's announcements, the newest first. */
export class ListAnnouncements extends MirroredOfGroup {}

export interface AnnouncementView {
  /** Counts the group's announcements: a decimal from "1", never used again. */
  readonly announcementId: string;
  /** The user who posted it. If a service posted it for no user: the owner at that time. */
  readonly author: string;
  readonly title: string;
  readonly content: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
}

export interface AnnouncementAnswer extends AnnouncementView {
  readonly groupId: string;
  readonly revision: string;
}

/** `GROUP_DISMISSED` for a dismissed group. */
export type AnnouncementsAnswer = {
  readonly announcements: readonly AnnouncementView[];
  readonly total: number;
  /** The group's revision at the first page. Of changes: the revision up to which they are listed. */
  readonly revision: string;
} & ListPart;

/** `announcementPosted` */
export interface AnnouncementPosted {
  readonly announcementId: string;
  readonly author: string;
  readonly title: string;
  readonly content: string;
}

/** `announcementDeleted` */
export interface AnnouncementDeleted {
  readonly announcementId: string;
}

export const announcements = {
  commands: {
    postAnnouncement: onGroup(PostAnnouncement, { makes: 'announcementId' }),
    deleteAnnouncement: onGroup(DeleteAnnouncement),
  },
  queries: {
    announcement: query<GetAnnouncement, AnnouncementAnswer>(GetAnnouncement, ['announcementId', 'string']),
    lastAnnouncement: query<GetLastAnnouncement, AnnouncementAnswer>(GetLastAnnouncement, ['announcementId', 'string']),
    announcements: query<ListAnnouncements, AnnouncementsAnswer>(ListAnnouncements, ['announcements', 'list']),
  },
  events: {
    announcementPosted: event<AnnouncementPosted>({
      announcementId: ordinal,
      author: id,
      title: textUpTo(LIMITS.announcementTitle),
      content: textUpTo(LIMITS.announcementContent),
    }),
    announcementDeleted: event<AnnouncementDeleted>({ announcementId: ordinal }),
  },
} as const;

import { notifiesNobody, type Rules } from './rule';

/** An announcement concerns every member alike: they see it in the feed. */
export const announcements: Rules<'announcementPosted' | 'announcementDeleted'> = {
  announcementPosted: notifiesNobody,
  announcementDeleted: notifiesNobody,
};

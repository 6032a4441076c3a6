import type { GroupCommandData } from '@cohort/contracts';
import { refuse, type DecideContext, type Decision } from '../../decision';
import { authorOf } from '../../facts/author';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Posts an announcement under the group's next number. */
export function postAnnouncement(
  { actor, title, content }: GroupCommandData<'postAnnouncement'>,
  group: LiveGroup,
  { limits: { announcementsPerGroup: limit } }: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('postAnnouncement', actor, group);
  if (forbidden) return forbidden;
  if (group.announcements.ids.size >= limit) {
    const message = `The group may have at most ${limit} announcements; delete some first.`;
    return refuse('ANNOUNCEMENT_LIMIT_REACHED', message, { limit });
  }
  const announcementId = String(group.announcements.last + 1);
  const data = { announcementId, author: authorOf(actor, group), title, content };
  return { ok: true, events: [{ type: 'announcementPosted', data }], made: announcementId };
}

import type { GroupCommandData } from '@cohort/contracts';
import { accept, refuse, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Deletes an announcement that is there. */
export function deleteAnnouncement(
  { actor, announcementId }: GroupCommandData<'deleteAnnouncement'>,
  group: LiveGroup,
): Decision {
  const forbidden = mustBeAllowed('deleteAnnouncement', actor, group);
  if (forbidden) return forbidden;
  if (!group.announcements.ids.has(announcementId)) {
    const message = `The group has no announcement ${announcementId}.`;
    return refuse('ANNOUNCEMENT_NOT_FOUND', message, { announcementId });
  }
  return accept([{ type: 'announcementDeleted', data: { announcementId } }]);
}

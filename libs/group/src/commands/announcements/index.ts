import { onLive, type Deciders } from '../decider';
import { deleteAnnouncement } from './deleteAnnouncement';
import { postAnnouncement } from './postAnnouncement';

export const announcements = {
  postAnnouncement: onLive(postAnnouncement),
  deleteAnnouncement: onLive(deleteAnnouncement),
} satisfies Deciders;

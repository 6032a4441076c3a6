import * as fc from 'fast-check';
import { actor, type Samples } from './sample';

const announcementId = fc.constantFrom('1', '2', '3');

export const announcements = {
  postAnnouncement: {
    fields: fc.record({ actor, title: fc.constantFrom('', 'a'), content: fc.constantFrom('a', 'b') }),
    example: () => ({ title: 'News', content: 'All is well.' }),
    holds: (_data, state) => state.status === 'live' && state.announcements.ids.has(String(state.announcements.last)),
    addsEachTime: true,
  },
  deleteAnnouncement: {
    fields: fc.record({ actor, announcementId }),
    example: () => ({ announcementId: '1' }),
    holds: ({ announcementId: id }, state) => state.status === 'live' && !state.announcements.ids.has(id),
  },
} satisfies Samples;

import { IdSet } from './id-set';
import { portionsBySize, type Slice } from './slice';

/** Which announcements a group has. */
export interface Announcements {
  /** The number of the newest one that was ever posted. */
  readonly last: number;
  /** Ids of those that weren't deleted. */
  readonly ids: IdSet;
}

export type AnnouncementsPart = Pick<Announcements, 'last'> | { readonly ids: readonly string[] };

const ANNOUNCEMENT_BYTES = 128;

export const announcements: Slice<Announcements, AnnouncementsPart> = {
  version: 1,
  initial: { last: 0, ids: IdSet.empty },
  evolve: {
    announcementPosted: ({ last, ids }, { announcementId }) => ({
      last: Math.max(last, Number(announcementId)),
      ids: ids.with([announcementId]),
    }),
    announcementDeleted: (state, { announcementId }) => ({ ...state, ids: state.ids.without([announcementId]) }),
  },
  *pack({ last, ids }) {
    if (last > 0) yield { last };
    for (const portion of portionsBySize(ids)) yield { ids: portion };
  },
  unpack: (state, part) => ('last' in part ? { ...state, ...part } : { ...state, ids: state.ids.with(part.ids) }),
  weigh: ({ ids }) => ANNOUNCEMENT_BYTES * ids.size,
};

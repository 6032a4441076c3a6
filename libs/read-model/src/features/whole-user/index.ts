import type { QueryAnswers, QueryData } from '@cohort/contracts';
import type { ReadFeature } from '../../feature';
import { exported } from './export';
import { openRequests } from './open-requests';

/** Users as a whole. */
export const wholeUser = {
  name: 'whole-user',
  open: ({ read }) => {
    const exportUser: (query: QueryData<'exportUser'>) => QueryAnswers['exportUser'] = exported(read);
    return { queries: { exportUser, openRequests: openRequests(read) } };
  },
} satisfies ReadFeature;

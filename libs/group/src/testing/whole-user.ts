import * as fc from 'fast-check';
import { actor, isMember, sync, userId, type Samples } from './sample';

export const wholeUser = {
  eraseMember: {
    fields: fc.record({
      ...{ actor, userId, sync },
      ownerPolicy: fc.constantFrom('oldestAdmin', 'oldestMember', 'dismiss' as const),
    }),
    example: (id) => ({ userId: id }),
    holds: ({ userId: id }, state) => !isMember(state, id),
  },
} satisfies Samples;

import * as fc from 'fast-check';
import { writeJoinCode } from '@cohort/contracts';
import { AT, CODE_SECRET } from './given';
import { actor, isMember, userId, type Samples } from './sample';

/** A join code of group `g`, of its first key. */
export const codeOf = (over: Partial<Parameters<typeof writeJoinCode>[0]> = {}, secret = CODE_SECRET): string =>
  writeJoinCode({ groupId: 'g', key: 0, createdAt: AT, expiresAt: AT + 60_000, ...over }, secret);

const code = fc.constantFrom(codeOf(), codeOf({ by: 'u1' }), codeOf({ key: 1 }), codeOf({ expiresAt: AT + 10 }));

export const joinKeys = {
  changeJoinKey: {
    fields: fc.record({ actor }),
    example: () => ({}),
    addsEachTime: true,
    holds: (_data, state) => state.status === 'live' && state.joinKeys.key > 0,
  },
  joinByCode: {
    fields: fc.record({ actor, userId, code }),
    example: (id) => ({ userId: id, code: codeOf() }),
    holds: ({ userId: id }, state) => isMember(state, id),
  },
} satisfies Samples;

import * as fc from 'fast-check';
import {
  JOIN_POLICIES,
  VISIBILITIES,
  type GroupCommandData,
  type GroupCommandName,
  type GroupSettings,
  type UserResult,
} from '@cohort/contracts';
import type { GroupState } from '../state';
import { service, user } from '@cohort/contracts/testing';
import type { CommandFields } from './commands';

/** What tests that go through all commands need of each. */
export interface Sample<N extends GroupCommandName> {
  /** What its fields may hold, sensible or not. */
  readonly fields: fc.Arbitrary<CommandFields<N>>;
  /** A sensible command that concerns this user, without an actor. */
  example(userId: string): CommandFields<N>;
  /** Whether a group shows that the command was done, with these results. */
  holds(data: GroupCommandData<N>, state: GroupState, results?: readonly UserResult[]): boolean;
  /** Whether the command, asked again, adds another thing. Any other command changes nothing then. */
  readonly addsEachTime?: true;
}

/** The samples of one feature. */
export type Samples = { readonly [N in GroupCommandName]?: Sample<N> };

export const USER_IDS = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'] as const;
export const userId: fc.Arbitrary<string> = fc.constantFrom(...USER_IDS);
export const userIds = fc.array(userId, { maxLength: 8 });
export const actor = fc.oneof(
  { weight: 2, arbitrary: fc.constant(service) },
  { weight: 1, arbitrary: userId.map(user) },
);
export const name = fc.constantFrom('a', 'b');
export const sync = fc.option(fc.nat(9), { nil: undefined });
export const ownerPolicy = fc.constantFrom('refuse', 'oldestAdmin', 'oldestMember', 'dismiss' as const);

const flag = fc.boolean();

/** Some settings. */
export const someSettings: fc.Arbitrary<Partial<GroupSettings>> = fc.record(
  {
    visibility: fc.constantFrom(...VISIBILITIES),
    joinPolicy: fc.constantFrom(...JOIN_POLICIES),
    membersMayInvite: flag,
    membersMayModify: flag,
    readAck: flag,
    historyVisible: flag,
    hideMemberInfo: flag,
    inviteNeedsConfirm: flag,
  },
  { requiredKeys: [] },
);

export const isMember = (state: GroupState, id: string): boolean =>
  state.status === 'live' && state.membership.members.has(id);

/** The named users that weren't refused. */
export const done = (named: readonly string[], results: readonly UserResult[] = []): readonly string[] => {
  const refused = new Set(results.filter(({ ok }) => !ok).map((result) => result.userId));
  return named.filter((id) => !refused.has(id));
};

import { markOfText, type EventMember, type PersonalText } from '@cohort/contracts';
import { IdMap } from './id-map';
import { portionsBySize, type Slice } from './slice';

/** What a member has of their own in the group. Texts are marks: no decision needs the texts themselves. */
export interface Profile {
  readonly name?: string;
  readonly muteMode?: number;
  readonly pushMode?: number;
  /** Marks of texts by key. */
  readonly extra?: Readonly<Record<string, string>>;
}

export interface MemberProfiles {
  /** By user; members who have nothing of their own are not here. */
  readonly profiles: IdMap<Profile>;
  /** About how many bytes they take. */
  readonly bytes: number;
}

export type MemberProfilesPart = readonly (readonly [userId: string, profile: Profile])[];

const EMPTY: Profile = {};
const PROFILE_BYTES = 256;
const KEY_BYTES = 96;

export const memberProfile: Slice<MemberProfiles, MemberProfilesPart> = {
  version: 1,
  initial: { profiles: IdMap.empty(), bytes: 0 },
  evolve: {
    displayNameChanged: (state, { userId, displayName }) =>
      changed(state, userId, { name: displayName === '' ? undefined : markOfText(displayName) }),
    muteModeSet: (state, { userId, mode }) => changed(state, userId, { muteMode: mode === 0 ? undefined : mode }),
    pushModeSet: (state, { userId, mode }) => changed(state, userId, { pushMode: mode === 0 ? undefined : mode }),
    memberExtraSet: (state, { userId, set, removed }) => {
      const extra = extraAfter(profileOf(state, userId).extra, set, removed);
      return changed(state, userId, { extra: Object.keys(extra).length === 0 ? undefined : extra });
    },
  },
  whenMembersGo: (state, members) => (state.profiles.size === 0 ? state : without(state, members)),
  *pack({ profiles }) {
    yield* portionsBySize(profiles);
  },
  unpack: (state, part) => part.reduce<MemberProfiles>((all, [userId, profile]) => put(all, userId, profile), state),
  weigh: ({ bytes }) => bytes,
};

export const profileOf = ({ profiles }: MemberProfiles, userId: string): Profile => profiles.get(userId) ?? EMPTY;

/** The marks of a member's own data after a change. */
export function extraAfter(
  extra: Profile['extra'],
  set: Readonly<Record<string, PersonalText>>,
  removed: readonly string[],
): Record<string, string> {
  const gone = new Set(removed);
  const kept = Object.entries(extra ?? {}).filter(([key]) => !gone.has(key));
  return Object.fromEntries([...kept, ...Object.entries(set).map(([key, text]) => [key, markOfText(text)] as const)]);
}

type Change = { readonly [K in keyof Profile]: Profile[K] | undefined };

function changed(state: MemberProfiles, userId: string, change: Change): MemberProfiles {
  const fields = Object.entries({ ...profileOf(state, userId), ...change }).filter(([, value]) => value !== undefined);
  return fields.length === 0 ? without(state, [{ userId }]) : put(state, userId, Object.fromEntries(fields));
}

const put = (state: MemberProfiles, userId: string, profile: Profile): MemberProfiles => ({
  profiles: state.profiles.with((map) => map.set(userId, profile)),
  bytes: state.bytes - weightOf(state.profiles.get(userId)) + weightOf(profile),
});

function without({ profiles, bytes }: MemberProfiles, members: readonly EventMember[]): MemberProfiles {
  const going = members.map(({ userId }) => userId).filter((userId) => profiles.has(userId));
  const freed = [...new Set(going)].reduce((sum, userId) => sum + weightOf(profiles.get(userId)), 0);
  return { profiles: profiles.without(going), bytes: bytes - freed };
}

const weightOf = (profile: Profile | undefined): number =>
  profile === undefined ? 0 : PROFILE_BYTES + KEY_BYTES * Object.keys(profile.extra ?? {}).length;

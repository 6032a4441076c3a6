import {
  GROUP_EVENTS,
  USER_BAN_EVENTS,
  USER_EVENTS,
  USER_NUMBER_EVENTS,
  type QueryAnswers,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import type { EventVersions } from './event-handlers';
import type { ReadFeature } from './feature';
import { announcements } from './features/announcements';
import { attributes } from './features/attributes';
import { banEverywhere } from './features/ban-everywhere';
import { files } from './features/files';
import { history } from './features/history';
import { bans } from './features/bans';
import { blocks } from './features/blocks';
import { expiries } from './features/expiries';
import { imports } from './features/imports';
import { applications } from './features/applications';
import { invitations } from './features/invitations';
import { joinKeys } from './features/join-keys';
import { info } from './features/info';
import { lifecycle } from './features/lifecycle';
import { memberProfile } from './features/member-profile';
import { membership } from './features/membership';
import { numbers } from './features/numbers';
import { publicGroups } from './features/public-groups';
import { roles } from './features/roles';
import { settings } from './features/settings';
import { userSync } from './features/user-sync';
import { wholeUser } from './features/whole-user';

/** All features of the read model. */
export const FEATURES = [
  lifecycle,
  info,
  settings,
  membership,
  roles,
  bans,
  blocks,
  expiries,
  announcements,
  files,
  publicGroups,
  applications,
  invitations,
  joinKeys,
  userSync,
  banEverywhere,
  numbers,
  history,
  memberProfile,
  wholeUser,
  imports,
  attributes,
] as const satisfies readonly ReadFeature[];

type Opened = ReturnType<(typeof FEATURES)[number]['open']>;
type All<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;
type Part<K extends string> = All<
  Opened extends infer O ? (O extends Readonly<Record<K, infer P>> ? P : never) : never
>;

/** Queries that the tables answer, by their names on the wire. */
export type TableQueryName = keyof Part<'queries'> & QueryName;
export type TableQueries = { readonly [N in TableQueryName]: (query: QueryData<N>) => QueryAnswers[N] };
/** What else the query process looks up. */
export type Lookups = Part<'lookups'>;

/** All events that this build can apply. */
export const EVENTS: EventVersions = {
  group: GROUP_EVENTS,
  user: USER_EVENTS,
  userBan: USER_BAN_EVENTS,
  userNumber: USER_NUMBER_EVENTS,
};

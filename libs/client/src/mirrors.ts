import {
  PAGE,
  type ListPart,
  type Position,
  type QueryAnswers,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import type { CohortClient } from './cohort-client';
import { Mirror, type MirroredPart } from './mirror';
import { unknownName } from './outcomes';

/** The lists that report their changes, so that a client can keep a copy of them. */
export type MirroredList = { [N in QueryName]: 'basis' extends keyof QueryData<N> ? N : never }[QueryName];

/** The field of an answer that holds the entries. */
type EntriesField<N extends MirroredList> = {
  [F in keyof QueryAnswers[N]]-?: QueryAnswers[N][F] extends readonly object[] ? F : never;
}[keyof QueryAnswers[N]];

/** An entry of a list. */
export type MirroredEntry<N extends MirroredList> = QueryAnswers[N][EntriesField<N>] extends readonly (infer E extends
  object)[]
  ? E
  : never;

interface OfApp {
  readonly app: string;
}
interface OfGroup extends OfApp {
  readonly groupId: string;
}
interface OfUser extends OfApp {
  readonly userId: string;
}

/** What each list is of. */
export interface MirrorOf {
  readonly members: OfGroup;
  readonly banned: OfGroup;
  readonly allowList: OfGroup;
  readonly blocked: OfGroup;
  readonly announcements: OfGroup;
  readonly files: OfGroup;
  readonly applications: OfApp & { readonly groupIds: readonly string[] };
  readonly invitations: OfGroup | OfUser;
  readonly userGroups: OfUser;
}

interface Listing<N extends MirroredList> {
  readonly entries: EntriesField<N>;
  /** The key of an entry in a copy. Two entries of one list never have the same, and an entry keeps its own. */
  readonly keyOf: (entry: MirroredEntry<N>) => string;
}

const byUser = ({ userId }: { readonly userId: string }): string => userId;

/** Each mirrored list. The type requires all of them. */
export const MIRRORED_LISTS: { readonly [N in MirroredList]: Listing<N> } = {
  members: { entries: 'members', keyOf: byUser },
  banned: { entries: 'banned', keyOf: byUser },
  allowList: { entries: 'members', keyOf: byUser },
  blocked: { entries: 'blocked', keyOf: byUser },
  announcements: { entries: 'announcements', keyOf: ({ announcementId }) => announcementId },
  files: { entries: 'files', keyOf: ({ fileId }) => fileId },
  applications: { entries: 'applications', keyOf: ({ groupId, userId }) => JSON.stringify([groupId, userId]) },
  invitations: {
    entries: 'invitations',
    keyOf: ({ groupId, userId, inviter }) => JSON.stringify([groupId, userId, inviter]),
  },
  userGroups: { entries: 'groups', keyOf: ({ groupId }) => groupId },
};

/** An answer of any mirrored list. Lists of one group name their state by a revision, the others by a position. */
type Answer<N extends MirroredList> = ListPart &
  ({ readonly revision: string } | { readonly position: Position }) &
  Readonly<Record<EntriesField<N>, readonly MirroredEntry<N>[]>>;

/**
 * Creates a copy of a list, empty until its first `refresh`: `mirror(client, 'banned', { app, groupId })`. Its entries are by
 * user id, group id, announcement id or file id. Applications are by `JSON.stringify([groupId, userId])`, and invitations by
 * `JSON.stringify([groupId, userId, inviter])`.
 */
export function mirror<N extends MirroredList>(
  client: Pick<CohortClient, 'query'>,
  list: N,
  of: MirrorOf[N],
): Mirror<MirroredEntry<N>> {
  if (!Object.hasOwn(MIRRORED_LISTS, list)) throw unknownName('mirrored list', list);
  const { entries, keyOf }: Listing<N> = MIRRORED_LISTS[list];
  return new Mirror<MirroredEntry<N>>(async (goingOn, options): Promise<MirroredPart<MirroredEntry<N>>> => {
    const data = { ...of, limit: PAGE.maxLimit, ...goingOn } as unknown as QueryData<N>;
    const answer = (await client.query(list, data, options)) as unknown as Answer<N>;
    const { basis } = answer;
    const since = 'revision' in answer ? { sinceRevision: answer.revision } : { sincePosition: answer.position };
    return { ...answer, entries: answer[entries], place: { basis, ...since } };
  }, keyOf);
}

import { CohortError, type QueryAnswers } from '@cohort/contracts';
import type { ReadModel } from '@cohort/read-model';

type Entry = Readonly<Record<string, unknown>>;
type Answer = Pick<QueryAnswers['members'], 'basis' | 'full' | 'removed' | 'cursor' | 'more'> & {
  readonly revision?: string;
  readonly position?: string;
};

/** A list that reports changes: its query without the fields of a page, the field of its entries, and the id of one. */
interface CopiedList {
  readonly query: keyof ReadModel['queries'];
  readonly fields: object;
  readonly entries: string;
  readonly idOf: (entry: Entry) => string;
}

/** A copy of a list as a client keeps one: it asks for the changes since its last answer, two entries at a time. */
class Copy {
  private entries = new Map<string, Entry>();
  private since: object = {};

  constructor(
    private readonly model: ReadModel,
    private readonly list: CopiedList,
  ) {}

  private ask(fields: object): Answer {
    const query = this.model.queries[this.list.query] as (data: object) => unknown;
    return query({ app: 'demo', limit: 2, ...this.list.fields, ...fields }) as Answer;
  }

  private take(answer: Answer): void {
    for (const id of answer.removed ?? []) this.entries.delete(id);
    for (const entry of (answer as unknown as Record<string, Entry[]>)[this.list.entries]!) {
      this.entries.set(this.list.idOf(entry), entry);
    }
  }

  /** Entries by id after all changes; and the whole list. */
  refresh(): { readonly copy: Map<string, Entry>; readonly whole: Map<string, Entry> } {
    for (let more = true; more;) {
      let answer = this.ask(this.since);
      const { basis, full, revision, position } = answer;
      if (full) this.entries.clear();
      this.take(answer);
      while (answer.cursor !== undefined) this.take((answer = this.ask({ cursor: answer.cursor })));
      this.since = { basis, ...(revision === undefined ? { sincePosition: position } : { sinceRevision: revision }) };
      more = answer.more ?? false;
    }
    const whole = this.ask({ limit: 1_000 }) as unknown as Record<string, Entry[]>;
    return {
      copy: this.entries,
      whole: new Map(whole[this.list.entries]!.map((entry) => [this.list.idOf(entry), entry])),
    };
  }
}

const field = (name: string) => (entry: Entry) => String(entry[name]);
const invitationId = ({ groupId, userId, inviter }: Entry) => JSON.stringify([groupId, userId, inviter]);

const OF_GROUP: readonly Omit<CopiedList, 'fields'>[] = [
  { query: 'members', entries: 'members', idOf: field('userId') },
  { query: 'banned', entries: 'banned', idOf: field('userId') },
  { query: 'allowList', entries: 'members', idOf: field('userId') },
  { query: 'blocked', entries: 'blocked', idOf: field('userId') },
  { query: 'announcements', entries: 'announcements', idOf: field('announcementId') },
  { query: 'files', entries: 'files', idOf: field('fileId') },
  { query: 'invitations', entries: 'invitations', idOf: invitationId },
];
const OF_USER: readonly Omit<CopiedList, 'fields'>[] = [
  { query: 'userGroups', entries: 'groups', idOf: field('groupId') },
  { query: 'invitations', entries: 'invitations', idOf: invitationId },
];

/** Copies of all lists that report changes, of these groups and users. */
export class Copies {
  private readonly copies: (readonly [name: string, Copy])[];

  constructor(model: ReadModel, groupIds: readonly string[], userIds: readonly string[]) {
    const applications = {
      query: 'applications',
      entries: 'applications',
      idOf: ({ groupId, userId }: Entry) => `${String(groupId)}/${String(userId)}`,
    } as const;
    const lists = [
      ...groupIds.flatMap((groupId) => OF_GROUP.map((one) => ({ ...one, fields: { groupId } }))),
      ...userIds.flatMap((userId) => OF_USER.map((one) => ({ ...one, fields: { userId } }))),
      { ...applications, fields: { groupIds } },
    ];
    this.copies = lists.map((one) => [`${one.query} ${JSON.stringify(one.fields)}`, new Copy(model, one)]);
  }

  /** Refreshes each copy and compares it with the whole list, both as they are read at this time. */
  mustEqualTheLists(now: number): void {
    for (const [list, copy] of this.copies) {
      try {
        const { copy: entries, whole } = copy.refresh();
        expect({ list, entries: asOf(now, entries) }).toEqual({ list, entries: asOf(now, whole) });
      } catch (error) {
        if (!(error instanceof CohortError) || !['GROUP_DISMISSED', 'GROUP_NOT_FOUND'].includes(error.code))
          throw error;
      }
    }
  }
}

/** A ban that has run out leaves the list without a change, and a pending entry that has run out becomes `expired`. */
function asOf(now: number, entries: ReadonlyMap<string, Entry>): [string, Entry][] {
  const isOver = (end: unknown) => end !== undefined && Date.parse(end as string) <= now;
  return [...entries]
    .filter(([, { until }]) => !isOver(until))
    .map(([id, entry]): [string, Entry] => [
      id,
      entry.status === 'pending' && isOver(entry.expiresAt) ? { ...entry, status: 'expired' } : entry,
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

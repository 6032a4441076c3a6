import type { GroupCommandAnswer, GroupCommandName } from '@cohort/contracts';
import type { PlannedCommand } from './plan';
import { keyOf } from './replay';

/** What a group is known to have, the newest last. */
interface OfGroup {
  readonly announcements: string[];
  readonly files: string[];
  readonly applicants: string[];
  readonly invitees: string[];
}

const withField = <K extends string, V>(field: K, value: V | undefined) =>
  value === undefined ? {} : ({ [field]: value } as Record<K, V>);
const listed = (id: string | undefined) => (id === undefined ? undefined : [id]);

/** What a group that is known to have things completes commands with. */
const COMPLETED: Readonly<Partial<Record<GroupCommandName, (group: OfGroup) => object>>> = {
  deleteAnnouncement: ({ announcements }) => withField('announcementId', announcements.shift()),
  renameFile: ({ files }) => withField('fileId', files.at(-1)),
  removeFiles: ({ files }) => withField('fileIds', listed(files.shift())),
  handleApplication: ({ applicants }) => withField('userId', applicants.pop()),
  withdrawApplication: ({ applicants }) => withField('userId', applicants.pop()),
  handleInvitation: ({ invitees }) => withField('userId', invitees.pop()),
  withdrawInvitations: ({ invitees }) => withField('userIds', listed(invitees.pop())),
};

/** How many of each kind are remembered. */
const KEPT = 100;

/**
 * What groups have, as answers show it. A plan can't know the ids of announcements and files, nor join codes, so commands on
 * them are completed before they are sent.
 */
export class Known {
  private readonly groups = new Map<string, OfGroup>();
  /** Commands that were completed: a repeat must be the same. */
  private readonly completed = new Map<string, PlannedCommand>();

  /** @param joinCode a code of the group, if there is one */
  constructor(private readonly joinCode: (groupId: string) => Promise<string | undefined>) {}

  /** The command as it can be sent; undefined if it needs a code and there is none. */
  async complete(command: PlannedCommand): Promise<PlannedCommand | undefined> {
    const key = keyOf(command);
    const before = this.completed.get(key);
    if (before) return before;
    const missing = await this.missingIn(command);
    if (missing === undefined) return undefined;
    if (Object.keys(missing).length === 0) return command;
    const whole = { name: command.name, data: { ...command.data, ...missing } } as PlannedCommand;
    this.completed.set(key, whole);
    return whole;
  }

  /** The command was answered. */
  note({ name, data }: PlannedCommand, { groupId, announcementId, fileId }: GroupCommandAnswer): void {
    const group = this.of(groupId);
    if (announcementId !== undefined) group.announcements.push(announcementId);
    if (fileId !== undefined) group.files.push(fileId);
    if (name === 'apply') group.applicants.push(data.userId);
    if (name === 'invite') group.invitees.push(...data.userIds);
    for (const list of Object.values(group) as string[][]) list.splice(0, list.length - KEPT);
  }

  private async missingIn({ name, data }: PlannedCommand): Promise<object | undefined> {
    const known = COMPLETED[name]?.(this.of(data.groupId));
    if (known !== undefined) {
      // Users answer for themselves.
      const isBySelf = 'userId' in known && name !== 'handleApplication' && data.actor.type === 'user';
      return isBySelf ? { ...known, actor: { type: 'user', id: known.userId } } : known;
    }
    if (name !== 'joinByCode') return {};
    const code = await this.joinCode(data.groupId);
    return code === undefined ? undefined : { code };
  }

  private of(groupId: string): OfGroup {
    const known = this.groups.get(groupId) ?? { announcements: [], files: [], applicants: [], invitees: [] };
    this.groups.set(groupId, known);
    return known;
  }
}

import type { Random } from '../../../faults/random';
import type { Values } from '../../cases';
import type { Who } from './asked';
import type { Answer, Caller } from './caller';
import * as views from './views';
import type { Day, Group } from './model';

type Entry = Readonly<Record<string, unknown>>;

/** A list with versions: how it is asked for, and what names an entry. */
interface Mirrored {
  readonly name: string;
  readonly ask: (part: Values) => Promise<Answer>;
  readonly idOf: (entry: Entry) => unknown;
  readonly expected: readonly unknown[];
}

/** What a client that reads changes has of a list. */
interface Copy {
  version: number;
  entries: Map<string, Entry>;
}

/** Compares lists, as the API returns them, with a model. Its copies read changes only. */
export class Lists {
  private readonly copies = new Map<string, Copy>();
  private reads = 0;
  /** Whether every comparison also reads the list in pages and its changes; else some do. */
  readsAll = false;

  constructor(
    private readonly caller: Caller,
    private readonly day: Day,
    private readonly random: Random,
  ) {}

  /** All lists of a group, as its owner reads them; of one that was dismissed, what its last members see. */
  async group(group: Group): Promise<void> {
    if (!group.isLive) return this.dismissed(group);
    const { caller, day } = this;
    const owner: Who = { as: 'user', user: group.owner };
    const id = { group_id: group.id };
    const get = (path: string) => (part: Values) => caller.get(owner, path, { ...id, ...part });
    const user = ({ user_id }: Entry) => user_id;
    const equal = async (path: string, data: unknown) =>
      expect([path, await get(path)({})]).toEqual([path, { code: 200, data }]);
    await Promise.all([
      this.mirrored({ ...this.named(group, '/group/member_list', get), idOf: user, expected: views.membersOf(group) }),
      this.mirrored({ ...this.named(group, '/group/banned_list', get), idOf: user, expected: views.bannedOf(group) }),
      this.mirrored({ ...this.named(group, '/group/blocked_list', get), idOf: user, expected: views.blockedOf(group) }),
      this.mirrored({
        name: `${group.id} applications`,
        ask: (part) => caller.post(owner, '/group/application_list', { group_list: [group.id] }, part),
        idOf: ({ applicant_id: applicant }) => applicant,
        expected: views.applicationsOf(day, [group.id]),
      }),
      equal('/group/admin_list', views.adminsOf(group)),
      equal('/group/announcement/list', views.announcementsOf(group)),
      equal('/group/file/list', views.filesOf(group)),
      equal('/group/info', views.infoOf(group, group.owner)),
      equal('/group/settings', views.infoOf(group, group.owner)),
    ]);
  }

  /** A user's groups, invitations, and the groups that they may see. */
  async user(user: number): Promise<void> {
    const { caller, day } = this;
    const by: Who = { as: 'user', user };
    const { data } = await caller.get(by, '/group/user_joined', {});
    expect([user, data]).toEqual([user, views.joinedOf(day, user)]);
    await this.mirrored({
      name: `invitations of ${user}`,
      ask: (part) => caller.get(by, '/group/invitation_list', part),
      idOf: ({ group_id, inviter_id }) => [group_id, inviter_id],
      expected: views.invitationsOf(day, user),
    });
    if (day.groups.length === 0) return;
    const groups = day.groups.slice(-100);
    const seen = await caller.post(by, '/group/info/batch', { group_list: groups.map(({ id }) => id) });
    const shown = groups.filter((group) => views.isShown(group, user)).map((group) => views.briefOf(group, user));
    expect([user, seen]).toEqual([user, { code: 200, data: shown }]);
  }

  async publicGroups(): Promise<void> {
    const by: Who = { as: 'user', user: this.day.users[0]! };
    const list = await this.caller.get(by, '/group/public_list', {});
    expect(list).toEqual({ code: 200, data: views.publicOf(this.day) });
  }

  private named(group: Group, path: string, get: (path: string) => (part: Values) => Promise<Answer>) {
    return { name: `${group.id} ${path}`, ask: get(path) };
  }

  private async dismissed(group: Group): Promise<void> {
    const [last] = group.members.keys();
    const others = this.day.users.filter((user) => !group.members.has(user));
    const as = (user: number, path: string) => this.caller.get({ as: 'user', user }, path, { group_id: group.id });
    const shown = { code: 200, data: views.infoOf(group, last) };
    expect(await as(last!, '/group/settings')).toEqual(shown);
    expect(await as(last!, '/group/member_list')).toMatchObject({ code: 20001 });
    for (const user of others.slice(0, 1)) expect(await as(user, '/group/info')).toMatchObject({ code: 20001 });
  }

  /** The whole list, in one page or in several, and a copy that reads the changes since its version. */
  private async mirrored(list: Mirrored): Promise<void> {
    const { name, expected, ask } = list;
    // Lists are read side by side, so each read has its own source of chance.
    const random = this.random.named(`${name} ${(this.reads += 1)}`);
    const { version, ...whole } = await ask({});
    expect([name, whole]).toEqual([name, { code: 200, data: expected, total: expected.length }]);
    if (this.readsAll || random.chance(0.1)) expect([name, await inPages(list, random)]).toEqual([name, expected]);
    if (!this.readsAll && random.chance(0.5)) return;

    const copy = this.copies.get(name) ?? { version: 0, entries: new Map<string, Entry>() };
    this.copies.set(name, copy);
    expect([name, version! >= copy.version]).toEqual([name, true]);
    await update(list, copy, random);
    // A position of the log is also moved by others.
    expect([name, copy.version >= version!]).toEqual([name, true]);
    const mapOf = (entries: Iterable<Entry>) =>
      new Map([...entries].map((entry) => [JSON.stringify(list.idOf(entry)), entry]));
    expect([name, mapOf(copy.entries.values())]).toEqual([name, mapOf(expected as Entry[])]);
  }
}

/** Reads the changes since the copy's version, until there are no more. */
async function update({ ask, idOf, name }: Mirrored, copy: Copy, random: Random): Promise<void> {
  for (let calls = 0; ; calls++) {
    expect([name, calls < 50]).toEqual([name, true]);
    const limit = random.between(1, 5);
    const isFirst = copy.version === 0;
    const answer = await ask(isFirst ? {} : { version: copy.version, limit });
    const { data, removed = [], version = 0, full = isFirst } = answer;
    const entries = data as Entry[];
    if (full) copy.entries.clear();
    for (const id of removed) copy.entries.delete(JSON.stringify(id));
    for (const entry of entries) copy.entries.set(JSON.stringify(idOf(entry)), entry);
    copy.version = version;
    // The first page of the whole list may be one of several.
    if (full && !isFirst && answer.cursor !== undefined) copy.version = 0;
    else if (isFirst || (entries.length === 0 && removed.length === 0)) return;
  }
}

async function inPages({ ask }: Mirrored, random: Random): Promise<unknown[]> {
  const limit = random.between(1, 4);
  const found: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ limit, ...(cursor !== undefined && { cursor }) });
    found.push(...(page.data as unknown[]));
    ({ cursor } = page);
  } while (cursor !== undefined);
  return found;
}

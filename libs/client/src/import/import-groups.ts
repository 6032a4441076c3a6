import { setTimeout as sleep } from 'node:timers/promises';
import { backoff, isErrorBody, MAX_MEMBERS_PER_EVENT, type CommandAnswer, type CommandData } from '@cohort/contracts';
import type { CohortClient } from '../cohort-client';
import { importLine, ImportLineError, type ImportLine, type MemberLine } from './lines';
import { lineError } from './refusals';

/** How far an import is. */
export interface ImportProgress {
  readonly groupId: string;
  /** Members of the group's lines that were read, imported now or before, each once and without the owner. */
  readonly members: number;
  readonly done: boolean;
}

export interface ImportOptions {
  readonly app: string;
  /** Called after each chunk, and at the end of each group. */
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** Chunks in flight. They are decided in order, several in one append. */
const WINDOW = 32;
/** Errors that a later attempt may overcome. */
const RETRIED: ReadonlySet<string> = new Set(['UNAVAILABLE', 'OVERLOADED', 'DEADLINE_EXCEEDED', 'OUTCOME_UNKNOWN']);
const RETRIES = { most: 60, pauses: { first: 50, longest: 2_000 } } as const;

/**
 * Imports the groups of some lines (docs/features/imports.md), as they are read. An import that was cut off continues when it
 * is begun again with the same lines; one that is complete changes nothing. Resolves with the number of groups, and of their
 * members without the owners.
 *
 * @throws ImportLineError a line that can't be read, or that the service refused with its `cause`
 */
export async function importGroups(
  client: CohortClient,
  lines: AsyncIterable<string>,
  { app, onProgress = () => undefined }: ImportOptions,
): Promise<{ readonly groups: number; readonly members: number }> {
  let current: GroupImport | undefined;
  let groups = 0;
  let members = 0;
  let line = 0;
  const finish = async (): Promise<void> => {
    if (current === undefined) return;
    members += await current.complete();
    groups += 1;
  };
  try {
    for await (const text of lines) {
      line += 1;
      const each = importLine(text, line);
      if (each === undefined) continue;
      if (each.kind === 'group') {
        await finish();
        current = await GroupImport.begin(client, app, each, onProgress);
      } else if (current === undefined) {
        throw new ImportLineError(line, 'a member needs a group before it.');
      } else if (current.add(each)) await current.send();
    }
    await finish();
  } catch (error) {
    current?.stop();
    throw error;
  }
  return { groups, members };
}

type MemberEntry = Extract<ImportLine, { kind: 'member' }>;

/** One group's import, in chunks. */
class GroupImport {
  private readonly inFlight: Promise<void>[] = [];
  private readonly stopped = new AbortController();
  private readonly counted: Counted;
  private chunk: MemberEntry[] = [];
  private chunks = 0;

  private constructor(
    private readonly client: CohortClient,
    private readonly of: Pick<CommandData<'importMembers'>, 'app' | 'actor' | 'groupId' | 'importId'>,
    owner: string,
    /** Chunks that were imported before. */
    private readonly done: number,
    private readonly onProgress: (progress: ImportProgress) => void,
    private readonly groupLine: number,
  ) {
    this.counted = new Counted(owner);
  }

  static async begin(
    client: CohortClient,
    app: string,
    { group, line }: Extract<ImportLine, { kind: 'group' }>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<GroupImport> {
    const { groupId, importId, owner } = group;
    const of = { app, actor: { type: 'service' }, groupId, importId } as const;
    try {
      const { position } = await retried(() => client.command('importGroup', { ...group, ...of }));
      const { chunks } = await retried(() => client.query('importStatus', { app, groupId, after: position }));
      return new GroupImport(client, of, owner, chunks, onProgress, line);
    } catch (error) {
      throw lineError(error, { groupId, lines: [line] });
    }
  }

  /** Returns whether the chunk is full, and is to be sent. Nothing is awaited for most members. */
  add(member: MemberEntry): boolean {
    return this.chunk.push(member) === MAX_MEMBERS_PER_EVENT;
  }

  /** Resolves with the number of the group's members that were read. */
  async complete(): Promise<number> {
    if (this.chunk.length > 0) await this.send();
    await Promise.all(this.inFlight.splice(0));
    const { chunks } = this;
    try {
      await this.retried(() => this.client.command('completeImport', { ...this.of, chunks }));
    } catch (error) {
      throw lineError(error, { groupId: this.of.groupId, lines: [this.groupLine] });
    }
    this.tell(true);
    return this.counted.members;
  }

  /** Retries nothing any more. What was sent may still be imported. */
  stop(): void {
    this.stopped.abort();
  }

  async send(): Promise<void> {
    const entries = this.chunk;
    const chunk = this.chunks++;
    this.chunk = [];
    const members = entries.map(({ member }) => member);
    for (const member of members) this.counted.add(member);
    if (chunk < this.done) return;
    if (this.inFlight.length === WINDOW) await this.inFlight.shift();
    const before = Promise.all(this.inFlight);
    const sending = this.deliver({ ...this.of, chunk, members }, before).then(
      () => this.tell(false),
      (error: unknown) => {
        throw lineError(error, { groupId: this.of.groupId, lines: entries.map(({ line }) => line) });
      },
    );
    // Each is awaited in its turn, unless an earlier one failed.
    for (const awaited of [before, sending]) awaited.catch(() => undefined);
    this.inFlight.push(sending);
  }

  /** A chunk that overtook another one is sent again when those before it are done. */
  private async deliver(
    data: CommandData<'importMembers'>,
    before: Promise<unknown>,
  ): Promise<CommandAnswer<'importMembers'>> {
    try {
      return await this.retried(() => this.client.command('importMembers', data));
    } catch (error) {
      if (!isErrorBody(error) || error.code !== 'IMPORT_OUT_OF_ORDER') throw error;
      await before;
      return this.retried(() => this.client.command('importMembers', data));
    }
  }

  private retried<T>(attempt: () => Promise<T>): Promise<T> {
    return retried(attempt, this.stopped.signal);
  }

  private tell(done: boolean): void {
    this.onProgress({ groupId: this.of.groupId, members: this.counted.members, done });
  }
}

/** The members of a group's lines without its owner, each user once. */
class Counted {
  private readonly seen: Set<string>;
  members = 0;

  constructor(owner: string) {
    this.seen = new Set([owner]);
  }

  add({ userId, blocked }: MemberLine): void {
    if (this.seen.has(userId)) return;
    this.seen.add(userId);
    if (blocked !== true) this.members += 1;
  }
}

/** Every command of an import may be repeated: its state, and not its command id, shows what was done. */
async function retried<T>(attempt: () => Promise<T>, stopped?: AbortSignal): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      const isOver = n === RETRIES.most || stopped?.aborted === true;
      if (!isErrorBody(error) || !RETRIED.has(error.code) || isOver) throw error;
      await sleep(backoff(n, RETRIES.pauses));
    }
  }
}

import {
  COMMANDS,
  DEFAULT_APP_LIMITS,
  GROUP_EVENTS,
  groupStream,
  WordList,
  ownNumber,
  type ErrorCode,
  type GroupCommand,
  type GroupCommandAnswer,
  type GroupEvent,
  type AppSettings,
  type JoinCodeSecret,
  type Made,
  type Position,
} from '@cohort/contracts';
import { decide, distinct, evolve, resultsOf, type Accepted, type DecideContext } from '@cohort/group';
import type { Circumstances } from '../command-request';
import type { RememberedCommand } from '../mailbox/command-memory';
import type { GroupKey } from './group-key';
import type { GroupStore } from './group-store';
import { unwritten, type RecordedGroup } from './recorded-group';
import type { AppendedBatch, Queued, StreamKind, StreamRules } from '../mailbox/stream-kind';

/** A command for one group, its id settled. */
export type GroupCommandInput = Circumstances & GroupCommand;

/** What a command's answer has beside revision and position. */
export type GroupResult = Pick<Accepted, 'results' | 'fileResults' | 'made'>;

/** What decisions on a group need from elsewhere. */
export interface GroupFacts {
  /** The number the group gets if a command makes it. */
  readonly numericId: string;
  /** Signs the tenant's join codes; there if a command needs it. */
  readonly joinCodeSecret?: JoinCodeSecret;
}

/** The types of groups' streams. */
export interface GroupTypes {
  key: GroupKey;
  command: GroupCommandInput;
  recorded: RecordedGroup;
  event: GroupEvent;
  facts: GroupFacts;
  result: GroupResult;
  answer: GroupCommandAnswer;
}

const FORBIDDEN = new WeakMap<AppSettings, WordList>();

/** The words that a tenant forbids, put into order once. */
function forbiddenBy(app: AppSettings): Pick<DecideContext, 'forbidden'> {
  if (app.forbiddenWords === undefined) return {};
  const known = FORBIDDEN.get(app);
  const forbidden = known ?? new WordList(app.forbiddenWords);
  if (known === undefined) FORBIDDEN.set(app, forbidden);
  return { forbidden };
}

/** How a group's commands are decided: by the domain. */
export const GROUP_RULES: StreamRules<GroupTypes> = {
  title: 'The group',
  batchCommands: 256,
  batchUsers: 10_000,
  usersOf: (command) => ('members' in command.data ? (command.data.members?.length ?? 0) : named(command).length),
  events: GROUP_EVENTS,
  decide(command, state, facts, at) {
    const limits = { ...DEFAULT_APP_LIMITS, ...command.app.limits };
    const { app, learned } = command;
    const context = { ...app, at, ...facts, ...learned, limits, ...forbiddenBy(app) };
    const decision = decide(command, state, context);
    if (!decision.ok) return decision;
    const { ok, events, ...result } = decision;
    return { ok, events, result };
  },
  evolve,
  noted(_group, { results = [], fileResults = [], made }, _at, before) {
    const refused = [...results, ...fileResults].flatMap(({ ok, code, ...named }) =>
      ok || code === undefined ? [] : [{ ...named, code }],
    );
    // The dismissal of a group that nobody has seen yet is no news either.
    const isHidden = before.status === 'live' && before.imports.status === 'running';
    return {
      ...(refused.length > 0 ? { refused } : {}),
      ...(made === undefined ? {} : { made }),
      ...(isHidden ? { imported: true as const } : {}),
    };
  },
};

/** What groups' streams need of their surroundings. */
export interface GroupParts {
  readonly groups: Pick<GroupStore, 'catchUp' | 'refuses'>;
  readonly cache: StreamKind<GroupTypes>['cache'];
  /** Whether the stream is known to have a limit, or to be deleted. */
  isLimited(this: void, stream: string): boolean;
  readonly aliases: { take(app: string): Promise<string> };
  readonly joinCodes: { secretOf(app: string): Promise<JoinCodeSecret> };
  /** Called after the replies to a batch that wrote events. */
  onAppended(this: void, key: GroupKey, group: RecordedGroup): void;
}

/** Groups' streams for a mailbox. */
export function groupStreams({
  groups,
  cache,
  isLimited,
  aliases,
  joinCodes,
  onAppended,
}: GroupParts): StreamKind<GroupTypes> {
  return {
    ...GROUP_RULES,
    on: 'group',
    stream: ({ app, groupId }) => groupStream(app, groupId),
    unwritten,
    cache,
    mayBegin(command) {
      if (!makesGroups(command)) return false;
      const stream = groupStream(command.app.id, command.data.groupId);
      return !groups.refuses(stream) && !isLimited(stream);
    },
    catchUp: (key, group) => groups.catchUp(key, group),
    async factsFor({ app, groupId }, group, waiting: readonly Queued<GroupCommandInput>[]) {
      const own = ownNumber(groupId);
      const mayBeMade = group.revision < 0 && waiting.some(({ command }) => makesGroups(command));
      const numericId = own ?? (mayBeMade ? await aliases.take(app) : '');
      const hasCode = waiting.some(({ command }) => command.type === 'joinByCode');
      return hasCode ? { numericId, joinCodeSecret: await joinCodes.secretOf(app) } : { numericId };
    },
    appended,
    onAppended,
    answer: ({ type, data: { groupId } }, revision, position, { made, ...results }) => ({
      groupId,
      revision: String(revision),
      position,
      ...results,
      ...madeBy(type, made),
    }),
    answerAgain(command, first) {
      const { revision, position } = first;
      return this.answer(command, revision, position, { ...firstResults(command, first), ...madeFirst(first) });
    },
  };
}

const makesGroups = ({ type }: GroupCommandInput): boolean =>
  type === 'create' || type === 'createOrJoin' || type === 'importGroup';

/** The id of what a command made, in the field of its answer that has it. */
function madeBy(type: GroupCommand['type'], made: string | undefined): Partial<Record<Made, string>> {
  const { makes } = COMMANDS[type];
  return makes === undefined || made === undefined ? {} : { [makes]: made };
}

const madeFirst = ({ made }: RememberedCommand): Pick<GroupResult, 'made'> => (made === undefined ? {} : { made });

/** The users or files that a command lists, each of which gets a result. */
function named({ type, data }: GroupCommand): readonly string[] {
  const { names } = COMMANDS[type];
  return names === undefined ? [] : ((data as Partial<Record<typeof names, readonly string[]>>)[names] ?? []);
}

/** The results of the first answer: every user or file that the command named is ok, but for those it refused then. */
function firstResults(command: GroupCommandInput, { refused = [] }: RememberedCommand): GroupResult {
  const { names } = COMMANDS[command.type];
  if (names === undefined) return {};
  const codes = new Map(refused.map((one) => ['userId' in one ? one.userId : one.fileId, one.code as ErrorCode]));
  const results = resultsOf(distinct(named(command)), codes);
  if (names === 'userIds') return { results };
  return { fileResults: results.map(({ userId: fileId, ...result }) => ({ fileId, ...result })) };
}

function appended(
  group: RecordedGroup,
  { events, bytes, state, lastAt }: AppendedBatch<GroupTypes>,
  position: Position,
): RecordedGroup {
  const { memory, gauge, stored } = group;
  gauge.add(events.length, bytes);
  stored.appended(group, events);
  const eventId = events.at(-1)?.id ?? group.eventId;
  return { state, revision: group.revision + events.length, eventId, position, lastAt, memory, gauge, stored };
}

import {
  errorBody,
  START,
  USER_BAN_EVENTS,
  userBanStream,
  type BanEverywhereAnswer,
  type EventMetadata,
  type UserBanCommandName,
  type UserBanEvent,
} from '@cohort/contracts';
import { readStored } from '@cohort/contracts';
import { mustBeKnown } from '@cohort/group';
import type { EventStore, StoredEvent } from '@cohort/event-store';
import type { CommandRequest } from '../command-request';
import { CommandMemory, readable, type Outcome, type Recorded, type StreamKind } from '../mailbox';
import type { UserKey } from '../user/user-types';
import { usersOf } from '../users-of';

/** Events of the stream's end that are read for the commands that it remembers. */
const READ_EVENTS = 200;

/** The types of streams of users' bans. */
export interface UserBanTypes {
  key: UserKey;
  command: CommandRequest<UserBanCommandName>;
  /** Requests don't depend on each other: the last one wins. */
  recorded: Recorded<undefined>;
  event: UserBanEvent;
  facts: undefined;
  result: undefined;
  answer: BanEverywhereAnswer;
}

/** Decides on a request: it is only recorded, with the time at which the ban ends. A worker carries it out. */
export function decideUserBan(request: UserBanTypes['command'], at: number): Outcome<UserBanTypes> {
  const { type, data } = request;
  if (data.actor.type === 'user') return { ok: false, error: errorBody('FORBIDDEN', 'Only a service may do this.') };
  const refused = mustBeKnown(usersOf(request), request.learned?.unknownUsers);
  if (refused) return refused;
  if (type === 'unbanUserEverywhere') {
    return { ok: true, events: [{ type: 'unbanEverywhereRequested', data: {} }], result: undefined };
  }
  const { durationMs } = data;
  const until = durationMs === undefined ? {} : { until: new Date(at + durationMs).toISOString() };
  return { ok: true, events: [{ type: 'banEverywhereRequested', data: until }], result: undefined };
}

/** Streams of users' bans for a mailbox. They are read for each command: a user has few, and workers write, too. */
export const userBanStreams = (store: Pick<EventStore, 'read'>): StreamKind<UserBanTypes> => ({
  on: 'user',
  title: "The stream of the user's bans",
  batchCommands: 100,
  batchUsers: 100,
  usersOf: () => 1,
  events: USER_BAN_EVENTS,
  stream: ({ app, userId }) => userBanStream(app, userId),
  unwritten,
  cache: { get: () => undefined, set: () => undefined, delete: () => undefined },
  mayBegin: () => false,
  catchUp: ({ app, userId }) => load(store, userBanStream(app, userId)),
  factsFor: () => Promise.resolve(undefined),
  decide: (command, _state, _facts, at) => decideUserBan(command, at),
  evolve: () => undefined,
  noted: () => ({}),
  appended: (recorded, { events, lastAt }, position) => ({
    ...recorded,
    revision: recorded.revision + events.length,
    position,
    lastAt,
  }),
  onAppended: () => undefined,
  answer: ({ data: { userId } }, revision, position) => answerOf(userId, revision, position),
  answerAgain: ({ data: { userId } }, { revision, position }) => answerOf(userId, revision, position),
});

const unwritten = (): Recorded<undefined> => ({
  state: undefined,
  revision: -1,
  position: START,
  lastAt: 0,
  memory: new CommandMemory(),
});

const answerOf = (userId: string, revision: number, position: string): BanEverywhereAnswer => ({
  userId,
  request: revision,
  revision: String(revision),
  position,
});

/** Reads the stream's end: the place of its last event, and the commands that it remembers. */
async function load(store: Pick<EventStore, 'read'>, stream: string): Promise<Recorded<undefined>> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(stream, { backwards: true, limit: READ_EVENTS })) events.push(event);
  const [last] = events;
  if (last === undefined) return unwritten();
  const { memory } = unwritten();
  const ours = events.reverse().filter((event) => readStored(event).kind !== 'strange');
  const usable = ours.map(readable);
  for (const { event, at, place } of usable) {
    const { commandId, commandHash: hash } = event.metadata as Partial<EventMetadata>;
    if (commandId === undefined || hash === undefined) continue;
    memory.replay(commandId, { hash, revision: event.revision, position: event.position, at }, place);
  }
  const first = usable[0];
  if (first !== undefined && events.length === READ_EVENTS) memory.forgotUntil(first.at - 1);
  const { revision, position } = last;
  return { ...unwritten(), revision, position, lastAt: usable.at(-1)?.at ?? 0, memory };
}

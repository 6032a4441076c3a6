import type { CohortClient } from '@cohort/client';
import {
  readStored,
  START,
  USER_EVENTS,
  userStream,
  type UsableEvent,
  type UserEvent,
  type UserEventData,
} from '@cohort/contracts';
import { readOne, streamEnd, type EventStore, type StoredEvent } from '@cohort/event-store';
import { CommandMemory, readable, type Recorded, type StreamKind } from '../mailbox';
import { earlierSyncs, memoryOf } from './earlier-syncs';
import { decideForUser, positionWhereItHolds } from './user-sync';
import type { UserState, UserTypes } from './user-types';

const unwritten = (): Recorded<UserState> => ({
  state: { settled: undefined, erasing: undefined },
  revision: -1,
  position: START,
  lastAt: 0,
  memory: new CommandMemory(Infinity),
});

/** Users' streams for a mailbox. They are read for each command: a user has few, and other nodes and workers write, too. */
export function userStreams(
  store: Pick<EventStore, 'read' | 'head'>,
  client: Pick<CohortClient, 'query'>,
): StreamKind<UserTypes> {
  return {
    on: 'user',
    title: "The user's stream",
    // A request's metadata list the positions of those before it, which are known once these are written.
    batchCommands: 1,
    batchUsers: 1,
    usersOf: () => 1,
    events: USER_EVENTS,
    stream: ({ app, userId }) => userStream(app, userId),
    unwritten,
    cache: { get: () => undefined, set: () => undefined, delete: () => undefined },
    mayBegin: () => false,
    catchUp: ({ app, userId }) => load(store, userStream(app, userId)),
    async factsFor(_key, { memory, state }, [next]) {
      if (next?.command.type !== 'syncUser' || memory.find(next.command.commandId)) return undefined;
      return positionWhereItHolds(store, client, next.command, state);
    },
    decide: decideForUser,
    evolve: (_state, event) => stateAfter(event),
    noted: ({ memory }, _result, at) => earlierSyncs(memory, at),
    appended: (user, { events, state, lastAt }, position) => ({
      ...user,
      state,
      revision: user.revision + events.length,
      position,
      lastAt,
    }),
    onAppended: () => undefined,
    answer: ({ data: { userId } }, revision, position, held) => ({
      userId,
      sync: held?.sync ?? revision,
      revision: String(revision),
      position: held?.position ?? position,
    }),
    answerAgain: ({ data: { userId } }, { revision, position }) => ({
      userId,
      sync: revision,
      revision: String(revision),
      position,
    }),
  };
}

/** The state after the request of a sync. */
const stateAfter = ({ type, data }: UserEvent): UserState => ({
  settled: undefined,
  erasing: type === 'syncRequested' ? data.erase : undefined,
});

/**
 * Reads the stream's end: its last event requests the newest sync, or completes it. Strange events are passed over, as the
 * worker does that carries syncs out.
 */
async function load(store: Pick<EventStore, 'read'>, stream: string): Promise<Recorded<UserState>> {
  const end = await streamEnd(store, stream);
  if (end === undefined) return unwritten();
  const { revision, position } = end.last;
  const known = end.ours && (await lastSync(store, stream, readable(end.ours)));
  return { ...unwritten(), ...known, revision, position };
}

/** What the last usable event of a user's stream means. */
async function lastSync(
  store: Pick<EventStore, 'read'>,
  stream: string,
  { event, at }: UsableEvent<StoredEvent>,
): Promise<Partial<Recorded<UserState>>> {
  if (event.type !== 'syncCompleted')
    return { lastAt: at, memory: memoryOf(event), state: stateAfter(event as unknown as UserEvent) };
  const settled = event.data as UserEventData['syncCompleted'];
  const request = await readOne(store, stream, { from: settled.sync });
  // The request that a strange completion names isn't there.
  if (request?.revision !== settled.sync || readStored(request).kind === 'strange') return { lastAt: at };
  return { lastAt: at, state: { settled, erasing: undefined }, memory: memoryOf(readable(request).event) };
}

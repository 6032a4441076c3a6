import type { CohortClient } from '@cohort/client';
import { START, USER_EVENTS, userStream, type UserEventData } from '@cohort/contracts';
import { readOne, type EventStore } from '@cohort/event-store';
import { CommandMemory, readable, type Recorded, type StreamKind } from '../mailbox';
import { earlierSyncs, memoryOf } from './earlier-syncs';
import { decideSyncUser, positionWhereItHolds } from './user-sync';
import type { UserState, UserTypes } from './user-types';

const unwritten = (): Recorded<UserState> => ({
  state: { settled: undefined },
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
    events: USER_EVENTS,
    stream: ({ app, userId }) => userStream(app, userId),
    unwritten,
    cache: { get: () => undefined, set: () => undefined, delete: () => undefined },
    mayBegin: () => false,
    catchUp: ({ app, userId }) => load(store, userStream(app, userId)),
    async factsFor(_key, { memory, state }, [next]) {
      if (!next || memory.find(next.command.commandId)) return undefined;
      return positionWhereItHolds(store, client, next.command, state);
    },
    decide: decideSyncUser,
    evolve: () => ({ settled: undefined }),
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

/** Reads the stream's end: its last event requests the newest sync, or completes it. */
async function load(store: Pick<EventStore, 'read'>, stream: string): Promise<Recorded<UserState>> {
  const newest = await readOne(store, stream, { backwards: true });
  if (!newest) return unwritten();
  const last = readable(newest);
  const settled = last.type === 'syncCompleted' ? (last.data as UserEventData['syncCompleted']) : undefined;
  const request = settled ? await readOne(store, stream, { from: settled.sync }) : last;
  if (!request) throw new Error(`The request of a completed sync is gone from ${stream}`);
  return {
    state: { settled },
    revision: last.revision,
    position: last.position,
    lastAt: Date.parse(String(last.metadata.at)),
    memory: memoryOf(readable(request)),
  };
}

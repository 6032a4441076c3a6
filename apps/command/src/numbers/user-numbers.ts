import { randomUUID } from 'node:crypto';
import {
  CohortError,
  comparePositions,
  ownNumber,
  readStored,
  START,
  USER_NUMBER_EVENTS,
  userNumberStream,
  type AssignNumbersAnswer,
  type Position,
  type UserNumber,
  type UserNumberEvent,
} from '@cohort/contracts';
import { readOne, StreamDeleted, WrongExpectedRevision, type EventStore } from '@cohort/event-store';
import { AliasAllocator } from '../aliases';
import type { CommandRequest } from '../command-request';
import { eventMetadata } from '../event-metadata';
import { InFlight } from '../in-flight';
import { deadlineExceeded, errorOfStore } from '../refusals';

/** Appends of one command at the same time. */
const AT_ONCE = 32;

export interface UserNumbersOptions {
  readonly store: Pick<EventStore, 'append' | 'read'>;
  readonly inFlight?: InFlight;
  readonly aliases?: Pick<AliasAllocator, 'take'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A number that an event of the user's stream gives. */
interface Assigned {
  readonly number: string;
  readonly position: Position;
}

/**
 * Gives users numbers (docs/decisions/0035-numbers-of-users.md). The first event of a user's stream gives the number, and is
 * appended only if the stream has none: of several processes one succeeds, and the others read what it wrote. The number
 * comes from a block that this process reserved, so no other user gets it. A number of a failed append is lost.
 */
export class UserNumbers {
  readonly #store: UserNumbersOptions['store'];
  readonly #inFlight: InFlight;
  readonly #aliases: Pick<AliasAllocator, 'take'>;
  readonly #now: () => number;

  constructor({
    store,
    inFlight = new InFlight(),
    aliases = new AliasAllocator(store),
    now = Date.now,
  }: UserNumbersOptions) {
    this.#store = store;
    this.#inFlight = inFlight;
    this.#aliases = aliases;
    this.#now = now;
  }

  /** Carries out one command. A repeat of it, or of a part of it, gets the same numbers. */
  async execute(request: CommandRequest<'assignNumbers'>): Promise<AssignNumbersAnswer> {
    const { app, commandId, data, deadline, expectedRevision } = request;
    if (data.actor.type === 'user') throw new CohortError('FORBIDDEN', 'Only a service may do this.');
    if (expectedRevision !== undefined) {
      throw new CohortError('VALIDATION_FAILED', 'expectedRevision is not for this command: numbers have no revision.');
    }
    const leave = this.#inFlight.enter(app.id, 'user', 0);
    try {
      if (this.#now() > deadline) throw deadlineExceeded();
      return await this.#assign(request);
    } catch (error) {
      throw errorOfStore(error, commandId);
    } finally {
      leave();
    }
  }

  async #assign(request: CommandRequest<'assignNumbers'>): Promise<AssignNumbersAnswer> {
    const userIds = [...new Set(request.data.userIds)];
    const assigned = new Map<string, Assigned>();
    const left = userIds.filter((userId) => ownNumber(userId) === undefined).reverse();
    const lane = async (): Promise<void> => {
      for (let userId = left.pop(); userId !== undefined; userId = left.pop()) {
        const one = await this.#numberOf(request, userId);
        if (one !== undefined) assigned.set(userId, one);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));

    const numberOf = (userId: string): string | undefined => ownNumber(userId) ?? assigned.get(userId)?.number;
    const numbers = userIds.flatMap((userId): UserNumber[] => {
      const number = numberOf(userId);
      return number === undefined ? [] : [{ userId, number }];
    });
    const missing = userIds.filter((userId) => numberOf(userId) === undefined);
    const position = [...assigned.values()].reduce<Position>(
      (newest, one) => (comparePositions(one.position, newest) > 0 ? one.position : newest),
      START,
    );
    return { numbers, missing, position };
  }

  /** The user's number, given now or earlier; undefined if an operator deleted its stream. */
  async #numberOf(request: CommandRequest<'assignNumbers'>, userId: string): Promise<Assigned | undefined> {
    const stream = userNumberStream(request.app.id, userId);
    try {
      const number = await this.#aliases.take(request.app.id);
      const event = {
        // Another attempt carries another number: the store must not take it for a repeat of this one.
        id: randomUUID(),
        ...({ type: 'numberAssigned', data: { number } } satisfies UserNumberEvent),
        metadata: {
          ...eventMetadata(request, { at: this.#now(), schemaVersion: USER_NUMBER_EVENTS.numberAssigned.version }),
          batch: { index: 0, size: 1 },
        },
      };
      const { position, revision } = await this.#store.append(stream, [event], 'none');
      // The store continues the revisions of a deleted stream. No reader counts this event.
      return revision === 0 ? { number, position } : undefined;
    } catch (error) {
      if (error instanceof StreamDeleted) return undefined;
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return this.#stored(stream);
    }
  }

  async #stored(stream: string): Promise<Assigned | undefined> {
    try {
      const first = await readOne(this.#store, stream);
      const reading = first && readStored(first);
      if (reading?.kind === 'unknown') {
        throw new CohortError('UNAVAILABLE', `A newer version of this service wrote to ${stream}; upgrade this node.`);
      }
      if (reading?.kind !== 'usable') return undefined;
      const { number } = reading.event.data as UserNumberEvent['data'];
      return { number, position: reading.event.position };
    } catch (error) {
      if (error instanceof StreamDeleted) return undefined;
      throw error;
    }
  }
}

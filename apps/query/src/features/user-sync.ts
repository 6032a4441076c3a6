import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CohortError, GetUserSync, userStream, type QueryAnswers, type UserEventType } from '@cohort/contracts';
import { readOne, standingWithoutEvents, StreamDeleted } from '@cohort/event-store';
import { ReadModel } from '@cohort/read-model';
import { EVENT_READER, type EventReader } from '../event-reader';

const REQUESTED: UserEventType = 'syncRequested';

@QueryHandler(GetUserSync)
class UserSyncHandler implements IQueryHandler<GetUserSync, QueryAnswers['userSync']> {
  constructor(
    private readonly model: ReadModel,
    @Inject(EVENT_READER) private readonly store: EventReader,
  ) {}

  async execute(query: GetUserSync): Promise<QueryAnswers['userSync']> {
    const { app, userId, sync, waitMs = 0 } = query;
    const numbers = () => this.model.lookups.syncNumbers(app, userId);
    if (numbers().requested < sync) await this.mustExist(query);
    const completed = await this.model.isSo(() => numbers().completed >= sync, userStream(app, userId), waitMs);
    return { completed, position: this.model.applied.current };
  }

  /**
   * Throws unless the event store has this sync, or had it: this node may be behind. Completed syncs before the newest one are
   * truncated, so an event after it stands for it.
   */
  private async mustExist({ app, userId, sync }: GetUserSync): Promise<void> {
    const stream = userStream(app, userId);
    try {
      const found = await readOne(this.store, stream, { from: sync });
      if (found !== undefined && (found.revision > sync || found.type === REQUESTED)) return;
      // An operator may have truncated all of the stream: then nobody knows.
      const isEmpty = found === undefined && (await readOne(this.store, stream)) === undefined;
      if (isEmpty && (await standingWithoutEvents(this.store, stream)) !== 'none') return;
    } catch (error) {
      if (!(error instanceof StreamDeleted)) throw error;
      throw new CohortError('DATA_ERASED', `An operator deleted the stored syncs of user ${userId}.`, { userId });
    }
    const message = `User ${userId} has no sync ${sync}.`;
    throw new CohortError('VALIDATION_FAILED', message, { fields: [{ field: 'sync', message }] });
  }
}

export const userSync = { userSync: UserSyncHandler };

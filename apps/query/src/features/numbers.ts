import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CohortClient } from '@cohort/client';
import { CohortError, GetUserNumbers, type QueryAnswers, type UserNumber } from '@cohort/contracts';
import { ReadModel } from '@cohort/read-model';
import { QuerySettings } from '../settings';

/** Longest wait for numbers to be given, in milliseconds. */
const ASSIGN_TIMEOUT_MS = 5_000;

/**
 * Answers with the numbers that this node knows, and has the others given. A node that is behind asks for numbers that
 * exist: it gets these.
 */
@QueryHandler(GetUserNumbers)
class UserNumbersHandler implements IQueryHandler<GetUserNumbers, QueryAnswers['userNumbers']> {
  constructor(
    private readonly model: ReadModel,
    private readonly client: CohortClient,
    private readonly settings: QuerySettings,
  ) {}

  async execute({ app, userIds }: GetUserNumbers): Promise<QueryAnswers['userNumbers']> {
    const numbers = new Map(userIds.map((userId) => [userId, this.model.lookups.numberOf(app, userId)]));
    const without = [...numbers].flatMap(([userId, number]) => (number === undefined ? [userId] : []));
    if (without.length === 0) return answer(numbers);
    const options = { timeoutMs: ASSIGN_TIMEOUT_MS };
    const { numbers: given, position } = await this.client
      .command('assignNumbers', { app, actor: { type: 'service' }, userIds: without }, options)
      .catch(nothingWritten);
    for (const { userId, number } of given) numbers.set(userId, number);
    if (given.length === 0) return answer(numbers);
    // The next query, about one of these numbers, must find it here.
    await this.model.applied.waitFor(position, this.settings.QUERY_AFTER_TIMEOUT_MS);
    return { ...answer(numbers), assigned: position };
  }
}

/** A query writes nothing as far as its caller knows, so that its outcome is never unknown: it may be sent again. */
function nothingWritten(error: unknown): never {
  if (error instanceof CohortError && error.code === 'OUTCOME_UNKNOWN') {
    throw new CohortError('UNAVAILABLE', "Some users have no number yet, and it can't be given now. Try again.");
  }
  throw error;
}

function answer(numbers: ReadonlyMap<string, string | undefined>): QueryAnswers['userNumbers'] {
  const known = [...numbers].flatMap(([userId, number]): UserNumber[] =>
    number === undefined ? [] : [{ userId, number }],
  );
  const missing = [...numbers].flatMap(([userId, number]) => (number === undefined ? [userId] : []));
  return { numbers: known, missing };
}

export const numbers = { userNumbers: UserNumbersHandler };

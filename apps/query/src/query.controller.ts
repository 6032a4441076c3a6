import { QueryBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, NatsContext, Payload } from '@nestjs/microservices';
import {
  appQuerySubject,
  CohortError,
  isQueryName,
  parseDto,
  parseSubject,
  QUERIES,
  querySubject,
  withSubjectApp,
} from '@cohort/contracts';
import { NatsController } from '@cohort/bus';
import { Apps } from '@cohort/process';
import { isDamage, ReadModel, sqliteCode } from '@cohort/read-model';
import { Projector } from './projector';
import { QueryLimits } from './query-limits';
import { QuerySettings } from './settings';

const SUBJECTS = Object.keys(QUERIES).flatMap((name) => [querySubject(name), appQuerySubject('*', name)]);

/** Answers every query. Its subject has the query's name and, in the second form, the tenant. */
@NatsController()
export class QueryController {
  constructor(
    private readonly queryBus: QueryBus,
    private readonly model: ReadModel,
    private readonly apps: Apps,
    private readonly settings: QuerySettings,
    private readonly limits: QueryLimits,
    private readonly projector: Projector,
  ) {}

  @MessagePattern(SUBJECTS)
  async answer(@Payload() data: unknown, @Ctx() context: NatsContext): Promise<object> {
    try {
      return await this.ask(data, context);
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
      if (isDamage(error)) this.projector.damaged(error);
      throw new CohortError('UNAVAILABLE', "This node can't read its file; other nodes can answer. Try again.");
    }
  }

  /** Not `async`: the answer of a hot query needs no promise. */
  private ask(data: unknown, context: NatsContext): object | Promise<object> {
    const subject = parseSubject(context.getSubject());
    if (subject === undefined || !isQueryName(subject.name)) {
      throw new CohortError('UNKNOWN_OPERATION', 'There is no query of this name.');
    }
    const body = withSubjectApp(subject, data);

    // The short way of a hot query: no instance of a class, and no query bus.
    const hot = this.model.hot.get(subject.name);
    const quick = hot?.check(body);
    if (hot !== undefined && quick !== undefined) {
      this.apps.get(quick.app);
      // Without a position it is answered in this turn, and takes no share from the tenant's other queries.
      if (quick.after === undefined) return hot.answer(quick);
      return this.counted(quick, () => hot.answer(quick));
    }

    const query = parseDto<{ app: string; after?: string }>(QUERIES[subject.name].dto, body);
    this.apps.get(query.app);
    return this.counted(query, async () => {
      await this.limits.turn(query);
      return this.queryBus.execute<object, object>(query);
    });
  }

  /** Answers within the tenant's share, once the position in `after` is reached. */
  private async counted<T>(query: { app: string; after?: string }, answer: () => T | Promise<T>): Promise<T> {
    const leave = this.limits.enter(query.app);
    try {
      if (query.after !== undefined) {
        await this.model.applied.waitFor(query.after, this.settings.QUERY_AFTER_TIMEOUT_MS);
      }
      return await answer();
    } finally {
      leave();
    }
  }
}

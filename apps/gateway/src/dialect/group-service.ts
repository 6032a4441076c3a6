import type { CallOptions, CohortClient } from '@cohort/client';
import {
  CohortError,
  type CommandAnswer,
  type CommandData,
  type CommandName,
  type ErrorCode,
  type QueryAnswers,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import type { QueryNodes } from './visibility';

/** Longest wait for the query nodes to apply a write, in milliseconds. */
const VISIBILITY_BOUND_MS = 2_000;

/** The users of each tenant. */
export interface KnownUsers {
  isKnown(tenantId: string, userId: string): Promise<boolean>;
}

/** Without user directories, every well-formed id is that of a user. */
const EVERYBODY: KnownUsers = { isKnown: () => Promise.resolve(true) };

/**
 * The commands and queries behind the gateway. A command is answered when every live query node has applied its events,
 * because the next read carries no position and may reach any node. After `VISIBILITY_BOUND_MS` it is answered anyway:
 * the events are stored.
 */
export class GroupService {
  constructor(
    private readonly client: Pick<CohortClient, 'command' | 'query'>,
    private readonly queryNodes: Pick<QueryNodes, 'waitFor'>,
    private readonly onNotVisible: () => void,
    private readonly users: KnownUsers = EVERYBODY,
  ) {}

  /** Whether the tenant has this user. Throws `UNAVAILABLE` if its user directory gives no answer. */
  isKnown(tenantId: string, userId: string): Promise<boolean> {
    return this.users.isKnown(tenantId, userId);
  }

  async command<N extends CommandName>(name: N, data: CommandData<N>): Promise<CommandAnswer<N>> {
    const answer = await this.client.command(name, data);
    await this.untilVisible(answer.position);
    return answer;
  }

  async query<N extends QueryName>(name: N, data: QueryData<N>, options?: CallOptions): Promise<QueryAnswers[N]> {
    const answer = await this.client.query(name, data, options);
    // A read that gave users their numbers has written.
    if ('assigned' in answer && answer.assigned !== undefined) await this.untilVisible(answer.assigned);
    return answer;
  }

  /** Waits, within the bound, until every live query node has applied this position. */
  async untilVisible(position: string): Promise<void> {
    if (!(await this.queryNodes.waitFor(position, VISIBILITY_BOUND_MS))) this.onNotVisible();
  }
}

/** The outcome, or `undefined` after one of these errors, for vendors that report them as success. */
export async function unless<T>(codes: readonly ErrorCode[], outcome: Promise<T>): Promise<T | undefined> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof CohortError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

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
import { Injectable } from '@nestjs/common';
import type { QueryNodes } from './visibility';

/** Longest wait for the query nodes to see a write, in milliseconds. */
const VISIBILITY_BOUND_MS = 2_000;

/**
 * Commands and queries, for the dialects. A command is answered only when every live query node has what it wrote
 * (within `VISIBILITY_BOUND_MS`; after that it is answered all the same, for it is written), because the callers'
 * next read carries no position and may reach any node.
 */
@Injectable()
export class Cohort {
  constructor(
    private readonly client: Pick<CohortClient, 'command' | 'query'>,
    private readonly queryNodes: Pick<QueryNodes, 'waitFor'>,
    private readonly onNotVisible: () => void,
  ) {}

  async command<N extends CommandName>(name: N, data: CommandData<N>): Promise<CommandAnswer<N>> {
    const answer = await this.client.command(name, data);
    await this.untilVisible(answer.position);
    return answer;
  }

  query<N extends QueryName>(name: N, data: QueryData<N>, options?: CallOptions): Promise<QueryAnswers[N]> {
    return this.client.query(name, data, options);
  }

  /** Waits until every live query node has this position, within the bound. */
  async untilVisible(position: string): Promise<void> {
    if (!(await this.queryNodes.waitFor(position, VISIBILITY_BOUND_MS))) this.onNotVisible();
  }
}

/** The outcome, or `undefined` where it was one of these errors: for vendors who take them for success. */
export async function unless<T>(codes: readonly ErrorCode[], outcome: Promise<T>): Promise<T | undefined> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof CohortError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

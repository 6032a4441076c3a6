import { EventStoreSettings, IsWhole, StartError } from '@cohort/process';
import { absolutePath, messageOf } from '@cohort/surroundings';
import { IsOptional, IsString, Matches } from 'class-validator';
import { join } from 'node:path';

export class QuerySettings extends EventStoreSettings {
  /** Where the read model's file is kept: `DATA_DIR/query/<QUERY_NODE>.db`. */
  @IsString()
  DATA_DIR = './data';

  /** Name of this query node. Nodes that share a `DATA_DIR` need different names. */
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -' })
  QUERY_NODE = 'query';

  /** Another node's file, on this machine. A node without a file begins with a copy of it. */
  @IsOptional()
  @IsString()
  QUERY_START_FROM?: string;

  /** Longest wait of a query for its `after`, or for the state that its cursor or `since...` needs; milliseconds. */
  @IsWhole(0, 60_000)
  QUERY_AFTER_TIMEOUT_MS = 2_000;

  /** Seconds behind the event store beyond which the node isn't ready. The two clocks must differ by less. */
  @IsWhole(1, 86_400)
  QUERY_MAX_LAG_SECONDS = 5;
}

/** The node's read model. */
export function readModelFile({ DATA_DIR, QUERY_NODE }: QuerySettings): string {
  try {
    return join(absolutePath(DATA_DIR), 'query', `${QUERY_NODE}.db`);
  } catch (error) {
    throw new StartError(`DATA_DIR: ${messageOf(error)}.`);
  }
}

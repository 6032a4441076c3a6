import type { Dialect } from '../../apps/gateway/src/dialect/dialect';
import type { OperationInfo } from '../../apps/gateway/src/dialect/operation';
import type { Answer } from './http';

/** Values of fields by name, as a test writes them. */
export type Values = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export interface Expected {
  readonly status: number;
  readonly body: unknown;
}

/** What a row on one group answers. `message` is what the group service says about a dismissed group. */
export interface RowCases {
  readonly unknownGroup: (groupId: string) => Expected;
  readonly dismissedGroup: (message: string) => Expected;
}

/** Everything `rows.int-spec.ts` needs in order to walk the rows of a dialect. */
export interface DialectCases {
  readonly dialect: Dialect;
  /** The keys of a tenant for this dialect, as `APPS_FILE` has them. */
  readonly settings: Readonly<Record<string, string>>;
  /** A valid value of every field. Ids other than the group's must be unused. */
  readonly valid: (groupId: string, unused: string) => Values;
  /** Sends a row with these fields; without credentials if `signed` is false. */
  readonly send: (url: string, row: OperationInfo, values: Values, signed: boolean) => Promise<Answer>;
  readonly withoutCredentials: Expected;
  readonly missing: (field: string) => Expected;
  /** Wrong values of every field, each with a name. */
  readonly wrong: Readonly<Record<string, Readonly<Record<string, readonly [value: Values[string], Expected]>>>>;
  readonly rows: Readonly<Record<string, RowCases | 'names no group'>>;
}

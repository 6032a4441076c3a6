import type { Dialect } from '../../apps/gateway/src/dialect/dialect';
import type { OperationInfo } from '../../apps/gateway/src/dialect/operation';
import type { OutgoingRequest } from './http';

/** A value of a field, as a test writes it. */
export type Value =
  string | number | boolean | readonly (string | number | boolean)[] | Readonly<Record<string, string>>;

/** Values of fields by name. */
export type Values = Readonly<Record<string, Value>>;

/** Wrong values of a field, each with a name, and their answers. */
export type Wrong = Readonly<Record<string, readonly [value: Value, Expected]>>;

export interface Expected {
  readonly status: number;
  readonly body: unknown;
}

/** What a row on one group answers. `message` is what the group service says about a dismissed group. */
export interface RowCases {
  readonly unknownGroup: (groupId: string) => Expected;
  readonly dismissedGroup: (message: string, groupId: string) => Expected;
}

/** Everything `rows.int-spec.ts` needs in order to walk the rows of a dialect. */
export interface DialectCases {
  readonly dialect: Dialect;
  /** The keys of a tenant for this dialect, as `APPS_FILE` has them. */
  readonly settings: Readonly<Record<string, string>>;
  /** A valid value of every field of a row. Ids are decimals, and those other than the group's must be unused. */
  readonly valid: (groupId: string, unused: string, row: OperationInfo) => Values;
  /** The request of a row with these fields; without credentials if `signed` is false. */
  readonly request: (row: OperationInfo, values: Values, signed: boolean) => OutgoingRequest;
  readonly withoutCredentials: Expected | ((row: OperationInfo) => Expected);
  readonly missing: (field: string, row: OperationInfo) => Expected;
  /** Wrong values of a field of a row. */
  readonly wrong: (field: string, row: OperationInfo) => Wrong;
  /** An error of the frame in the dialect's form. */
  readonly refused: (code: 'TOO_LARGE' | 'VALIDATION_FAILED', message: string) => Expected;
  /** The bytes of a body that is larger or smaller than it may be. */
  readonly bodies: {
    /** With one field or value more than the row takes. */
    readonly tooMany: (row: OperationInfo) => { readonly body: string; readonly expected: Expected };
    /** Its only field has these bytes. */
    readonly bytes: (field: string, bytes: Buffer) => Buffer;
  };
  readonly rows: Readonly<Record<string, RowCases | 'names no group'>>;
}

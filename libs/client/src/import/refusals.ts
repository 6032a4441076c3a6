import { CohortError } from '@cohort/contracts';
import { ImportLineError } from './lines';

/** Lines of the file that one command sent: a group's, or those of a chunk of its members. */
export interface Sent {
  readonly groupId: string;
  /** Numbers of the lines, from 1. */
  readonly lines: readonly number[];
}

/** A wrong field of an entry of `members`: `members.200.joinedAt must be ...`. */
const OF_ENTRY = /^members\.(\d+)\.?(.*)$/s;

/** The error of a file's lines that the service refused. It names the lines and the group. */
export function lineError(error: unknown, { groupId, lines }: Sent): unknown {
  const [first = 0] = lines;
  if (!(error instanceof CohortError)) return error;
  if (error.code !== 'VALIDATION_FAILED') {
    return new ImportLineError(
      first,
      `${error.code}: ${error.message}${hintOf(error)}`,
      { groupId, last: lines.at(-1) },
      error,
    );
  }
  const { index, what } = firstFault(error);
  const line = index === undefined ? undefined : lines[index];
  return line === undefined
    ? new ImportLineError(first, error.message, { groupId, last: lines.at(-1) }, error)
    : new ImportLineError(line, `${what}${countOf(error)}`, { groupId }, error);
}

interface Field {
  readonly message: string;
}

const fieldsOf = ({ details }: CohortError): readonly Field[] => {
  const fields = details?.fields;
  return Array.isArray(fields) ? (fields as readonly Field[]) : [];
};

function firstFault(error: CohortError): { readonly index?: number; readonly what: string } {
  const [field] = fieldsOf(error);
  const [, index, what = ''] = OF_ENTRY.exec(field?.message ?? '') ?? [];
  return index === undefined ? { what: error.message } : { index: Number(index), what };
}

/** How many other fields of the chunk are wrong. */
function countOf(error: CohortError): string {
  const { more } = error.details ?? {};
  const others = fieldsOf(error).length - 1 + (typeof more === 'number' ? more : 0);
  return others > 0 ? ` (and ${others} more in this chunk)` : '';
}

/** The remedy of an import that can't go on as it is. */
const hintOf = ({ code }: CohortError): string =>
  code === 'CAPACITY_REACHED'
    ? ' Raise it with the command changeCapacity, then run the same file again; leave its group line as it is.'
    : '';

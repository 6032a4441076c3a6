import { createHash } from 'node:crypto';
import type { CohortError, CommandData } from '@cohort/contracts';

/** A group in a file of imports: the fields of `importGroup` that the file may have. */
export type GroupLine = Omit<CommandData<'importGroup'>, 'app' | 'actor' | 'commandId' | 'expectedRevision' | 'notice'>;
export type MemberLine = CommandData<'importMembers'>['members'][number];

/** A line of the file that can't be read, or that the service refused; `line` counts from 1. */
export class ImportLineError extends Error {
  constructor(
    readonly line: number,
    why: string,
    { groupId, last = line }: { readonly groupId?: string; readonly last?: number | undefined } = {},
    /** The error of the service. */
    override readonly cause?: CohortError,
  ) {
    const lines = last === line ? `Line ${line}` : `Lines ${line} to ${last}`;
    super(`${lines}${groupId === undefined ? '' : ` (group ${groupId})`}: ${why}`);
  }
}

export type ImportLine =
  | { readonly kind: 'group'; readonly line: number; readonly group: GroupLine }
  | { readonly kind: 'member'; readonly line: number; readonly member: MemberLine };

/**
 * Reads a line of JSON: `{"group": {...}}`, then its members `{"userId": ...}`, then the next group. Undefined for an empty line.
 *
 * @param line its number, from 1
 */
export function importLine(text: string, line: number): ImportLine | undefined {
  if (text.trim() === '') return undefined;
  const value = parsed(text, line);
  if (!isObject(value)) throw new ImportLineError(line, 'it must be a JSON object.');
  const { group } = value;
  if (group === undefined) return { kind: 'member', line, member: value as unknown as MemberLine };
  if (isObject(group)) return { kind: 'group', line, group: { importId: nameOf(text), ...group } as GroupLine };
  throw new ImportLineError(line, '"group" must be an object.');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ImportLineError(line, 'it must be JSON.');
  }
}

/** The same line is the same import. */
const nameOf = (text: string): string => createHash('sha256').update(text.trim()).digest('hex').slice(0, 32);

import {
  errorBody,
  type ErrorBody,
  type ErrorCode,
  type FileResult,
  type GroupEvent,
  type JoinCodeSecret,
  type TenantRules,
  type UserResult,
  type WordList,
} from '@cohort/contracts';

/** Numbers of live groups, before a command. Of what a tenant has no limit for, they may be missing. */
export interface GroupCounts {
  readonly groups: number;
  readonly users: ReadonlyMap<string, { readonly owned: number; readonly joined: number }>;
}

/** What a decision needs beside command and state. */
export interface DecideContext extends TenantRules {
  /**
   * The time that the command's events will carry, in milliseconds since 1970. It is never before the group's last event.
   * What has run out is decided by this time alone.
   */
  readonly at: number;
  /** The number of the group if this command creates it: its own id, or an alias reserved for it. */
  readonly numericId: string;
  /** The words that the tenant forbids in names of groups. */
  readonly forbidden?: Pick<WordList, 'isIn'>;
  /**
   * Of the users that the command names, those whom the tenant's user directory doesn't know; `unavailable` if it gave no
   * answer. Absent in a tenant without a directory.
   */
  readonly unknownUsers?: ReadonlySet<string> | 'unavailable';
  /** Numbers of groups of the tenant and of the users that the command names; `unavailable` if they couldn't be counted. */
  readonly counts?: GroupCounts | 'unavailable';
  /** Signs the tenant's join codes; there if the command has one. */
  readonly joinCodeSecret?: JoinCodeSecret | undefined;
}

/**
 * The outcome of a command. An accepted command without events changes nothing: what it asks for holds already.
 * `results` has one entry for each user that the command names, in the given order, repeats once; a user that isn't
 * refused is `ok`, with or without an event.
 */
export type Decision = Accepted | Refused;
export interface Accepted {
  readonly ok: true;
  readonly events: readonly GroupEvent[];
  readonly results?: readonly UserResult[];
  /** The same for a command that names files. */
  readonly fileResults?: readonly FileResult[];
  /** Id of what the command makes. */
  readonly made?: string;
}
export interface Refused {
  readonly ok: false;
  readonly error: ErrorBody;
}

export const accept = (events: readonly GroupEvent[], results?: readonly UserResult[]): Accepted =>
  results === undefined ? { ok: true, events } : { ok: true, events, results };

export const refuse = (code: ErrorCode, message: string, details?: ErrorBody['details']): Refused => ({
  ok: false,
  error: errorBody(code, message, details),
});

/** Results of a command that names these users: all are `ok` but the refused ones. */
export const resultsOf = (userIds: readonly string[], refused: ReadonlyMap<string, ErrorCode>): UserResult[] =>
  userIds.map((userId) => {
    const code = refused.get(userId);
    return code === undefined ? { userId, ok: true } : { userId, ok: false, code };
  });

/** In order of first mention. */
export const distinct = (userIds: readonly string[]): string[] => [...new Set(userIds)];

export const notAMember = (userId: string): Refused =>
  refuse('NOT_A_MEMBER', `User ${userId} is not a member of the group.`, { userId });

/** A refusal when the wanted number of members is over the capacity. */
export function mustFit(wanted: number, capacity: number): Refused | undefined {
  if (wanted <= capacity) return undefined;
  const message = `The group may have at most ${capacity} members; with these users it would have ${wanted}.`;
  return refuse('CAPACITY_REACHED', message, { capacity, wanted });
}

export const groupNotFound = refuse('GROUP_NOT_FOUND', 'There is no group with this id.');
export const groupExists = refuse('GROUP_EXISTS', 'Another command made a group with this id.');
export const groupDismissed = refuse('GROUP_DISMISSED', "The group was dismissed; its id can't be used again.");
export const groupDisabled = refuse('GROUP_DISABLED', 'The group is disabled: only enable and dismiss change it.');

/**
 * The kinds of errors. A dialect maps each kind to a code of its vendor, and lists the codes that are exceptions.
 *
 * - `invalid`: the request is malformed. `tooLarge`: it, or its answer, is over a limit of bytes.
 * - `unauthenticated`: the caller proves no identity. `forbidden`: the actor may not do this.
 * - `notFound`: tenant or group is unknown. `gone`: the group was dismissed or erased. `conflict`: the group's state excludes it.
 * - `busy`: nothing was done, a later attempt may succeed. `unavailable`: a dependency gave no answer in time, or the
 *   stored data are damaged.
 * - `misuse`: the caller broke the rules of the NATS API, which no dialect does. `internal`: an unexpected error.
 */
export type ErrorKind =
  | 'invalid'
  | 'tooLarge'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'gone'
  | 'conflict'
  | 'busy'
  | 'unavailable'
  | 'misuse'
  | 'internal';

interface ErrorDeclaration {
  /** The number in a NATS reply (`Nats-Service-Error-Code`) and the status of an HTTP problem. */
  readonly status: number;
  readonly kind: ErrorKind;
}

/** Every error that a caller can get. Codes are stable: they may be added, never renamed. */
export const ERRORS = {
  /**
   * A field is missing, unknown, of the wrong type or over its limit. `details.fields` names up to three, `details.more` counts
   * the others.
   */
  VALIDATION_FAILED: { status: 400, kind: 'invalid' },
  /** The group id is a decimal from 2^52 to 2^53-1, which only aliases may be. */
  GROUP_ID_RESERVED: { status: 400, kind: 'invalid' },
  /** The command's events don't fit into one append (1 MiB), or the message is larger than its operation takes. */
  TOO_LARGE: { status: 413, kind: 'tooLarge' },
  /** The caller's key, signature or token is missing or wrong. */
  UNAUTHENTICATED: { status: 401, kind: 'unauthenticated' },
  /** The actor may not do this in any state of the group; or body and subject name different tenants. */
  FORBIDDEN: { status: 403, kind: 'forbidden' },
  /** The tenant isn't configured here. */
  APP_NOT_FOUND: { status: 404, kind: 'notFound' },
  /** Only the owner may do this. */
  OWNER_ONLY: { status: 403, kind: 'forbidden' },
  /** Only the owner and the admins may do this. */
  ADMIN_ONLY: { status: 403, kind: 'forbidden' },
  /** The tenant's user directory doesn't know the user. `details.userIds` names up to ten, `details.more` counts the others. */
  USER_UNKNOWN: { status: 404, kind: 'notFound' },
  /** The user isn't a member of the group. */
  NOT_A_MEMBER: { status: 403, kind: 'forbidden' },
  /** Users join this group by invitation only: it is private, or its join policy forbids it. */
  INVITATION_ONLY: { status: 403, kind: 'forbidden' },
  /** Users join this group by an application that an admin approves. */
  APPROVAL_NEEDED: { status: 403, kind: 'forbidden' },
  /** The owner has all rights, and can't be an admin. */
  OWNER_CANNOT_BE_ADMIN: { status: 409, kind: 'conflict' },
  /** The group has as many admins as its tenant allows. */
  ADMIN_CAP_REACHED: { status: 409, kind: 'conflict' },
  /** The tenant has no group with this id. */
  GROUP_NOT_FOUND: { status: 404, kind: 'notFound' },
  /** The command or query has no handler. */
  UNKNOWN_OPERATION: { status: 404, kind: 'misuse' },
  /** Another command made a group with this id. */
  GROUP_EXISTS: { status: 409, kind: 'conflict' },
  /** The group wasn't made by this import, or its import has ended: `importMembers` and `completeImport` of another one. */
  IMPORT_MISMATCH: { status: 409, kind: 'conflict' },
  /** The chunk isn't the next one of its import; `details.expected` has its number. */
  IMPORT_OUT_OF_ORDER: { status: 409, kind: 'conflict' },
  /** The group was dismissed, which is final; its id can't be used again. */
  GROUP_DISMISSED: { status: 410, kind: 'gone' },
  /** The group is disabled: until it is enabled, nothing changes it but `enable` and `dismiss`. */
  GROUP_DISABLED: { status: 403, kind: 'forbidden' },
  /** An operator deleted the stored events of this group or user, which is final; its id can't be used again. */
  DATA_ERASED: { status: 410, kind: 'gone' },
  /** The owner may not leave under the policy in force: transfer the group or dismiss it first. */
  OWNER_CANNOT_LEAVE: { status: 409, kind: 'conflict' },
  /** The owner can't be kicked: transfer the group first. */
  OWNER_CANNOT_BE_KICKED: { status: 409, kind: 'conflict' },
  /** An admin can be kicked by the owner only. */
  ADMIN_CANNOT_BE_KICKED: { status: 403, kind: 'forbidden' },
  /** Only a service may ban the owner. */
  OWNER_CANNOT_BE_BANNED: { status: 403, kind: 'forbidden' },
  /** An admin can be banned by the owner only. */
  ADMIN_CANNOT_BE_BANNED: { status: 403, kind: 'forbidden' },
  /** The owner can't be blocked: transfer the group first. */
  OWNER_CANNOT_BE_BLOCKED: { status: 409, kind: 'conflict' },
  /** An admin can be blocked by the owner only. */
  ADMIN_CANNOT_BE_BLOCKED: { status: 403, kind: 'forbidden' },
  /** The group blocks the user, who can't become a member before `unblock`. */
  USER_BLOCKED: { status: 403, kind: 'forbidden' },
  /** The group would have more members than its capacity; nobody was added. */
  CAPACITY_REACHED: { status: 409, kind: 'conflict' },
  /** The tenant has as many groups as it may; `details.limit`. */
  TENANT_GROUPS_REACHED: { status: 409, kind: 'conflict' },
  /** The user owns as many groups as a user of the tenant may; `details` has `limit` and, of a whole command, `userIds`. */
  OWNED_GROUPS_REACHED: { status: 409, kind: 'conflict' },
  /** The user is a member of as many groups as a user of the tenant may; `details` as of `OWNED_GROUPS_REACHED`. */
  JOINED_GROUPS_REACHED: { status: 409, kind: 'conflict' },
  /** The name of the group has a word that its tenant forbids. */
  NAME_FORBIDDEN: { status: 400, kind: 'invalid' },
  /** The group has no announcement with this id. */
  ANNOUNCEMENT_NOT_FOUND: { status: 404, kind: 'notFound' },
  /** The group has as many announcements as its tenant allows: delete some first. */
  ANNOUNCEMENT_LIMIT_REACHED: { status: 409, kind: 'conflict' },
  /** The group has no file with this id. */
  FILE_NOT_FOUND: { status: 404, kind: 'notFound' },
  /** The group has as many files as its tenant allows: remove some first. */
  FILE_LIMIT_REACHED: { status: 409, kind: 'conflict' },
  /** The tenant allows no file of this size. */
  FILE_TOO_LARGE: { status: 400, kind: 'invalid' },
  /** What was uploaded is no file of a type that may be uploaded here. */
  FILE_TYPE_REFUSED: { status: 415, kind: 'invalid' },
  /** The tenant's files take as many bytes as they may: remove some first. */
  FILE_STORE_FULL: { status: 507, kind: 'unavailable' },
  /** Only the uploader of a file, the owner and the admins may rename or remove it. */
  NOT_THE_UPLOADER: { status: 403, kind: 'forbidden' },
  /** The member's own data, or the group's attributes, would have more keys than they may have. */
  EXTRA_KEYS_REACHED: { status: 409, kind: 'conflict' },
  /** The user is a member already. */
  ALREADY_A_MEMBER: { status: 409, kind: 'conflict' },
  /** The group is private: users join by invitation only. */
  GROUP_PRIVATE: { status: 403, kind: 'forbidden' },
  /** The group's join policy forbids to join without an invitation. */
  JOIN_FORBIDDEN: { status: 403, kind: 'forbidden' },
  /** Nobody handled the application in time. */
  APPLICATION_EXPIRED: { status: 410, kind: 'conflict' },
  /** The user has no pending application: it was handled or withdrawn, or there was none. */
  APPLICATION_HANDLED: { status: 409, kind: 'conflict' },
  /** Nobody answered the invitation in time. */
  INVITATION_EXPIRED: { status: 410, kind: 'conflict' },
  /** The user has no such pending invitation: it was answered or withdrawn, or there was none. */
  INVITATION_HANDLED: { status: 409, kind: 'conflict' },
  /** The text is no join code of the group. */
  JOIN_CODE_INVALID: { status: 403, kind: 'forbidden' },
  /** The join code has run out, or the group's key was changed. */
  JOIN_CODE_EXPIRED: { status: 410, kind: 'conflict' },
  /** The group has as many pending applications or invitations as it may. */
  TOO_MANY_PENDING: { status: 409, kind: 'conflict' },
  /** The group isn't at the revision the caller expected; `details.expected` and `details.actual` name both. */
  CONCURRENCY_CONFLICT: { status: 409, kind: 'busy' },
  /** This command id was used with another payload. */
  COMMAND_ID_REUSED: { status: 409, kind: 'misuse' },
  /** This command id is older than the service remembers: whether it was carried out is no longer known. */
  COMMAND_EXPIRED: { status: 410, kind: 'misuse' },
  /** The deadline passed before the command was started; nothing was done. */
  DEADLINE_EXCEEDED: { status: 504, kind: 'unavailable' },
  /** Too many requests are in flight; nothing was done, try again later. */
  OVERLOADED: { status: 429, kind: 'busy' },
  /** The event store did not answer whether it wrote: send the same command id again. */
  OUTCOME_UNKNOWN: { status: 504, kind: 'unavailable' },
  /** A dependency can't be reached; nothing was done. */
  UNAVAILABLE: { status: 503, kind: 'unavailable' },
  /**
   * The stored events of this group or user are incomplete, or another program wrote among them. Nothing was done. Only an
   * operator can change that: see "Streams" in docs/operations.md.
   */
  DATA_DAMAGED: { status: 503, kind: 'unavailable' },
  /** The read model did not reach the requested position in time. */
  READ_MODEL_BEHIND: { status: 503, kind: 'unavailable' },
  /** The cursor is malformed, or of another list, tenant or store. */
  CURSOR_INVALID: { status: 400, kind: 'invalid' },
  /** An unexpected error; the log has the details under `details.ref`. */
  INTERNAL: { status: 500, kind: 'internal' },
} as const satisfies Readonly<Record<string, ErrorDeclaration>>;

export type ErrorCode = keyof typeof ERRORS;

/** An error as it is written on the wire. */
export interface ErrorBody {
  readonly code: ErrorCode;
  /** One sentence for people: what is wrong, which field, which limit. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error that the caller gets as it is. Any other exception becomes `INTERNAL`. */
export class CohortError extends Error implements ErrorBody {
  override readonly name = 'CohortError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }

  /** The body for the wire: code, message and details, never a stack. */
  toBody(): ErrorBody {
    return errorBody(this.code, this.message, this.details);
  }
}

export function errorBody(code: ErrorCode, message: string, details?: ErrorBody['details']): ErrorBody {
  return details === undefined ? { code, message } : { code, message, details };
}

/** Whether a value from the wire is an error body with a code that this build knows. */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Partial<ErrorBody>;
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) && typeof message === 'string';
}

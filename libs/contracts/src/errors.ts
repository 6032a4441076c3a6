/**
 * Every error a caller can meet, with the number it has in a NATS reply (`Nats-Service-Error-Code`) and as an HTTP
 * problem. Each vendor's dialect has a table of its own. Codes are stable: they may be added to, never renamed.
 */
export const ERROR_STATUS = {
  /** A field is missing, unknown, of the wrong type or over its limit; `details.fields` names each. */
  VALIDATION_FAILED: 400,
  /** The group id is a decimal from 2^52 to 2^53-1, which only aliases may be. */
  GROUP_ID_RESERVED: 400,
  /** The command's events don't fit into one append (1 MiB), or the message is larger than the server takes. */
  TOO_LARGE: 413,
  /** The caller's key, signature or token is missing or wrong. */
  UNAUTHENTICATED: 401,
  /** The actor may not do this, whatever the group's state; or body and subject name different apps. */
  FORBIDDEN: 403,
  /** The app isn't configured here. */
  APP_NOT_FOUND: 404,
  /** Only the owner may do this. */
  OWNER_ONLY: 403,
  /** Only the owner and the admins may do this. */
  ADMIN_ONLY: 403,
  /** The user isn't a member of the group. */
  NOT_A_MEMBER: 403,
  /** There is no group with this id in this app. */
  GROUP_NOT_FOUND: 404,
  /** The command or query has no handler. */
  UNKNOWN_OPERATION: 404,
  /** Another command made a group with this id. */
  GROUP_EXISTS: 409,
  /** The group was dismissed, which is final; its id is never given out again. */
  GROUP_DISMISSED: 410,
  /** The owner may not leave under the policy in force: transfer the group or dismiss it first. */
  OWNER_CANNOT_LEAVE: 409,
  /** The owner can't be kicked: transfer the group first. */
  OWNER_CANNOT_BE_KICKED: 409,
  /** An admin can be kicked by the owner only. */
  ADMIN_CANNOT_BE_KICKED: 403,
  /** The group would have more members than its capacity; nobody was added. */
  CAPACITY_REACHED: 409,
  /** The group isn't at the revision the caller expected; `details.expected` and `details.actual` say both. */
  CONCURRENCY_CONFLICT: 409,
  /** This command id was used with another payload. */
  COMMAND_ID_REUSED: 409,
  /** This command id is older than the service remembers: whether it was carried out is no longer known. */
  COMMAND_EXPIRED: 410,
  /** The caller's time was over before the command was begun; nothing was done. */
  DEADLINE_EXCEEDED: 504,
  /** Too much is in flight; nothing was done, try again later. */
  OVERLOADED: 429,
  /** The event store did not say whether it wrote: send the same command id again. */
  OUTCOME_UNKNOWN: 504,
  /** A dependency is away; nothing was done. */
  UNAVAILABLE: 503,
  /** The read model did not reach the asked-for position in time. */
  READ_MODEL_BEHIND: 503,
  /** The cursor is malformed, or of another list, app or store. */
  CURSOR_INVALID: 400,
  /** A fault of ours; the log has the details under `details.ref`. */
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** An error as it is written on the wire. */
export interface ErrorBody {
  readonly code: ErrorCode;
  /** One sentence for people: what is wrong, which field, which limit. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error to be told to the caller as it is. Anything else that is thrown becomes `INTERNAL`. */
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

/** Whether a value from the wire is an error body with a code we know. */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Partial<ErrorBody>;
  return typeof code === 'string' && code in ERROR_STATUS && typeof message === 'string';
}

import type { CohortError, ErrorCode } from '@cohort/contracts';

/**
 * The vendor's codes that this dialect answers with, and the HTTP status of each (the vendor's status table; 405 and
 * 1502 as seed 000's limits need them). docs/dialects/rongcloud.md says when each is meant.
 */
export const HTTP_STATUS = {
  /** Nothing is at this path. */
  404: 404,
  /** The group would have more members than its capacity. */
  405: 405,
  /** A fault of ours. */
  1000: 500,
  /** No app has this App-Key. */
  1001: 401,
  /** A field is missing or malformed, or the group is over. */
  1002: 400,
  /** The signature is missing or wrong. */
  1004: 401,
  /** A field is too long. */
  1005: 400,
  /** Not allowed to this caller. */
  1007: 401,
  /** Too many calls at once. */
  1008: 429,
  /** What is behind the gateway is away, or did not answer in time. */
  1050: 504,
  /** Too many users or groups in one call. */
  1502: 400,
  /** The body is too large. */
  1508: 400,
} as const;

export type VendorCode = keyof typeof HTTP_STATUS;

/** An error in the vendor's own terms. */
export class RongCloudError extends Error {
  constructor(
    readonly code: VendorCode,
    message: string,
  ) {
    super(message);
  }
}

/** What each of our errors is in the vendor's terms. Those that only a user as actor can meet are `1007`. */
const VENDOR_CODE: Readonly<Record<ErrorCode, VendorCode>> = {
  VALIDATION_FAILED: 1002,
  GROUP_ID_RESERVED: 1002,
  GROUP_NOT_FOUND: 1002,
  GROUP_EXISTS: 1002,
  GROUP_DISMISSED: 1002,
  NOT_A_MEMBER: 1002,
  CURSOR_INVALID: 1002,
  TOO_LARGE: 1508,
  UNAUTHENTICATED: 1004,
  APP_NOT_FOUND: 1001,
  FORBIDDEN: 1007,
  OWNER_ONLY: 1007,
  ADMIN_ONLY: 1007,
  OWNER_CANNOT_LEAVE: 1007,
  OWNER_CANNOT_BE_KICKED: 1007,
  ADMIN_CANNOT_BE_KICKED: 1007,
  CAPACITY_REACHED: 405,
  OVERLOADED: 1008,
  CONCURRENCY_CONFLICT: 1008,
  DEADLINE_EXCEEDED: 1050,
  OUTCOME_UNKNOWN: 1050,
  UNAVAILABLE: 1050,
  READ_MODEL_BEHIND: 1050,
  UNKNOWN_OPERATION: 1000,
  COMMAND_ID_REUSED: 1000,
  COMMAND_EXPIRED: 1000,
  INTERNAL: 1000,
};

/** Messages that speak of what a caller of this dialect doesn't have: command ids. */
const MESSAGE: Partial<Readonly<Record<ErrorCode, string>>> = {
  OUTCOME_UNKNOWN: 'no answer came in time: it may or may not have been carried out, and can be sent again',
};

/** What is written on the wire for an error. */
export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly code: VendorCode; readonly errorMessage: string };
}

/** The reply to an error of ours or of the dialect's. */
export function errorReply(error: CohortError | RongCloudError): ErrorReply {
  const [code, errorMessage] =
    error instanceof RongCloudError
      ? [error.code, error.message]
      : [VENDOR_CODE[error.code], MESSAGE[error.code] ?? error.message];
  return { status: HTTP_STATUS[code], body: { code, errorMessage } };
}

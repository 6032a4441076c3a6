import type { CohortError, ErrorCode } from '@cohort/contracts';
import { vendorCode, type VendorCodes } from '../../dialect/errors';
import type { DialectErrors } from '../../dialect/spec';

/**
 * The vendor's codes that this dialect uses, each with its HTTP status in the vendor's status table. 405 and 1502 serve
 * the limits of the group document. docs/dialects/rongcloud.md describes each.
 */
export const HTTP_STATUS = {
  /** No operation has this path. */
  404: 404,
  /** The group would have more members than its capacity. */
  405: 405,
  /** An internal error. */
  1000: 500,
  /** The App-Key is unknown. */
  1001: 401,
  /** A field is missing or malformed, or the group was dismissed. */
  1002: 400,
  /** The signature is missing or wrong. */
  1004: 401,
  /** A field is too long. */
  1005: 400,
  /** The caller may not do this. */
  1007: 401,
  /** Too many calls are in flight. */
  1008: 429,
  /** The group blocks the user, or is disabled. */
  1016: 403,
  /** A process behind the gateway is unreachable or didn't answer in time. */
  1050: 504,
  /** Too many users or groups in one call. */
  1502: 400,
  /** The body is too large. */
  1508: 400,
} as const;

export type VendorCode = keyof typeof HTTP_STATUS;

/** An error in the vendor's terms. */
export class RongCloudError extends Error {
  constructor(
    readonly code: VendorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Too many users or groups, or too many fields of a form. */
export const tooMany = {
  items: (name: string, count: number, max: number) =>
    new RongCloudError(1502, `${name} is given ${count} times, at most ${max} are allowed`),
  fields: (max: number) => new RongCloudError(1502, `the body has more than ${max} fields`),
};

export const CODES: VendorCodes<VendorCode> = {
  kinds: {
    invalid: 1002,
    tooLarge: 1508,
    unauthenticated: 1004,
    forbidden: 1007,
    notFound: 1002,
    gone: 1002,
    conflict: 1002,
    busy: 1008,
    unavailable: 1050,
    misuse: 1000,
    internal: 1000,
  },
  exceptions: {
    APP_NOT_FOUND: 1001,
    NOT_A_MEMBER: 1002,
    OWNER_CANNOT_LEAVE: 1007,
    OWNER_CANNOT_BE_KICKED: 1007,
    CAPACITY_REACHED: 405,
    USER_BLOCKED: 1016,
    GROUP_DISABLED: 1016,
  },
};

/** Replaces messages about command ids, which callers of this dialect don't have. */
const MESSAGE: Partial<Readonly<Record<ErrorCode, string>>> = {
  OUTCOME_UNKNOWN: 'The call timed out and may have been carried out; send it again.',
};

export const errors: DialectErrors<RongCloudError> = {
  type: RongCloudError,
  from: ({ code, message }: CohortError) => new RongCloudError(vendorCode(CODES, code), MESSAGE[code] ?? message),
  notFound: ({ method, path }) => new RongCloudError(404, `no operation at ${method} ${path}`),
  reply: ({ code, message }) => ({ status: HTTP_STATUS[code], body: { code, errorMessage: message } }),
  schema: {
    type: 'object',
    properties: {
      code: { type: 'integer', enum: Object.keys(HTTP_STATUS).map(Number) },
      errorMessage: { type: 'string' },
    },
    required: ['code', 'errorMessage'],
  },
};

import type { CohortError, ErrorCode } from '@cohort/contracts';
import { vendorCode, type VendorCodes } from '../../dialect/errors';
import type { DialectErrors } from '../../dialect/spec';

/** The vendor's codes that this dialect uses, each with its text in the vendor's table of codes. */
export const TEXTS = {
  402: 'The access-token has expired',
  10000: 'User does not exist',
  10002: 'Incorrect request parameter',
  10003: 'Missing access-token parameter in header',
  10008: 'Invalid access-token in header',
  10010: 'User has no permission',
  20000: 'Server database exception',
  20001: 'Group does not exist',
  20002: 'The user is not a group member',
  20003: 'msg_push_mode value is illegal',
  20004: 'Group Owner cannot quit the group directly',
  20005: 'Group transfer error: Assignee is not a group member',
  20007: 'Number of groups in App exceeds limit',
  20008: 'Number of user-created groups exceeds limit',
  20009: 'Number of user-joined groups exceeds limit',
  20010: 'Number of group members exceeds limit',
  20011: 'This operation needs group member permission',
  20012: 'This operation needs group Admin permission',
  20013: 'This operation needs group Owner permission',
  20014: 'Application of membership expired or processed',
  20015: 'Invitation of membership expired or processed',
  20017: 'User is already a group member',
  20018: 'User is already blacklisted',
  20020: 'Group announcement does not exist',
  20022: 'Group shared file does not exist',
  20023: 'No permission to operate group shared file',
  20024: 'Group invitation QR Code is illegal',
  20025: 'Group invitation QR Code has expired',
  40000: 'app_id does not exist',
} as const;

export type VendorCode = keyof typeof TEXTS;

/** An error in the vendor's terms; its message is the text of its code unless it says more. */
export class LanyingError extends Error {
  constructor(
    readonly code: VendorCode,
    message: string = TEXTS[code],
  ) {
    super(message);
  }
}

/** The request lacks a field, or one is malformed. */
export const badField = (name: string, why: string): LanyingError => new LanyingError(10002, `${name} ${why}`);

/**
 * The code of every error: by its kind, and the exceptions. A feature whose errors have codes of the vendor adds a line
 * for each. An error about the caller or the group is the code of the answer.
 */
export const CODES: VendorCodes<VendorCode> = {
  kinds: {
    invalid: 10002,
    tooLarge: 10002,
    unauthenticated: 10008,
    forbidden: 10010,
    notFound: 20001,
    gone: 20001,
    conflict: 10010,
    busy: 20000,
    unavailable: 20000,
    misuse: 20000,
    internal: 20000,
  },
  exceptions: {
    APP_NOT_FOUND: 40000,
    USER_UNKNOWN: 10000,
    OWNER_ONLY: 20013,
    ADMIN_ONLY: 20012,
    NOT_A_MEMBER: 20011,
    OWNER_CANNOT_LEAVE: 20004,
    ADMIN_CANNOT_BE_KICKED: 20013,
    ADMIN_CANNOT_BE_BANNED: 20013,
    ADMIN_CANNOT_BE_BLOCKED: 20013,
    USER_BLOCKED: 20018,
    TENANT_GROUPS_REACHED: 20007,
    OWNED_GROUPS_REACHED: 20008,
    JOINED_GROUPS_REACHED: 20009,
    CAPACITY_REACHED: 20010,
    ANNOUNCEMENT_NOT_FOUND: 20020,
    FILE_NOT_FOUND: 20022,
    NOT_THE_UPLOADER: 20023,
    ALREADY_A_MEMBER: 20017,
    APPLICATION_EXPIRED: 20014,
    APPLICATION_HANDLED: 20014,
    INVITATION_EXPIRED: 20015,
    INVITATION_HANDLED: 20015,
    JOIN_CODE_INVALID: 20024,
    JOIN_CODE_EXPIRED: 20025,
  },
};

/** An error about one entry of a list: there, `NOT_A_MEMBER` is about the entry's user and not about the caller. */
const ENTRY_CODES: VendorCodes<VendorCode> = {
  kinds: CODES.kinds,
  exceptions: { ...CODES.exceptions, NOT_A_MEMBER: 20002 },
};

/** The text that a failed entry of `user_list` or `file_list` gives as its reason. */
export const reasonOf = (code: ErrorCode): string => TEXTS[vendorCode(ENTRY_CODES, code)];

/** Codes whose text says little: the message of the error itself is returned. It names the field, or what to do. */
const OWN_MESSAGE: readonly VendorCode[] = [10002, 20000];

/** Replaces messages about command ids, which callers of this dialect don't have. */
const MESSAGE: Partial<Readonly<Record<ErrorCode, string>>> = {
  OUTCOME_UNKNOWN: 'The call timed out and may have been carried out; send it again.',
};

export const errors: DialectErrors<LanyingError> = {
  type: LanyingError,
  from: ({ code, message }: CohortError) => {
    const own = vendorCode(CODES, code);
    return OWN_MESSAGE.includes(own) ? new LanyingError(own, MESSAGE[code] ?? message) : new LanyingError(own);
  },
  notFound: ({ method, path }) => new LanyingError(10002, `no operation at ${method} ${path}`),
  // The vendor's SDKs read the code of an answer with HTTP status 200 only.
  reply: ({ code, message }) => ({ status: 200, body: { code, message } }),
  schema: {
    type: 'object',
    properties: {
      code: { type: 'integer', enum: Object.keys(TEXTS).map(Number) },
      message: { type: 'string' },
    },
    required: ['code', 'message'],
  },
};

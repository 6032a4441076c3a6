import type { CohortError, ErrorCode } from '@cohort/contracts';
import { vendorCode, type VendorCodes } from '../../dialect/errors';
import type { DialectErrors } from '../../dialect/spec';

/** The last is the number of a few errors, by which the web SDK knows them. */
type ErrorTypeOf = readonly [status: number, error: string, exception?: string | undefined, code?: number];

/**
 * The vendor's errors: HTTP status, `error`, and the class in `exception` where the vendor's answers are known to have one.
 * SDKs read the status and the description; the web SDK makes its error types of the description's text.
 */
export const ERROR_TYPES = {
  unauthorized: [401, 'unauthorized', 'EasemobSecurityException'],
  noToken: [401, 'group_authorization', 'com.easemob.group.exception.GroupAuthorizationException'],
  invalid: [400, 'invalid_parameter', 'com.easemob.group.exception.InvalidParameterException'],
  illegal: [400, 'illegal_argument'],
  metadata: [400, 'metadata_error'],
  forbidden: [403, 'forbidden_op', 'com.easemob.group.exception.ForbiddenOpException'],
  exceeds: [403, 'exceed_limit'],
  nameViolation: [403, 'group_name_violation'],
  announcementViolation: [403, 'group_announce_violation'],
  announcementTooLong: [403, 'FORBIDDEN'],
  notFound: [404, 'resource_not_found', 'com.easemob.group.exception.ResourceNotFoundException'],
  noGroup: [404, 'service_resource_not_found', 'com.easemob.group.exception.ServiceResourceNotFoundException'],
  notInGroup: [404, 'MetadataException', undefined, 60_003],
  noApp: [404, 'organization_application_not_found'],
  busy: [429, 'reach_limit'],
  unavailable: [503, 'service_unavailable'],
  internal: [500, 'internal_error'],
} as const satisfies Readonly<Record<string, ErrorTypeOf>>;

export type ErrorType = keyof typeof ERROR_TYPES;

/** An error in the vendor's terms. */
export class AgoraError extends Error {
  constructor(
    readonly type: ErrorType,
    description: string,
  ) {
    super(description);
  }
}

export const CODES: VendorCodes<ErrorType> = {
  kinds: {
    invalid: 'invalid',
    tooLarge: 'invalid',
    unauthenticated: 'unauthorized',
    forbidden: 'forbidden',
    notFound: 'notFound',
    gone: 'notFound',
    conflict: 'forbidden',
    busy: 'busy',
    unavailable: 'unavailable',
    misuse: 'internal',
    internal: 'internal',
  },
  exceptions: {
    APP_NOT_FOUND: 'noApp',
    GROUP_EXISTS: 'illegal',
    NAME_FORBIDDEN: 'nameViolation',
    TENANT_GROUPS_REACHED: 'exceeds',
    OWNED_GROUPS_REACHED: 'exceeds',
    JOINED_GROUPS_REACHED: 'exceeds',
  },
};

/** What the descriptions of a call's errors name. */
export interface Named {
  readonly groupId?: string | undefined;
  /** The user that the call acts on, else the acting one. */
  readonly userId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly name?: string | undefined;
}

const noGroup = ({ groupId }: Named) => `grpID ${groupId} does not exist!`;
const ownerOnly = () => 'forbidden operation on group owner!';
const onlyOwners = ({ actorId, groupId }: Named) => `user:${actorId} is not owner of group:${groupId}`;
const tooManyGroups = ({ userId }: Named) => `user ${userId} has joined too many groups!`;

/** The vendor's text where it has one. Else it is Cohort's own. */
const TEXTS: Readonly<Partial<Record<ErrorCode, (named: Named) => string>>> = {
  GROUP_NOT_FOUND: noGroup,
  GROUP_DISMISSED: noGroup,
  DATA_ERASED: noGroup,
  GROUP_EXISTS: ({ groupId }) => `group ID ${groupId} already exists!`,
  GROUP_DISABLED: () => 'can not operate this group, reason: group is disabled',
  CAPACITY_REACHED: () => 'group member list is full!',
  USER_UNKNOWN: ({ userId }) => `username ${userId} doesn't exist!`,
  NOT_A_MEMBER: ({ userId }) => `users [${userId}] are not members of this group!`,
  ADMIN_ONLY: ({ actorId, groupId }) => `user:${actorId} is not admin of group:${groupId}`,
  OWNER_ONLY: onlyOwners,
  ALREADY_A_MEMBER: ({ userId, groupId }) =>
    `can not join this group, reason:user: ${userId} already in group: ${groupId}\n`,
  USER_BLOCKED: ({ userId, groupId }) =>
    `can not join this group, reason:user: ${userId} in group: ${groupId} blacklist`,
  ADMIN_CAP_REACHED: () => 'the group has as many admins as it may have',
  ADMIN_CANNOT_BE_KICKED: onlyOwners,
  ADMIN_CANNOT_BE_BANNED: onlyOwners,
  ADMIN_CANNOT_BE_BLOCKED: onlyOwners,
  OWNER_CANNOT_LEAVE: ownerOnly,
  OWNER_CANNOT_BE_ADMIN: ownerOnly,
  OWNER_CANNOT_BE_KICKED: ownerOnly,
  OWNER_CANNOT_BE_BANNED: ownerOnly,
  OWNER_CANNOT_BE_BLOCKED: ownerOnly,
  OWNED_GROUPS_REACHED: tooManyGroups,
  JOINED_GROUPS_REACHED: tooManyGroups,
  NAME_FORBIDDEN: ({ name }) => `${name} is violation, please change it.`,
  // A message about command ids would mean nothing to callers of this dialect.
  OUTCOME_UNKNOWN: () => 'The call timed out and may have been carried out; send it again.',
};

/** An error of Cohort's in the vendor's terms. An error about several users names the first of them. */
export function translated({ code, message, details }: CohortError, named: Named): AgoraError {
  const [userId] = (details?.userIds as readonly string[] | undefined) ?? [];
  const text = TEXTS[code]?.(userId === undefined ? named : { ...named, userId });
  return new AgoraError(vendorCode(CODES, code), text ?? message);
}

export const notMembers = (...userIds: readonly string[]): AgoraError =>
  new AgoraError('forbidden', `users [${userIds.join(', ')}] are not members of this group!`);

/** The text of an error about one of the users that a call names: of a user who isn't a member, another than alone. */
export const reasonOf = (code: ErrorCode, named: Named): string =>
  code === 'NOT_A_MEMBER'
    ? `user: ${named.userId} doesn't exist in group: ${named.groupId}`
    : (TEXTS[code]?.(named) ?? code);

export const badField = (description: string): AgoraError => new AgoraError('invalid', description);
export const notGiven = (name: string): AgoraError => badField(`${name} must be provided`);
export const unauthorized = (): AgoraError => new AgoraError('unauthorized', 'Unable to authenticate (OAuth)');

export const errors: DialectErrors<AgoraError> = {
  type: AgoraError,
  from: (error) => translated(error, {}),
  notFound: ({ method, path }) => new AgoraError('notFound', `no operation at ${method} ${path}`),
  reply: ({ type, message }) => {
    const [status, error, exception, code] = ERROR_TYPES[type] as ErrorTypeOf;
    const times = { timestamp: Date.now(), duration: 0 };
    return {
      status,
      body: {
        ...{ error, ...times, ...(exception === undefined ? {} : { exception }), error_description: message },
        ...(code === undefined ? {} : { error_code: code }),
      },
    };
  },
  schema: {
    type: 'object',
    properties: {
      error: { type: 'string', enum: [...new Set(Object.values(ERROR_TYPES).map(([, error]) => error))] },
      timestamp: { type: 'integer' },
      duration: { type: 'integer' },
      exception: { type: 'string' },
      error_description: { type: 'string' },
      error_code: { type: 'integer' },
    },
    required: ['error', 'timestamp', 'duration', 'error_description'],
  },
};

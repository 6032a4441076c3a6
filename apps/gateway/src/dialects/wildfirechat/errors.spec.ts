import type { Incoming } from '../../dialect/call';
import { mappingTable } from '../../dialect/errors';
import { CODES, errors, TEXTS, WildfireChatError } from './errors';

test("every error has a code of the vendor; a kind in brackets is the fallback for the code's kind", () => {
  expect(`\n${mappingTable(CODES).join('\n')}\n`).toBe(`
VALIDATION_FAILED 251 (invalid)
GROUP_ID_RESERVED 251 (invalid)
TOO_LARGE 251 (tooLarge)
UNAUTHENTICATED 244 (unauthenticated)
FORBIDDEN 248 (forbidden)
APP_NOT_FOUND 244
OWNER_ONLY 248 (forbidden)
ADMIN_ONLY 248 (forbidden)
USER_UNKNOWN 253 (notFound)
NOT_A_MEMBER 9
INVITATION_ONLY 248 (forbidden)
APPROVAL_NEEDED 248 (forbidden)
OWNER_CANNOT_BE_ADMIN 248 (conflict)
ADMIN_CAP_REACHED 248 (conflict)
GROUP_NOT_FOUND 253 (notFound)
UNKNOWN_OPERATION 4 (misuse)
GROUP_EXISTS 11
IMPORT_MISMATCH 248 (conflict)
IMPORT_OUT_OF_ORDER 248 (conflict)
GROUP_DISMISSED 253 (gone)
GROUP_DISABLED 248 (forbidden)
DATA_ERASED 253 (gone)
OWNER_CANNOT_LEAVE 248 (conflict)
OWNER_CANNOT_BE_KICKED 248 (conflict)
ADMIN_CANNOT_BE_KICKED 248 (forbidden)
OWNER_CANNOT_BE_BANNED 248 (forbidden)
ADMIN_CANNOT_BE_BANNED 248 (forbidden)
OWNER_CANNOT_BE_BLOCKED 248 (conflict)
ADMIN_CANNOT_BE_BLOCKED 248 (forbidden)
USER_BLOCKED 246
CAPACITY_REACHED 240
TENANT_GROUPS_REACHED 248 (conflict)
OWNED_GROUPS_REACHED 248 (conflict)
JOINED_GROUPS_REACHED 248 (conflict)
NAME_FORBIDDEN 242
ANNOUNCEMENT_NOT_FOUND 253 (notFound)
ANNOUNCEMENT_LIMIT_REACHED 248 (conflict)
FILE_NOT_FOUND 253 (notFound)
FILE_LIMIT_REACHED 248 (conflict)
FILE_TOO_LARGE 251 (invalid)
FILE_TYPE_REFUSED 251 (invalid)
FILE_STORE_FULL 249 (unavailable)
NOT_THE_UPLOADER 248 (forbidden)
EXTRA_KEYS_REACHED 248 (conflict)
ALREADY_A_MEMBER 248 (conflict)
GROUP_PRIVATE 248 (forbidden)
JOIN_FORBIDDEN 248 (forbidden)
APPLICATION_EXPIRED 248 (conflict)
APPLICATION_HANDLED 248 (conflict)
INVITATION_EXPIRED 248 (conflict)
INVITATION_HANDLED 248 (conflict)
JOIN_CODE_INVALID 248 (forbidden)
JOIN_CODE_EXPIRED 248 (conflict)
TOO_MANY_PENDING 248 (conflict)
CONCURRENCY_CONFLICT 250 (busy)
COMMAND_ID_REUSED 4 (misuse)
COMMAND_EXPIRED 4 (misuse)
DEADLINE_EXCEEDED 249 (unavailable)
OVERLOADED 250 (busy)
OUTCOME_UNKNOWN 249 (unavailable)
UNAVAILABLE 249 (unavailable)
DATA_DAMAGED 249 (unavailable)
READ_MODEL_BEHIND 249 (unavailable)
CURSOR_INVALID 251 (invalid)
INTERNAL 4 (internal)
`);
});

test('every error has the text of the vendor, and those before an operation are nested', () => {
  for (const [code, msg] of Object.entries(TEXTS)) {
    const number = Number(code) as keyof typeof TEXTS;
    const error = { code: number, msg };
    const body = [239, 243, 244, 250].includes(number) ? { ...error, result: error } : error;
    expect(errors.reply(new WildfireChatError(number), { method: 'POST' } as Incoming)).toEqual({ status: 200, body });
  }
});

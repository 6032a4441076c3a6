import { CohortError, ERRORS, type ErrorCode } from '@cohort/contracts';
import type { Incoming } from '../../dialect/call';
import { mappingTable } from '../../dialect/errors';
import { CODES, errors, RongCloudError } from './errors';

const incoming = { method: 'PUT', path: '/group/x.json' } as Incoming;
const reply = (error: CohortError) => errors.reply(errors.from(error), incoming);

test("every error has a code of the vendor; a kind in brackets is the fallback for the code's kind", () => {
  expect(`\n${mappingTable(CODES).join('\n')}\n`).toBe(`
VALIDATION_FAILED 1002 (invalid)
GROUP_ID_RESERVED 1002 (invalid)
TOO_LARGE 1508 (tooLarge)
UNAUTHENTICATED 1004 (unauthenticated)
FORBIDDEN 1007 (forbidden)
APP_NOT_FOUND 1001
OWNER_ONLY 1007 (forbidden)
ADMIN_ONLY 1007 (forbidden)
USER_UNKNOWN 1002 (notFound)
NOT_A_MEMBER 1002
INVITATION_ONLY 1007 (forbidden)
APPROVAL_NEEDED 1007 (forbidden)
OWNER_CANNOT_BE_ADMIN 1002 (conflict)
ADMIN_CAP_REACHED 1002 (conflict)
GROUP_NOT_FOUND 1002 (notFound)
UNKNOWN_OPERATION 1000 (misuse)
GROUP_EXISTS 1002 (conflict)
IMPORT_MISMATCH 1002 (conflict)
IMPORT_OUT_OF_ORDER 1002 (conflict)
GROUP_DISMISSED 1002 (gone)
GROUP_DISABLED 1016
DATA_ERASED 1002 (gone)
OWNER_CANNOT_LEAVE 1007
OWNER_CANNOT_BE_KICKED 1007
ADMIN_CANNOT_BE_KICKED 1007 (forbidden)
OWNER_CANNOT_BE_BANNED 1007 (forbidden)
ADMIN_CANNOT_BE_BANNED 1007 (forbidden)
OWNER_CANNOT_BE_BLOCKED 1002 (conflict)
ADMIN_CANNOT_BE_BLOCKED 1007 (forbidden)
USER_BLOCKED 1016
CAPACITY_REACHED 405
TENANT_GROUPS_REACHED 1002 (conflict)
OWNED_GROUPS_REACHED 1002 (conflict)
JOINED_GROUPS_REACHED 1002 (conflict)
NAME_FORBIDDEN 1002 (invalid)
ANNOUNCEMENT_NOT_FOUND 1002 (notFound)
ANNOUNCEMENT_LIMIT_REACHED 1002 (conflict)
FILE_NOT_FOUND 1002 (notFound)
FILE_LIMIT_REACHED 1002 (conflict)
FILE_TOO_LARGE 1002 (invalid)
FILE_TYPE_REFUSED 1002 (invalid)
FILE_STORE_FULL 1050 (unavailable)
NOT_THE_UPLOADER 1007 (forbidden)
EXTRA_KEYS_REACHED 1002 (conflict)
ALREADY_A_MEMBER 1002 (conflict)
GROUP_PRIVATE 1007 (forbidden)
JOIN_FORBIDDEN 1007 (forbidden)
APPLICATION_EXPIRED 1002 (conflict)
APPLICATION_HANDLED 1002 (conflict)
INVITATION_EXPIRED 1002 (conflict)
INVITATION_HANDLED 1002 (conflict)
JOIN_CODE_INVALID 1007 (forbidden)
JOIN_CODE_EXPIRED 1002 (conflict)
TOO_MANY_PENDING 1002 (conflict)
CONCURRENCY_CONFLICT 1008 (busy)
COMMAND_ID_REUSED 1000 (misuse)
COMMAND_EXPIRED 1000 (misuse)
DEADLINE_EXCEEDED 1050 (unavailable)
OVERLOADED 1008 (busy)
OUTCOME_UNKNOWN 1050 (unavailable)
UNAVAILABLE 1050 (unavailable)
DATA_DAMAGED 1050 (unavailable)
READ_MODEL_BEHIND 1050 (unavailable)
CURSOR_INVALID 1002 (invalid)
INTERNAL 1000 (internal)
`);
});

test.each(Object.keys(ERRORS) as ErrorCode[])('the reply to %s has the message and no details', (code) => {
  const { body } = reply(new CohortError(code, 'Why.', { internal: 'detail' }));
  const errorMessage: unknown = code === 'OUTCOME_UNKNOWN' ? expect.stringContaining('send it again') : 'Why.';
  expect(body).toEqual({ code: errors.from(new CohortError(code, '')).code, errorMessage });
});

test.each<[ErrorCode, number, number]>([
  ['VALIDATION_FAILED', 400, 1002],
  ['CAPACITY_REACHED', 405, 405],
  ['USER_BLOCKED', 403, 1016],
  ['TOO_LARGE', 400, 1508],
  ['UNAUTHENTICATED', 401, 1004],
  ['OVERLOADED', 429, 1008],
  ['UNAVAILABLE', 504, 1050],
  ['INTERNAL', 500, 1000],
])('%s is HTTP %i, code %i', (code, status, vendorCode) => {
  expect(reply(new CohortError(code, 'Why.'))).toEqual({ status, body: { code: vendorCode, errorMessage: 'Why.' } });
});

test("the dialect's own errors keep their code", () => {
  expect(errors.reply(new RongCloudError(1502, 'too many'), incoming)).toEqual({
    status: 400,
    body: { code: 1502, errorMessage: 'too many' },
  });
  expect(errors.notFound(incoming)).toEqual(new RongCloudError(404, 'no operation at PUT /group/x.json'));
});

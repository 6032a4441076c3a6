import { CohortError, ERRORS, type ErrorCode } from '@cohort/contracts';
import type { Incoming } from '../../dialect/call';
import { vendorCode } from '../../dialect/errors';
import { CODES, errors, LanyingError, reasonOf, TEXTS } from './errors';

const incoming = { method: 'PUT', path: '/group/x' } as Incoming;
const reply = (error: LanyingError) => errors.reply(error, incoming);
const ALL = Object.keys(ERRORS) as ErrorCode[];

test.each(ALL)('%s has a code of the vendor, at HTTP status 200, and no details', (code) => {
  const own = vendorCode(CODES, code);
  const { status, body } = reply(errors.from(new CohortError(code, 'Why.', { internal: 'detail' })));
  expect(status).toBe(200);
  expect(body).toEqual({ code: own, message: expect.any(String) as unknown });
  expect(Object.keys(TEXTS)).toContain(String(own));
});

test.each<[ErrorCode, number, string]>([
  ['VALIDATION_FAILED', 10002, 'Why.'],
  ['CURSOR_INVALID', 10002, 'Why.'],
  ['UNAVAILABLE', 20000, 'Why.'],
  ['OUTCOME_UNKNOWN', 20000, 'The call timed out and may have been carried out; send it again.'],
  ['FORBIDDEN', 10010, 'User has no permission'],
  ['GROUP_NOT_FOUND', 20001, 'Group does not exist'],
  ['GROUP_DISMISSED', 20001, 'Group does not exist'],
  ['NOT_A_MEMBER', 20011, 'This operation needs group member permission'],
  ['ADMIN_ONLY', 20012, 'This operation needs group Admin permission'],
  ['OWNER_ONLY', 20013, 'This operation needs group Owner permission'],
  ['OWNER_CANNOT_LEAVE', 20004, 'Group Owner cannot quit the group directly'],
  ['CAPACITY_REACHED', 20010, 'Number of group members exceeds limit'],
])('%s is %i: %s', (code, expected, message) => {
  expect(reply(errors.from(new CohortError(code, 'Why.'))).body).toEqual({ code: expected, message });
});

test('an entry that fails gives the text of its code; there, NOT_A_MEMBER is about its user', () => {
  expect(reasonOf('NOT_A_MEMBER')).toBe('The user is not a group member');
  expect(reasonOf('ADMIN_CANNOT_BE_KICKED')).toBe('This operation needs group Owner permission');
  for (const code of ALL) expect(Object.values(TEXTS)).toContain(reasonOf(code));
});

test("the dialect's own errors keep their code, and a path without an operation is named", () => {
  expect(reply(new LanyingError(402))).toEqual({ status: 200, body: { code: 402, message: TEXTS[402] } });
  expect(errors.notFound(incoming)).toEqual(new LanyingError(10002, 'no operation at PUT /group/x'));
});

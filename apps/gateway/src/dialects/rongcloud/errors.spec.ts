import { CohortError, ERRORS, type ErrorCode } from '@cohort/contracts';
import { errorReply, HTTP_STATUS, RongCloudError } from './errors';

test.each(Object.keys(ERRORS) as ErrorCode[])('%s has a code of the vendor', (code) => {
  const { status, body } = errorReply(new CohortError(code, 'Why.', { internal: 'detail' }));
  expect(HTTP_STATUS[body.code]).toBe(status);
  const errorMessage: unknown = code === 'OUTCOME_UNKNOWN' ? expect.stringContaining('can be sent again') : 'Why.';
  expect(body).toEqual({ code: body.code, errorMessage });
  expect(status).toBeGreaterThanOrEqual(400);
});

test.each<[ErrorCode, number, number]>([
  ['VALIDATION_FAILED', 400, 1002],
  ['GROUP_DISMISSED', 400, 1002],
  ['CAPACITY_REACHED', 405, 405],
  ['TOO_LARGE', 400, 1508],
  ['OVERLOADED', 429, 1008],
  ['UNAVAILABLE', 504, 1050],
  ['DEADLINE_EXCEEDED', 504, 1050],
  ['INTERNAL', 500, 1000],
])('%s is HTTP %i, code %i', (code, status, vendorCode) => {
  expect(errorReply(new CohortError(code, 'Why.'))).toEqual({
    status,
    body: { code: vendorCode, errorMessage: 'Why.' },
  });
});

test("the dialect's own errors keep their code", () => {
  expect(errorReply(new RongCloudError(1502, 'too many'))).toEqual({
    status: 400,
    body: { code: 1502, errorMessage: 'too many' },
  });
});

import { CohortError, ERRORS, type ErrorCode } from '@cohort/contracts';
import type { Incoming } from '../../dialect/call';
import { AgoraError, ERROR_TYPES, errors, translated } from './errors';

const incoming = { method: 'PUT', path: '/demo/demo/chatgroups' } as Incoming;
const NAMED = { groupId: 'g1', userId: 'u1', actorId: 'u2', name: 'bad' };
const reply = (code: ErrorCode, details?: Record<string, unknown>) =>
  errors.reply(translated(new CohortError(code, 'Why.', details), NAMED), incoming);

test.each(Object.keys(ERRORS) as ErrorCode[])(
  '%s has an error of the vendor, with a description and no details',
  (code) => {
    const { status, body } = errors.reply(errors.from(new CohortError(code, 'Why.', { internal: 'detail' })), incoming);
    expect(Object.values(ERROR_TYPES).map(([own, error]) => [own, error])).toContainEqual([
      status,
      (body as { error: string }).error,
    ]);
    expect(body).toMatchObject({
      timestamp: expect.any(Number) as number,
      duration: 0,
      error_description: expect.any(String) as string,
    });
    expect(Object.keys(body as object)).not.toContain('internal');
  },
);

test.each<[ErrorCode, number, string, string]>([
  ['VALIDATION_FAILED', 400, 'invalid_parameter', 'Why.'],
  ['CURSOR_INVALID', 400, 'invalid_parameter', 'Why.'],
  ['APP_NOT_FOUND', 404, 'organization_application_not_found', 'Why.'],
  ['GROUP_NOT_FOUND', 404, 'resource_not_found', 'grpID g1 does not exist!'],
  ['GROUP_DISMISSED', 404, 'resource_not_found', 'grpID g1 does not exist!'],
  ['GROUP_EXISTS', 400, 'illegal_argument', 'group ID g1 already exists!'],
  ['GROUP_DISABLED', 403, 'forbidden_op', 'can not operate this group, reason: group is disabled'],
  ['CAPACITY_REACHED', 403, 'forbidden_op', 'group member list is full!'],
  ['NOT_A_MEMBER', 403, 'forbidden_op', 'users [u1] are not members of this group!'],
  ['ADMIN_ONLY', 403, 'forbidden_op', 'user:u2 is not admin of group:g1'],
  ['ALREADY_A_MEMBER', 403, 'forbidden_op', 'can not join this group, reason:user: u1 already in group: g1\n'],
  ['OWNER_CANNOT_LEAVE', 403, 'forbidden_op', 'forbidden operation on group owner!'],
  ['TENANT_GROUPS_REACHED', 403, 'exceed_limit', 'Why.'],
  ['OWNED_GROUPS_REACHED', 403, 'exceed_limit', 'user u1 has joined too many groups!'],
  ['JOINED_GROUPS_REACHED', 403, 'exceed_limit', 'user u1 has joined too many groups!'],
  ['NAME_FORBIDDEN', 403, 'group_name_violation', 'bad is violation, please change it.'],
  ['USER_UNKNOWN', 404, 'resource_not_found', "username u1 doesn't exist!"],
  ['OVERLOADED', 429, 'reach_limit', 'Why.'],
  ['UNAVAILABLE', 503, 'service_unavailable', 'Why.'],
])('%s is %i %s: %s', (code, status, error, description) => {
  const own = reply(code);
  expect(own.status).toBe(status);
  expect(own.body).toMatchObject({ error, error_description: description });
});

test('an error about several users names the first of them', () => {
  const { body } = reply('USER_UNKNOWN', { userIds: ['u7', 'u8'] });
  expect(body).toMatchObject({ error_description: "username u7 doesn't exist!" });
});

test('the fields stand in the order of the vendor, and the class of the exception is the whole name', () => {
  const { body } = errors.reply(new AgoraError('notFound', 'x'), incoming);
  expect(Object.entries(body as object)).toEqual([
    ['error', 'resource_not_found'],
    ['timestamp', expect.any(Number)],
    ['duration', 0],
    ['exception', 'com.easemob.group.exception.ResourceNotFoundException'],
    ['error_description', 'x'],
  ]);
});

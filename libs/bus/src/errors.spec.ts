import { CohortError } from '@cohort/contracts';
import { errorForCaller } from './errors';

const logged: unknown[] = [];
const log = { error: (...line: unknown[]) => void logged.push(line) };
afterEach(() => (logged.length = 0));

test('a CohortError reaches the caller as it is, and is not logged', () => {
  const error = new CohortError('GROUP_DISMISSED', 'The group was dismissed.');
  expect(errorForCaller(error, log)).toBe(error);
  expect(logged).toEqual([]);
});

test.each([[new TypeError('at /srv/secret.ts: password')], ['password'], [undefined]])(
  'an unexpected error reaches the caller as INTERNAL with a reference, and the log has the details: %p',
  (fault) => {
    const { code, message, details } = errorForCaller(fault, log);
    expect(code).toBe('INTERNAL');
    expect(message).toBe(`Internal error; the log has the details under reference ${String(details?.ref)}.`);
    expect(JSON.stringify({ message, details })).not.toMatch(/password|secret/);
    expect(logged).toEqual([[{ err: fault, ref: details?.ref }, expect.any(String)]]);
  },
);

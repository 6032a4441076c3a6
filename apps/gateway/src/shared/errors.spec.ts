import { CohortError } from '@cohort/contracts';
import { tellable } from './errors';

describe('tellable', () => {
  const logged: unknown[] = [];
  const log = { error: (...line: unknown[]) => void logged.push(line) };
  afterEach(() => (logged.length = 0));

  test('errors for callers are told as they are', () => {
    const error = new CohortError('GROUP_DISMISSED', 'It is over.');
    expect(tellable(error, log)).toBe(error);
    expect(logged).toEqual([]);
  });

  test.each([[new TypeError('at /srv/secret.ts: password')], ['password'], [undefined]])(
    'of anything else nothing but a reference is told, and the log has the rest: %p',
    (fault) => {
      const { code, message, details } = tellable(fault, log);
      expect(code).toBe('INTERNAL');
      expect(message).toBe(`internal error, reference ${String(details?.ref)}`);
      expect(JSON.stringify({ message, details })).not.toMatch(/password|secret/);
      expect(logged).toEqual([[{ err: fault, ref: details?.ref }, expect.any(String)]]);
    },
  );
});

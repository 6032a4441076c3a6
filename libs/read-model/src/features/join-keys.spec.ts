import { DEFAULT_SETTINGS } from '@cohort/contracts';
import { adminGranted, created, dismissed, joined, joinKeyChanged } from '@cohort/contracts/testing';
import { Log } from '../testing/log';
import { testModels } from '../testing/models';
import { refused } from '../testing/refused';

const { modelOf } = testModels();

test('a join code depends on the group’s key, and on the role of the member who shares it', async () => {
  const log = new Log();
  log.group('g', created('o'), joined('add', 3, 'a', 'm'), adminGranted('a'));
  log.group('g', joinKeyChanged(1), joinKeyChanged(2));
  log.group('h', created('o', { settings: { ...DEFAULT_SETTINGS, membersMayInvite: true } }));
  log.group('old', created('o'), dismissed());
  const { joinCodeBasis } = (await modelOf(log)).lookups;
  const basis = { key: 2, membersMayInvite: false };
  expect(joinCodeBasis('demo', 'g', 'o')).toEqual({ ...basis, role: 'owner' });
  expect(joinCodeBasis('demo', 'g', 'm')).toEqual({ ...basis, role: 'member' });
  expect(joinCodeBasis('demo', 'g', undefined)).toEqual({ ...basis, role: undefined });
  expect(joinCodeBasis('demo', 'h', 'x')).toEqual({ key: 0, membersMayInvite: true, role: undefined });
  expect(refused(() => joinCodeBasis('demo', 'none', 'o'))?.code).toBe('GROUP_NOT_FOUND');
  expect(refused(() => joinCodeBasis('demo', 'old', 'o'))?.code).toBe('GROUP_DISMISSED');
});

import type { AppSettings } from '@cohort/contracts';
import { appsByKey } from './apps';

const app = (id: string, secret?: string): AppSettings => ({
  id,
  ownerPolicy: 'refuse',
  groupCapacity: 10,
  ...(secret === undefined ? {} : { wildfirechat: { secret } }),
});
const bySecret = (...apps: AppSettings[]) =>
  appsByKey(
    apps,
    ({ wildfirechat }) => wildfirechat,
    ({ secret }) => secret,
  );

test('finds an app by its key, and only the apps that have the dialect', () => {
  const apps = [app('a', 'k1'), app('b'), app('c', 'k2')];
  const found = bySecret(...apps);
  expect([...found.keys()]).toEqual(['k1', 'k2']);
  expect(found.get('k2')).toEqual({ app: apps[2], settings: { secret: 'k2' } });
  expect(found.get('toString')).toBeUndefined();
});

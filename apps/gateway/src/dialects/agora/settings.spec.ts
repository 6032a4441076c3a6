import { parseDto } from '@cohort/contracts';
import { AgoraSettings } from './settings';

const parsed = (block: object) => parseDto(AgoraSettings, { appId: 'k', ...block }, Infinity);

test.each(['app-id', 'App-Id', 'admin', 'group', 'v2', 'a/b', ''])('%j can not be an org or an app', (name) => {
  expect(() => parsed({ org: name, app: 'app1' })).toThrow('org must be 1 to 64 of A-Z a-z 0-9 _ -, and not one of');
  expect(() => parsed({ org: 'org1', app: name })).toThrow('app must be 1 to 64 of A-Z a-z 0-9 _ -, and not one of');
});

test('an org and an app name the tenant as the vendor writes it', () => {
  expect(parsed({ org: 'my-org', app: 'app_id' }).name).toBe('my-org#app_id');
});

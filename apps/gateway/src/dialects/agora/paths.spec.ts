import { isOurs, routed, shapeOf } from './paths';

test.each([
  '/demo/demo/token',
  '/demo/demo/chatgroups',
  '//demo/demo/chatgroups/1',
  '/app-id/970ca35de60c44645bbae8a215061b33/chatgroups',
  '/demo/demo/chatgroups/1/nothing',
  '/demo/demo/publicchatgroups',
  '/demo/demo/users/u1/joined_chatgroups',
  '/demo/demo/metadata/chatgroup/1/user/u1',
  '/demo/demo/sdk/metadata/chatgroup/1/user/u1',
])('%s is claimed', (path) => {
  expect(isOurs(path)).toBe(true);
});

test.each([
  '/demo/chatgroups',
  '/demo/demo/users/u1',
  '/demo/demo/chatgroupsx',
  '/group/demo/chatgroups',
  '/admin/group/token',
  '/app/qrcode/token',
  '/demo/demo/chatgroups.json',
  '/demo/demo/chatgroups/x.json',
  '///demo/demo/chatgroups',
])('%s is not claimed', (path) => {
  expect(isOurs(path)).toBe(false);
});

test('a second slash at the start and /sdk make no difference', () => {
  expect(routed('//demo/demo/chatgroups/1')).toBe('/demo/demo/chatgroups/1');
  expect(routed('/demo/demo/sdk/chatgroups/1/mute')).toBe('/demo/demo/chatgroups/1/mute');
  expect(routed('/demo/demo/chatgroups/sdk/chatgroups/1')).toBe('/demo/demo/chatgroups/sdk/chatgroups/1');
});

test('app-id is the shape of Shengwang, in any case', () => {
  expect(['app-id', 'App-Id', 'demo', undefined].map(shapeOf)).toEqual(['shengwang', 'shengwang', 'agora', 'agora']);
});

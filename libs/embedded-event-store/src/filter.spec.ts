import { matches, type Filter } from './filter';

const filter = (some: Partial<Filter>): Filter => ({
  on: 'stream',
  prefixes: [],
  regex: /^$/,
  window: 32,
  checkpointInterval: 32,
  ...some,
});

it.each([
  [{ prefixes: ['group-', 'user-'] }, 'group-demo/1', 'created', true],
  [{ prefixes: ['group-', 'user-'] }, 'groups', 'created', false],
  [{ regex: /^user-.*\/7$/ }, 'user-demo/7', 'created', true],
  [{ regex: /^user-.*\/7$/ }, 'user-demo/8', 'created', false],
  [{ on: 'type' as const, prefixes: ['member'] }, 'group-demo/1', 'memberJoined', true],
  [{ on: 'type' as const, prefixes: ['member'] }, 'member', 'created', false],
  [{ on: 'type' as const, regex: /^[^$]/ }, '$$s', '$metadata', false],
])('whether the filter %j matches an event of stream %s and type %s: %s', (some, stream, type, expected) => {
  expect(matches(filter(some), { stream, type })).toBe(expected);
});

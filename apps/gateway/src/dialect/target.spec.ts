import { normalized, targetOf } from './target';

test.each<[string, unknown]>([
  ['/group/create.json', { path: '/group/create.json', search: '' }],
  ['/a?b=c?d&e=/f', { path: '/a', search: 'b=c?d&e=/f' }],
  ['/a#b?c', { path: '/a', search: '' }],
  ['/a?b#c', { path: '/a', search: 'b' }],
  ['//a//b', { path: '//a//b', search: '' }],
  ['/%zz', { path: '/%zz', search: '' }],
  ['/\xe9\x94\x80?a=\xff', { path: '/%E9%94%80', search: 'a=\xff' }],
  ['http://host:8080/a?b', { path: '/a', search: 'b' }],
  ['HTTPS://host/a/http://b', { path: '/a/http://b', search: '' }],
  ['http://host?b', { path: '/', search: 'b' }],
  ['http://host', { path: '/', search: '' }],
  ['*', undefined],
  ['', undefined],
  ['host:443', undefined],
])('the target %j is %j', (url, expected) => {
  expect(targetOf(url)).toEqual(expected);
});

test.each([
  ['/Group/Create.JSON/', '/group/create.json'],
  ['/', '/'],
  ['//', '/'],
  ['/a//', '/a/'],
])('claims see the path %j as %j', (path, expected) => {
  expect(normalized(path)).toBe(expected);
});

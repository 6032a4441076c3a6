import { LIMITS } from '@cohort/contracts';
import { adminGranted, attributesSet, created, disabled, dismissed, joined, user } from '@cohort/contracts/testing';
import { command, given } from '../../testing';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const entries = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([key, text]) => ({ key, text }));
const set = (texts: Readonly<Record<string, string>>, remove?: string[]) =>
  command('setAttributes', { set: entries(texts), ...(remove === undefined ? {} : { remove }) });

test('attributes are set and removed, and the event names only what differs', () => {
  given(...group)
    .when(set({ type: '2', super: '0' }))
    .then([attributesSet({ type: '2', super: '0' })]);
  given(...group, attributesSet({ type: '2', super: '0' }))
    .when(set({ type: '2', super: '1' }, ['none']))
    .then([attributesSet({ super: '1' })]);
  given(...group, attributesSet({ type: '2', super: '0' }))
    .when(set({}, ['super', 'super']))
    .then([attributesSet({}, ['super'])]);
});

test('a key that is set and removed is set; an empty text is a text', () => {
  given(...group, attributesSet({ a: '1' }))
    .when(set({ a: '' }, ['a']))
    .then([attributesSet({ a: '' })]);
});

test('what is so already changes nothing', () => {
  given(...group, attributesSet({ a: '1', b: '2' }), attributesSet({}, ['b']))
    .when(set({ a: '1' }, ['b']))
    .then([]);
  given(...group)
    .when(command('setAttributes', {}))
    .then([]);
});

test('a group has a bounded number of attributes', () => {
  const full = Object.fromEntries(Array.from({ length: LIMITS.attributes }, (_, i) => [`k${i}`, '']));
  given(...group, attributesSet(full))
    .when(set({ more: '' }))
    .refused('EXTRA_KEYS_REACHED', { limit: LIMITS.attributes, wanted: LIMITS.attributes + 1 });
  given(...group, attributesSet(full))
    .when(set({ more: '' }, ['k0']))
    .then([attributesSet({ more: '' }, ['k0'])]);
});

test.each([
  ['o', undefined],
  ['a', undefined],
  ['m', 'ADMIN_ONLY'],
  ['x', 'NOT_A_MEMBER'],
] as const)('by %s is decided by their role: %s', (by, code) => {
  const outcome = given(...group).when(command('setAttributes', { set: entries({ a: '1' }), actor: user(by) }));
  if (code === undefined) outcome.then([attributesSet({ a: '1' })]);
  else outcome.refused(code, code === 'NOT_A_MEMBER' ? { userId: by } : undefined);
});

test('needs a live group that is not disabled', () => {
  given()
    .when(set({ a: '1' }))
    .refused('GROUP_NOT_FOUND');
  given(...group, disabled())
    .when(set({ a: '1' }))
    .refused('GROUP_DISABLED');
  given(...group, dismissed())
    .when(set({ a: '1' }))
    .refused('GROUP_DISMISSED');
});

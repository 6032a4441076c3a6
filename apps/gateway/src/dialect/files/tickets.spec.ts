import { claimsOf, ticket } from './tickets';

const [key, otherKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const claims = { group: 'g', name: 'n' };
const text = ticket(key, 'upload', claims, 1_000);

test('a ticket has its claims until its time', () => {
  expect(claimsOf(key, 'upload', text, 999)).toEqual({ ...claims, until: 1_000 });
  expect(claimsOf(key, 'upload', text, 1_000)).toBeUndefined();
});

test('a ticket is worth nothing for another purpose, with another key, or if a part of it was changed', () => {
  expect(claimsOf(key, 'download', text, 0)).toBeUndefined();
  expect(claimsOf(otherKey, 'upload', text, 0)).toBeUndefined();
  const [payload = '', signature = ''] = text.split('.');
  const forged = Buffer.from(JSON.stringify({ ...claims, group: 'other', until: 1_000 })).toString('base64url');
  for (const changed of [`${forged}.${signature}`, payload, `${payload}.`, `${text}.`, `.${signature}`, '', 'text']) {
    expect(claimsOf(key, 'upload', changed, 0)).toBeUndefined();
  }
});

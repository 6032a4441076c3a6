import { escapedJson, largestOf, OPERATIONS } from '../testing/operations';
import { boundsOf, DEFAULT_BOUNDS, MAX_MESSAGE_BYTES } from './bounds';
import { NotBeside, Optional } from './decorators';
import { boundsOfSubject } from '../registry';

const KIB = 1024;

/** Operations whose largest legal value doesn't fit into a message, in the longest form or in any. */
const CAPPED = ['create', 'createOrJoin', 'syncUser'];

describe.each(OPERATIONS)('the bounds of the $kind $name', (operation) => {
  const { name, bounds } = operation;
  const largest = largestOf(operation);
  const json = escapedJson(largest);

  it('take its largest legal value, in the longest form that JSON has for it', () => {
    expect(bounds.bytes).toBeGreaterThanOrEqual(Math.min(json.length, MAX_MESSAGE_BYTES));
    expect(json.length > MAX_MESSAGE_BYTES).toBe(CAPPED.includes(name));
  });

  it('take nothing that is much larger', () => {
    const needed = Math.max(64 * KIB, Math.min(json.length + 4 * KIB, MAX_MESSAGE_BYTES));
    expect(bounds.bytes).toBeLessThanOrEqual(needed);
  });

  it('count its fields and items, and little more', () => {
    const values = JSON.stringify(largest, (_, value: unknown) => (typeof value === 'string' ? '' : value));
    const count = values.replace(/[^,[{]/g, '').length;
    expect(bounds.values).toBeGreaterThanOrEqual(count);
    expect(bounds.values).toBeLessThanOrEqual(count + 70);
  });
});

it('a create with 3,000 users of 64 characters of four bytes fits, if they are not escaped', () => {
  const { dto, bounds } = OPERATIONS.find(({ name }) => name === 'create')!;
  expect(Buffer.byteLength(JSON.stringify(largestOf({ dto })))).toBeLessThan(bounds.bytes);
});

it('both forms of a subject have the bounds of the operation, and others the default', () => {
  const { bounds } = OPERATIONS.find(({ name }) => name === 'kick')!;
  expect(bounds.bytes).toBeGreaterThan(DEFAULT_BOUNDS.bytes);
  for (const subject of ['group.v1.command.kick', 'group.v1.app.*.command.kick']) {
    expect(boundsOfSubject(subject)).toBe(bounds);
  }
  for (const subject of ['group.v1.query.kick', 'group.v1.command.toString', 'other']) {
    expect(boundsOfSubject(subject)).toBe(DEFAULT_BOUNDS);
  }
});

it('a field that no decorator bounds is an error when its operation is declared', () => {
  class Unbounded {
    @Optional()
    @NotBeside('other')
    field?: string;
  }
  expect(() => boundsOf(Unbounded)).toThrow('Unbounded.field has no decorator that bounds it');
});

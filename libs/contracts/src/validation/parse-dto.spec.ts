import { CohortError } from '../errors';
import { COMMANDS, QUERIES } from '../registry';
import { parseDto, type FieldError } from '.';

const service = { type: 'service' };
const refusal = (run: () => unknown): FieldError[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof CohortError && error.code === 'VALIDATION_FAILED')
      return error.details?.fields as FieldError[];
    throw error;
  }
  throw new Error('was accepted');
};

describe('parseDto', () => {
  test('accepts a whole command and keeps it as it is', () => {
    const plain = {
      app: 'demo',
      actor: { type: 'user', id: 'u1' },
      commandId: 'c1',
      expectedRevision: '7',
      groupId: 'g1',
      name: '销售',
      owner: 'u1',
      members: ['u2', 'u3'],
    };
    expect({ ...parseDto(COMMANDS.create.dto, plain), actor: { ...plain.actor } }).toEqual(plain);
  });

  test('accepts a service that acts on behalf of a user', () => {
    const actor = { type: 'service', onBehalfOf: 'u1' };
    expect(parseDto(COMMANDS.dismiss.dto, { app: 'demo', actor, groupId: 'g' }).actor).toMatchObject(actor);
  });

  test.each<[string, keyof typeof COMMANDS, object, string[]]>([
    ['nothing', 'join', {}, ['actor', 'app', 'groupId']],
    ['an unknown field', 'dismiss', { app: 'demo', actor: service, groupId: 'g', force: true }, ['force']],
    ['a user actor without id', 'dismiss', { app: 'demo', actor: { type: 'user' }, groupId: 'g' }, ['actor.id']],
    ['an unknown kind of actor', 'dismiss', { app: 'demo', actor: { type: 'root' }, groupId: 'g' }, ['actor.type']],
    [
      'a user who acts for another',
      'dismiss',
      { app: 'demo', actor: { type: 'user', id: 'u1', onBehalfOf: 'u2' }, groupId: 'g' },
      ['actor.onBehalfOf'],
    ],
    ['an app with a slash', 'dismiss', { app: 'a/b', actor: service, groupId: 'g' }, ['app']],
    ['an id of 65', 'dismiss', { app: 'demo', actor: service, groupId: 'x'.repeat(65) }, ['groupId']],
    ['a number as id', 'dismiss', { app: 'demo', actor: service, groupId: 7 }, ['groupId']],
    ['an empty name', 'create', { app: 'demo', actor: service, owner: 'u', name: '' }, ['name']],
    ['a null name', 'create', { app: 'demo', actor: service, owner: 'u', name: null }, ['name']],
    [
      'null for a field that may be left out',
      'changeInfo',
      { app: 'demo', actor: service, groupId: 'g', ext: null },
      ['ext'],
    ],
    [
      'members that are no list',
      'create',
      { app: 'demo', actor: service, owner: 'u', name: 'n', members: 'u2' },
      ['members'],
    ],
    [
      'too many users',
      'kick',
      { app: 'demo', actor: service, groupId: 'g', userIds: Array.from({ length: 1_001 }, (_, i) => `u${i}`) },
      ['userIds'],
    ],
    [
      'a group twice in a sync',
      'syncUser',
      {
        app: 'demo',
        actor: service,
        userId: 'u',
        groups: [
          { groupId: 'g', name: 'a' },
          { groupId: 'g', name: 'b' },
        ],
      },
      ['groups'],
    ],
    [
      'a bad entry of a sync',
      'syncUser',
      { app: 'demo', actor: service, userId: 'u', groups: [{ groupId: 'g', name: 'a' }, { groupId: '' }] },
      ['groups.1.groupId', 'groups.1.name'],
    ],
  ])('refuses %s, naming the field', (_, name, plain, fields) => {
    const refused = refusal(() => parseDto<object>(COMMANDS[name].dto, plain));
    expect([...new Set(refused.map(({ field }) => field))].sort()).toEqual(fields);
    for (const { field, message } of refused) expect(message).toContain(field);
  });

  test.each([[undefined], [null], ['u1'], [[]]])('an actor of %j is refused with the form of an actor', (actor) => {
    expect(refusal(() => parseDto(COMMANDS.dismiss.dto, { app: 'demo', actor, groupId: 'g' }))).toEqual([
      { field: 'actor', message: 'actor must be {"type":"service"} or {"type":"user","id":"..."}' },
    ]);
  });

  test.each([[null], [[]], ['text'], [7], [undefined]])('refuses a body of %j', (plain) => {
    expect(() => parseDto(COMMANDS.dismiss.dto, plain)).toThrow(/must be one JSON object/);
  });

  test('a hostile prototype is only an unknown field', () => {
    const plain: unknown = JSON.parse(
      '{"__proto__":{"app":"demo"},"constructor":1,"actor":{"type":"service"},"groupId":"g"}',
    );
    expect(refusal(() => parseDto(COMMANDS.dismiss.dto, plain)).map(({ field }) => field)).toContain('app');
    expect(({} as { app?: string }).app).toBeUndefined();
  });

  test('rejects a limit outside 1 to 1,000', () => {
    expect(refusal(() => parseDto(QUERIES.members.dto, { app: 'demo', groupId: 'g', limit: 0 }))[0]?.field).toBe(
      'limit',
    );
    expect(refusal(() => parseDto(QUERIES.members.dto, { app: 'demo', groupId: 'g', limit: 1_001 }))[0]?.field).toBe(
      'limit',
    );
    expect(parseDto(QUERIES.members.dto, { app: 'demo', groupId: 'g', limit: '10' }).limit).toBe(10);
  });

  test('requires basis with sinceRevision, and rejects cursor and role beside it', () => {
    const asked = { app: 'demo', groupId: 'g', sinceRevision: '7' };
    const fields = (more: object) => refusal(() => parseDto(QUERIES.members.dto, { ...asked, ...more }));
    expect(parseDto(QUERIES.members.dto, { ...asked, basis: 'b' })).toEqual({ ...asked, basis: 'b' });
    expect(fields({})).toEqual([{ field: 'sinceRevision', message: 'sinceRevision must be given with basis' }]);
    expect(fields({ basis: 'b', role: 'admin', cursor: 'c' })).toEqual([
      { field: 'sinceRevision', message: "sinceRevision can't be given beside cursor, role" },
    ]);
  });
});

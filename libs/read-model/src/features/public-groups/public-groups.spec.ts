import fc from 'fast-check';
import type { GroupEvent } from '@cohort/contracts';
import { created, dismissed, infoChanged, joined, settingsChanged } from '@cohort/contracts/testing';
import { applyAll, discard, Log, openModel } from '../../testing/log';
import { testModels } from '../../testing/models';
import { olderBuild } from '../../testing/older-build';
import { refused } from '../../testing/refused';

const { modelOf, file } = testModels();
const app = 'demo';

const shows = settingsChanged({ visibility: 'public' });
const hides = settingsChanged({ visibility: 'private' });

/** A log of groups with these names, which are public. */
function publicLog(...names: readonly string[]): Log {
  const log = new Log();
  names.forEach((name, i) => log.group(`g${i}`, created('o', { name }), shows));
  return log;
}
const namesOf = ({ groups }: { readonly groups: readonly { readonly name: string }[] }) =>
  groups.map(({ name }) => name);

describe('the query publicGroups', () => {
  it('returns live public groups and chatrooms of the tenant, the newest first, and their number', async () => {
    const log = new Log();
    log.group('private', created('o', { name: 'Private' }));
    log.group('public', created('o', { name: 'Public' }), shows);
    log.group('room', created('o', { name: 'Room' }), settingsChanged({ visibility: 'chatroom' }));
    log.group('hidden', created('o', { name: 'Hidden' }), shows, hides);
    log.group('ended', created('o', { name: 'Ended' }), shows, dismissed());
    const { queries } = await modelOf(log);
    const answer = queries.publicGroups({ app });
    expect([namesOf(answer), answer.total, answer.cursor]).toEqual([['Room', 'Public'], 2, undefined]);
    expect(answer.groups[1]).toEqual(queries.group({ app, groupId: 'public' }));
    expect(queries.publicGroups({ app: 'other' })).toEqual({ groups: [], total: 0 });
  });

  it('has pages that stay stable while groups come and go', async () => {
    const log = publicLog('a', 'b', 'c', 'd');
    const model = await modelOf(log);
    const first = model.queries.publicGroups({ app, limit: 2 });
    expect(namesOf(first)).toEqual(['d', 'c']);
    const more = [...log.group('g2', hides), ...log.group('new', created('o', { name: 'e' }), shows)];
    await model.applyBatch(more, more.at(-1)!.position);
    const second = model.queries.publicGroups({ app, cursor: first.cursor! });
    expect([namesOf(second), second.total, second.cursor]).toEqual([['b', 'a'], 4, undefined]);
  });
});

describe('the query searchGroups', () => {
  const names = ['Sales Team', 'sales EMEA', '销售团队', 'Продажи', 'Zürich', 'iPhone用户', 'A "b" OR c*', 'Team'];

  it.each<[string, string[]]>([
    ['sales', ['sales EMEA', 'Sales Team']],
    ['SAL', ['sales EMEA', 'Sales Team']],
    ['ales', []],
    ['team sal', ['Sales Team']],
    ['te', ['Team', 'Sales Team']],
    ['销', ['销售团队']],
    ['团队', ['销售团队']],
    ['售队', []],
    ['прод', ['Продажи']],
    ['zurich', ['Zürich']],
    ['用户', ['iPhone用户']],
    ['iph', ['iPhone用户']],
    ['sales OR zurich', []],
    ['or', ['A "b" OR c*']],
    ['"', []],
    ['app', []],
    ['demo', []],
  ])('finds %j in %j', async (text, expected) => {
    const { queries } = await modelOf(publicLog(...names));
    expect(namesOf(queries.searchGroups({ app, text }))).toEqual(expected);
    expect(queries.searchGroups({ app: 'other', text }).groups).toEqual([]);
  });

  it('finds a group by its newest name, and a private one never', async () => {
    const log = publicLog('Old name', 'Kept');
    log.group('g0', infoChanged({ name: 'New name' }), joined('join', 2, 'a'));
    log.group('p', created('o', { name: 'Name' }), infoChanged({ name: 'Private name' }));
    const { queries } = await modelOf(log);
    const found = (text: string) => namesOf(queries.searchGroups({ app, text }));
    expect([found('old'), found('new'), found('name')]).toEqual([[], ['New name'], ['New name']]);
  });

  it('has pages by cursor, and a cursor belongs to its text', async () => {
    const { queries } = await modelOf(publicLog('Team 1', 'Team 2', 'Team 3'));
    const first = queries.searchGroups({ app, text: 'team', limit: 2 });
    expect(namesOf(first)).toEqual(['Team 3', 'Team 2']);
    const { cursor } = first;
    const second = queries.searchGroups({ app, text: 'team', cursor: cursor! });
    expect([namesOf(second), second.cursor]).toEqual([['Team 1'], undefined]);
    expect(refused(() => queries.searchGroups({ app, text: 'tea', cursor: cursor! }))?.code).toBe('CURSOR_INVALID');
  });
});

/** What changes whether and how a group is found, and a join, which doesn't. */
const step = fc.constantFrom<GroupEvent>(
  shows,
  hides,
  infoChanged({ name: 'One' }),
  infoChanged({ name: 'Two' }),
  joined('join', 2, 'a'),
);

test('a build that learns of settings later has the rows of a rebuild, which are those of the groups', async () => {
  const names = [file('older.db'), file('rebuilt.db')] as const;
  const steps = fc.array(fc.tuple(fc.constantFrom('g', 'h'), step, fc.boolean()), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (history, ends) => {
      const log = new Log();
      for (const id of ['g', 'h']) log.group(id, created('o', { name: 'Zero' }));
      for (const [id, event, twice] of history) log.group(id, event, ...(twice ? [event] : []));
      if (ends) log.group('h', dismissed());
      let older = openModel(names[0], { features: olderBuild('settingsChanged', 'infoChanged') });
      const rebuilt = openModel(names[1]);
      try {
        await applyAll(older, log);
        older.close();
        older = openModel(names[0]);
        await applyAll(older, log);
        await applyAll(rebuilt, log);
        expect([...older.dump()]).toEqual([...rebuilt.dump()]);
        const groups = rebuilt.queries.groups({ app, groupIds: ['h', 'g'] }).groups;
        const shown = groups.filter(({ status, settings }) => status === 'live' && settings.visibility === 'public');
        expect(rebuilt.queries.publicGroups({ app })).toEqual({ groups: shown, total: shown.length });
        for (const name of ['Zero', 'One', 'Two']) {
          const expected = shown.filter((group) => group.name === name);
          expect(rebuilt.queries.searchGroups({ app, text: name }).groups).toEqual(expected);
        }
      } finally {
        await discard([older, names[0]], [rebuilt, names[1]]);
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);

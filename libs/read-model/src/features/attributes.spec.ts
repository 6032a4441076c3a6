import { attributesSet, created, dismissed } from '@cohort/contracts/testing';
import { Log } from '../testing/log';
import { testModels } from '../testing/models';

const { modelOf } = testModels();
const app = 'demo';

test('attributes of several groups are those that were set last and not removed, in the order of the ids', async () => {
  const log = new Log();
  log.group('g', created('o'), attributesSet({ type: '2', b: '0' }), attributesSet({ b: '1', '': 'x' }, ['type']));
  log.group('bare', created('o'));
  log.group('cleared', created('o'), attributesSet({ a: '1' }), attributesSet({}, ['a']));
  log.group('old', created('o'), attributesSet({ __proto__: '', a: '1' }), dismissed());
  const { attributes } = (await modelOf(log)).queries;
  expect(attributes({ app, groupIds: ['old', 'none', 'g', 'bare', 'cleared', 'old'] })).toEqual({
    groups: [
      { groupId: 'old', attributes: { a: '1' } },
      { groupId: 'g', attributes: { '': 'x', b: '1' } },
    ],
  });
  expect(attributes({ app: 'other', groupIds: ['g'] })).toEqual({ groups: [] });
});

import { allowListed, created, joined, left, settingsChanged } from '@cohort/contracts/testing';
import type { ReadModel } from './read-model';
import { applyAll, Log } from './testing/log';
import { testModels } from './testing/models';

const { newModel, modelOf, close } = testModels();

/** Everything that the projection remembers in order to look at fewer rows matters here. */
function eventful(others: number): Log {
  const log = new Log();
  log.group('nobody', joined('add', 2, 'u2'));
  log.group('g', created('u1'), joined('add', 2, 'u2'), allowListed('u2'));
  log.group('public', created('u1'), settingsChanged({ visibility: 'public' }));
  for (let i = 0; i < others; i++) log.group(`other-${i}`, created('u1'));
  log.group('nobody', joined('add', 3, 'u3'));
  log.group('g', left(1, 'u2'));
  log.group('public', settingsChanged({ visibility: 'private' }));
  return log;
}
const rowsOf = (model: ReadModel): string[] => [...model.dump()];

describe('what the projection keeps in memory', () => {
  it('is read from the file when it is opened again, wherever the log was left', async () => {
    const log = eventful(0);
    const rows = rowsOf(await modelOf(log));
    expect(rows.filter((row) => row.startsWith('failed_events'))).toHaveLength(1);
    expect(rows.filter((row) => row.startsWith('public_groups'))).toEqual([]);
    expect(rows.filter((row) => row.startsWith('listed_users'))).toEqual([expect.stringContaining('"gone":1')]);
    for (let i = 1; i < log.events.length; i++) {
      const file = `until ${i}.db`;
      let model = newModel({}, file);
      await model.applyBatch(log.events.slice(0, i), log.events[i - 1]!.position);
      model.endAppend();
      close(model);
      model = newModel({}, file);
      await applyAll(model, log);
      expect(rowsOf(model)).toEqual(rows);
    }
  });

  it('is still known after so many groups that rows of the first ones were forgotten', async () => {
    const log = eventful(12_001);
    const rows = rowsOf(await modelOf(log));
    expect(rows.filter((row) => row.startsWith('failed_events'))).toHaveLength(1);
    expect(rows.filter((row) => row.startsWith('public_groups'))).toEqual([]);
    expect(rows.filter((row) => row.startsWith('listed_users'))).toEqual([expect.stringContaining('"gone":1')]);
  });
});

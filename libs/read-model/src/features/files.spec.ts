import { created, fileRemoved, fileRenamed, fileShared } from '@cohort/contracts/testing';
import fc from 'fast-check';
import { applyAll, discard, Log, openModel } from '../testing/log';
import { testModels } from '../testing/models';
import { olderBuild } from '../testing/older-build';
import { refused } from '../testing/refused';
import { time, whole } from '../testing/three-groups';

const { modelAfter, file } = testModels();
const group = { app: 'demo', groupId: 'g' };
const shared = (fileId: string, at: number, over: object = {}) => ({
  fileId,
  name: 'plan.pdf',
  size: 1_024,
  type: 'application/pdf',
  url: 'https://example.org/plan.pdf',
  uploader: 'o',
  createdAt: time(at),
  updatedAt: time(at),
  ...over,
});
const history = [
  created('o'),
  fileShared('1', 'o'),
  fileShared('2', 'a', { name: 'b', size: Number.MAX_SAFE_INTEGER, type: '' }),
  fileShared('3', 'o'),
  fileRenamed('1', 'Plan'),
  fileRemoved(['3', 'o']),
];
const renamed = shared('1', 1, { name: 'Plan', updatedAt: time(4) });
const second = shared('2', 2, { name: 'b', size: Number.MAX_SAFE_INTEGER, type: '', uploader: 'a' });

test('the query file returns a file as it is now, and refuses one that is not there', async () => {
  const { queries } = await modelAfter(...history);
  expect(queries.file({ ...group, fileId: '1' })).toEqual({ groupId: 'g', ...renamed, revision: '5' });
  for (const fileId of ['3', '4'])
    expect(refused(() => queries.file({ ...group, fileId }))?.code).toBe('FILE_NOT_FOUND');
  expect(refused(() => queries.files({ ...group, app: 'other' }))?.code).toBe('GROUP_NOT_FOUND');
});

test('the query files returns the files of a group, the newest first', async () => {
  const { queries } = await modelAfter(...history);
  expect(queries.files(group)).toEqual({ files: [second, renamed], total: 2, revision: '5', ...whole });
});

test('the changes of files have the shared and renamed ones and the ids of the removed ones', async () => {
  const { queries } = await modelAfter(...history);
  const { basis } = queries.files(group);
  expect(queries.files({ ...group, basis, sinceRevision: '2' })).toEqual({
    files: [renamed],
    removed: ['3'],
    total: 2,
    revision: '5',
    basis,
    full: false,
    more: false,
  });
});

/** What may happen to files, as the domain writes it: a file is renamed and removed while it is there. */
const histories = fc
  .array(fc.tuple(fc.constantFrom('share', 'rename', 'remove'), fc.nat(3)), { maxLength: 25 })
  .map((steps) => {
    const log = new Log();
    log.group('g', created('o'));
    let last = 0;
    let there: string[] = [];
    for (const [step, which] of steps) {
      const fileId = there[which];
      if (step === 'share') there.push(String((last += 1)));
      if (step === 'share') log.group('g', fileShared(String(last), 'o'));
      else if (fileId !== undefined && step === 'rename') log.group('g', fileRenamed(fileId, `n${log.events.length}`));
      else if (fileId !== undefined) {
        log.group('g', fileRemoved([fileId, 'o']));
        there = there.filter((id) => id !== fileId);
      }
    }
    return { log, there };
  });

test('a build that learns the events of files later has the rows of a rebuild, and the files that are there', async () => {
  const names = [file('older.db'), file('rebuilt.db')] as const;
  const types = fc.subarray(['fileShared', 'fileRenamed', 'fileRemoved'], { minLength: 1 });
  const keptChanges = 2;
  await fc.assert(
    fc.asyncProperty(histories, types, async ({ log, there }, unknown) => {
      let older = openModel(names[0], { keptChanges, features: olderBuild(...unknown) });
      const rebuilt = openModel(names[1], { keptChanges });
      try {
        await applyAll(older, log);
        older.close();
        older = openModel(names[0], { keptChanges });
        await applyAll(older, log);
        await applyAll(rebuilt, log);
        expect([...older.dump()]).toEqual([...rebuilt.dump()]);
        const { files, total } = rebuilt.queries.files(group);
        expect(files.map(({ fileId }) => fileId).reverse()).toEqual(there);
        expect(total).toBe(there.length);
      } finally {
        await discard([older, names[0]], [rebuilt, names[1]]);
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);
